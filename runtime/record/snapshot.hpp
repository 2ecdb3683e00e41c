// From recorders to a profile.

#pragma once

#include <cstdint>

#include "profile/profile.hpp"

namespace tim {

struct snapshot_options {
    bool collapse_threads = true;
    std::uint32_t max_paths = 1'000'000;
    /// Regions that are still open become laps that end now, as far as their sources can be read
    /// from another thread, and are counted as losses. Otherwise they are left out.
    bool close_open_regions = false;
};

/// What all threads of this process have recorded so far, as a canonical profile without statistics
/// over ranks (see seal()). Threads may go on recording meanwhile: every lap is in it wholly or not
/// at all.
profile take_snapshot(const snapshot_options& options);

}  // namespace tim
