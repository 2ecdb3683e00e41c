// The GPU summary as a user reads it, and as programs read it.

#pragma once

#include "output/gpu_summary.hpp"
#include "output/writers.hpp"

namespace tim {

/// For a terminal. Stays within some 100 lines however many devices and kernels there are.
void write_gpu_text(const gpu_summary& s, const sink& out);

/// Everything in the summary (`gpu.json`).
void write_gpu_json(const gpu_summary& s, const sink& out);

}  // namespace tim
