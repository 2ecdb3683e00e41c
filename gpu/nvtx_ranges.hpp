// Whose NVTX it is that asks for a tool.

#pragma once

namespace tim::gpu {

/// Set while this library's own NVTX looks for its tool: where that is this library, the ranges
/// that it shows are the regions they are made from.
extern thread_local bool starting_ranges;

}  // namespace tim::gpu
