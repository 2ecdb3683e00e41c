// The calls of CUDA's runtime and driver, as CUPTI announces them.

#pragma once

#include <atomic>
#include <cstddef>

#include <timemory/tools.h>

#include "cupti_library.hpp"
#include "kinds.hpp"
#include "launch_table.hpp"

namespace tim::gpu {

/// Notes the call path of each call that makes the device do something, and makes regions of the
/// calls where that is asked for. The callback may run on any thread.
class api_callbacks {
public:
    explicit api_callbacks(launch_table& launches) : launches_(launches) {}

    /// Asks for the callbacks: of a domain whose calls are regions all, else those of calls that
    /// launch, copy, set, wait or allocate. Returns the first error.
    CUptiResult enable(const cupti_library& cupti, CUpti_SubscriberHandle subscriber,
                       const measured_kinds& kinds);

    void call(CUpti_CallbackDomain domain, CUpti_CallbackId id,
              const CUpti_CallbackData& data) noexcept;

    /// Whether calls with this name give records that are joined to them.
    static bool is_work(const char* name) noexcept;

private:
    static constexpr std::size_t most_calls = 1024;

    timemory_region_t region_of(CUpti_CallbackDomain domain, CUpti_CallbackId id,
                                const char* name) noexcept;

    launch_table& launches_;
    std::atomic<bool> as_regions_[2] = {};  ///< driver, runtime
    std::atomic<timemory_region_t> regions_[2][most_calls] = {};
};

}  // namespace tim::gpu
