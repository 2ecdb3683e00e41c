// From recorders to a profile.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "profile/lap_event.hpp"
#include "profile/profile.hpp"

namespace tim {

/// What a snapshot does with the regions that are open.
enum class open_regions : std::uint8_t {
    leave,  ///< nothing: they go on
    close,  ///< books them as laps that end now, and counts them
    drop,   ///< only counts them
};

struct snapshot_options {
    bool collapse_threads = true;
    std::uint32_t max_paths = 1'000'000;
    /// Regions that are still open become laps that end now, as far as their sources can be read
    /// from another thread, and are counted as losses. Otherwise they are left out.
    open_regions open = open_regions::leave;
    bool own_cost = false;  ///< with what recording each region took, as a component
};

/// What all threads of this process have recorded so far, as a canonical profile without statistics
/// over ranks (see seal()). Threads may go on recording meanwhile: every lap is in it wholly or not
/// at all.
profile take_snapshot(const snapshot_options& options);

/// The laps that timeline_profile kept apart and that have ended, by thread and time.
std::vector<lap_event> take_timeline();

}  // namespace tim
