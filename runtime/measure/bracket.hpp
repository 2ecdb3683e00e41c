// Brackets: what a tool opens when a region begins and closes when it ends, such as a pair of
// events on a device. The value of a lap is what closing says.

#pragma once

#include <atomic>
#include <cstdint>

namespace tim {

/// The functions of a tool. Called on the thread that begins or ends the region; neither may throw.
struct bracket {
    std::int64_t (*open)(const char* region);  ///< what `close` is given; the name may not be kept
    std::int64_t (*close)(std::int64_t opened);  ///< the value of the lap, in raw units
};

enum class bracket_kind : std::uint8_t { device_events, tool_ranges, count };

/// As tools have set them, see timemory_set_bracket(); null where there is none: laps are 0.
extern std::atomic<const bracket*> brackets[static_cast<unsigned>(bracket_kind::count)];

}  // namespace tim
