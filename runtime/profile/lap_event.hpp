// A lap with its place in time: what a profile, which is folded, does not keep.

#pragma once

#include <cstdint>
#include <string>

namespace tim {

/// A lap of a region that timeline_profile kept apart from the others.
struct lap_event {
    std::string name;
    std::uint32_t thread = 0;
    std::int64_t begin = 0;     ///< nanoseconds since 1970
    std::int64_t duration = 0;  ///< nanoseconds
};

}  // namespace tim
