// The records of CUPTI as they are read here.
//
// CUPTI grows a record by appending to it: the structure of each kind of record in CUDA 11.8 is the
// beginning of those in all later versions to 13, so each record is read as the one of 11.8,
// whichever CUPTI made it. ctest/gpu/layout_test.cpp compares each field that is read with the
// headers of every version that is installed. A CUPTI beyond `newest_version` is not used.

#pragma once

// CUPTI's and CUDA's headers, whose warnings are not ours.
#pragma GCC system_header

#include <cstdint>

#include <cupti.h>

namespace tim::gpu {

/// CUPTI_API_VERSION of CUDA 11.8 and 12.0, and of a CUDA after 13.
inline constexpr std::uint32_t oldest_version = 18;
inline constexpr std::uint32_t newest_version = 139999;

using kernel_record = CUpti_ActivityKernel8;
using device_launched_kernel_record = CUpti_ActivityCdpKernel;
using copy_record = CUpti_ActivityMemcpy5;
using peer_copy_record = CUpti_ActivityMemcpyPtoP4;
using set_record = CUpti_ActivityMemset4;
using memory_record = CUpti_ActivityMemory3;
using wait_record = CUpti_ActivitySynchronization;
using unified_record = CUpti_ActivityUnifiedMemoryCounter2;
using overhead_record = CUpti_ActivityOverhead;
using graph_record = CUpti_ActivityGraphTrace;
using device_record = CUpti_ActivityDevice4;

}  // namespace tim::gpu
