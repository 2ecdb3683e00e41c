// What is kept of a set of values.

#pragma once

#include <cstdint>

namespace tim {

using int128 = __int128;
using uint128 = unsigned __int128;

/// Sum, sum of squares, least and greatest of a set of values. For number::real the same storage
/// holds doubles (sum and squares in the low 8 bytes), see real_of() and raw_of().
struct statistics {
    int128 sum = 0;
    uint128 squares = 0;
    std::int64_t min = 0;
    std::int64_t max = 0;
    bool operator==(const statistics&) const = default;
};

}  // namespace tim
