#include "output/stacks.hpp"

#include <fmt/format.h>

#include <limits>

namespace tim {

bool has_stacks(const component_description& what) {
    return what.type == number::integer && what.fields() == 1 && what.elements.empty() &&
           what.over_laps == combine::sum && what.has_sum;
}

std::uint64_t own_part(const view& v, std::size_t row) {
    const int128 own = v.exclusive(row, 0);
    if (own <= 0) return 0;
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    return own > static_cast<int128>(most) ? most : static_cast<std::uint64_t>(own);
}

std::string owner_of(const result& r, const view& v, std::size_t row) {
    std::string owner;
    if (r.mpi && !r.collapsed_ranks && !v.of().ranks.empty()) {
        const rank_range& first = v.of().ranks.front();
        const rank_range& last = v.of().ranks.back();
        owner = first.first == last.last ? fmt::format("rank {}", first.first)
                                         : fmt::format("ranks {}-{}", first.first, last.last);
    }
    if (v.has_threads())
        owner += fmt::format("{}thread {}", owner.empty() ? "" : " ", v.rows()[row].thread);
    return owner;
}

std::uint64_t name_numbers::of(std::string_view name) {
    const auto [found, is_new] = numbers_.try_emplace(std::string{name}, names_.size());
    if (is_new) names_.push_back(&found->first);
    return found->second;
}

}  // namespace tim
