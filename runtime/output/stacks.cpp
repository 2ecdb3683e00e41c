#include "output/stacks.hpp"

#include <fmt/format.h>

#include <limits>

#include "output/json_parts.hpp"

namespace tim {

bool has_stacks(const component_description& what) {
    return what.type == number::integer && what.fields() == 1 && what.elements.empty() &&
           what.over_laps == combine::sum && what.has_sum;
}

std::vector<std::string> with_stacks(const result& r,
                                     const std::vector<std::string>& component_ids) {
    std::vector<std::string> ids;
    for (const std::string& id : component_ids)
        if (has_stacks(profiles_with(r, id).front()->find(id)->what)) ids.push_back(id);
    return ids;
}

std::uint64_t own_part(const view& v, std::size_t row) {
    const int128 own = v.exclusive(row, 0);
    if (own <= 0) return 0;
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    return own > static_cast<int128>(most) ? most : static_cast<std::uint64_t>(own);
}

std::optional<rank_range> ranks_of(const result& r, const profile& p) {
    if (!r.mpi || r.collapsed_ranks || p.ranks.empty()) return {};
    return rank_range{.first = p.ranks.front().first, .last = p.ranks.back().last};
}

std::string owner_of(const result& r, const view& v, std::size_t row) {
    std::string owner;
    if (const auto ranks = ranks_of(r, v.of()))
        owner = ranks->first == ranks->last ? fmt::format("rank {}", ranks->first)
                                            : fmt::format("ranks {}-{}", ranks->first, ranks->last);
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
