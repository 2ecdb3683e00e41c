#include "output/over_ranks.hpp"

#include <limits>

namespace tim {

std::int64_t clamped(int128 value) noexcept {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    return value > most ? most : value < -most ? -most : static_cast<std::int64_t>(value);
}

std::int64_t clamped(double value) noexcept {
    constexpr double most = 9.2e18;
    return value >= most   ? std::numeric_limits<std::int64_t>::max()
           : value > -most ? static_cast<std::int64_t>(value)
                           : -std::numeric_limits<std::int64_t>::max();
}

void add(std::int64_t& to, std::int64_t value) noexcept {
    to = clamped(int128{to} + value);
}

void rank_spread::add(std::span<const std::int64_t> ranks, std::size_t index, std::int64_t value) {
    if (index == index_) return tim::add(value_, value);
    flush(ranks);
    if (!missing_ && index != next_) missing_ = next_;
    next_ = index + 1;
    index_ = index;
    value_ = value;
}

over_ranks rank_spread::finish(std::span<const std::int64_t> ranks) {
    flush(ranks);
    if (!missing_ && next_ < ranks.size()) missing_ = next_;
    over_ranks o = so_far_;
    if (missing_ && (o.ranks == 0 || o.min >= 0)) {
        const std::int64_t rank = ranks[*missing_];
        if (o.ranks == 0 || o.min > 0 || rank < o.min_rank) o.min_rank = rank;
        o.min = 0;
    }
    o.ranks = ranks.size();
    o.mean = ranks.empty() ? 0 : static_cast<double>(sum_) / static_cast<double>(o.ranks);
    return o;
}

void rank_spread::flush(std::span<const std::int64_t> ranks) {
    if (index_ == none) return;
    const std::int64_t rank = ranks[index_];
    if (so_far_.ranks == 0 || value_ < so_far_.min) {
        so_far_.min = value_;
        so_far_.min_rank = rank;
    }
    if (so_far_.ranks == 0 || value_ > so_far_.max) {
        so_far_.max = value_;
        so_far_.max_rank = rank;
    }
    ++so_far_.ranks;
    sum_ += value_;
    index_ = none;
}

}  // namespace tim
