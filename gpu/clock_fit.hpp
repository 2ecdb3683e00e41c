// From CUPTI's time stamps to our clock.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tim::gpu {

/// One reading of both clocks: ours, CUPTI's, and ours again.
struct clock_pair {
    std::int64_t before = 0;
    std::int64_t theirs = 0;
    std::int64_t after = 0;
};

/// The two clocks drift against each other: CUPTI's follows the corrections of the system's time,
/// ours does not. Both are read together from time to time; between two such points the difference
/// is taken to change evenly, and beyond them as in the nearest piece.
class clock_fit {
public:
    static constexpr std::size_t most_points = 512;

    /// Takes the pair of a group whose readings lie closest together: the others were interrupted.
    /// Points must ascend; one that does not is left out.
    void add(const std::vector<clock_pair>& group);

    /// 0 points: the time stamp as it is.
    [[nodiscard]] std::int64_t ours(std::int64_t theirs) const noexcept;

    [[nodiscard]] std::size_t points() const noexcept { return points_.size(); }

private:
    struct point {
        std::int64_t theirs;
        std::int64_t offset;  ///< ours less theirs
    };
    std::vector<point> points_;
    std::size_t stride_ = 1;  ///< of the points given, each such one is kept
    std::size_t skipped_ = 0;
};

}  // namespace tim::gpu
