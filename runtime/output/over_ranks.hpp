// One quantity over the ranks of a job: the mean, and who has least and most.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "profile/statistics.hpp"

namespace tim {

/// A file may hold any number: what does not fit is the greatest or the least that does.
std::int64_t clamped(int128 value) noexcept;
std::int64_t clamped(double value) noexcept;

/// `to` plus `value`, clamped.
void add(std::int64_t& to, std::int64_t value) noexcept;

/// A quantity over ranks. Ties go to the lowest rank.
struct over_ranks {
    std::uint64_t ranks = 0;  ///< how many it is over
    double mean = 0;
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::int64_t min_rank = 0;
    std::int64_t max_rank = 0;
};

/// Makes an over_ranks of the values of those ranks that have some, which are told in ascending
/// order. It refers to the numbers of all ranks of the job, ascending.
class rank_spread {
public:
    /// Adds to what the rank at this place among `ranks` has.
    void add(std::span<const std::int64_t> ranks, std::size_t index, std::int64_t value);
    /// Ranks that were not told have 0.
    over_ranks finish(std::span<const std::int64_t> ranks);
    [[nodiscard]] std::int64_t sum() const noexcept { return clamped(sum_ + pending()); }

private:
    static constexpr std::size_t none = SIZE_MAX;

    [[nodiscard]] int128 pending() const noexcept { return index_ == none ? 0 : value_; }
    void flush(std::span<const std::int64_t> ranks);

    over_ranks so_far_;
    int128 sum_ = 0;
    std::int64_t value_ = 0;
    std::size_t index_ = none;
    std::size_t next_ = 0;
    std::optional<std::size_t> missing_;
};

}  // namespace tim
