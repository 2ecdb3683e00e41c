// Plots: `timemory.plotting`, run as a child process on the flat JSON files.

#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace tim {

struct plot_outcome {
    std::vector<std::string> files;  ///< pictures that were made
    std::string problem;             ///< one line, empty if there is none
};

/// Runs `<python> -m timemory.plotting` on `json_files`, the pictures beside them. Without the
/// environment of MPI and of timemory, so that the child is neither a rank of the job nor measured;
/// ends it after `limit`. Never throws.
plot_outcome make_plots(const std::string& python, const std::vector<std::string>& json_files,
                        std::chrono::milliseconds limit) noexcept;

}  // namespace tim
