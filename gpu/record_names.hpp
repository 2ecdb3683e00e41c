// What is written for the numbers in CUPTI's records.

#pragma once

#include <cstdint>
#include <string_view>

namespace tim::gpu {

/// "copy host to device"; "copy" for a kind that is not known.
std::string_view copy_name(std::uint8_t kind) noexcept;

/// "device", "managed"...: of the memory that is allocated, copied or set.
std::string_view memory_name(std::uint32_t kind) noexcept;

/// "set device memory".
std::string_view set_name(std::uint32_t kind) noexcept;

/// "wait for a stream".
std::string_view wait_name(std::uint32_t type) noexcept;

/// "page faults of a device".
std::string_view unified_name(std::uint32_t kind) noexcept;

/// "CUPTI: instrumentation"; what the driver does begins with "CUDA: ".
std::string_view overhead_name(std::uint32_t kind) noexcept;

/// Whether it is CUPTI's; of a kind that is not known it is taken to be.
bool is_of_cupti(std::uint32_t overhead_kind) noexcept;

}  // namespace tim::gpu
