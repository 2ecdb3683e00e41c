// The component nvtx_marker: regions as NVTX ranges, for the NVIDIA tool that the program runs
// under, such as Nsight Systems. A range that is started, not pushed: regions may end on another
// thread, or out of order.

#include "nvtx_ranges.hpp"

#include <nvtx3/nvToolsExt.h>
#include <timemory/tools.h>

#include <cstdint>

namespace tim::gpu {

thread_local bool starting_ranges = false;

namespace {

std::int64_t open(const char* region) {
    return static_cast<std::int64_t>(nvtxRangeStartA(region));
}

std::int64_t close(std::int64_t opened) {
    nvtxRangeEnd(static_cast<nvtxRangeId_t>(opened));
    return 1;
}

}  // namespace
}  // namespace tim::gpu

/// For libtimemory: a region has nvtx_marker.
extern "C" TIMEMORY_API void timemory_gpu_ranges() {
    tim::gpu::starting_ranges = true;
    nvtxInitialize(nullptr);
    tim::gpu::starting_ranges = false;
    timemory_set_bracket("nvtx_marker", tim::gpu::open, tim::gpu::close);
}
