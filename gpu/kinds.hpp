// What is measured: the settings cupti_activity_level and cupti_activity_kinds.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "records.hpp"

namespace tim::gpu {

/// The kinds of records to enable, and what is served by callbacks and not by records.
struct measured_kinds {
    std::vector<CUpti_ActivityKind> records;
    bool runtime_calls = false;  ///< calls of the runtime API are regions
    bool driver_calls = false;
};

/// 0: kernels; 1: also copies, sets, waits and allocations; 2: also the calls of the runtime and
/// the driver, and unified memory. What is cheap and explains the others comes always: devices and
/// overhead. 3 is as 2: kernels that kernels launch come with the kernels, NVTX with its injection.
measured_kinds kinds_of_level(int level);

/// A list of names ("memcpy") or of CUPTI's numbers, separated by comma, semicolon, colon or space.
/// What is neither goes to `wrong`.
measured_kinds kinds_of_list(std::string_view list, std::vector<std::string>& wrong);

/// The names that a list may have.
std::string kind_names();

/// The names of kinds: "memcpy, memset".
std::string names_of(const measured_kinds& kinds);

}  // namespace tim::gpu
