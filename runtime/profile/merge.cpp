// Merging works in two steps: the paths of all sources are united in a path_tree, which says where
// each path of each source goes, and what is too much is cut; then the rows of each component
// follow their paths. Beside the sources and the result it takes some bytes for each path, but no
// row.
//
// `order` of a path is the position in the preorder of the lowest rank that has it. It is assigned
// where the trees of one rank become a profile (canonical(), collapse_threads()); every merge keeps
// the least (first_rank, order) of its inputs, and the least of pairs is associative and
// commutative, so the order of siblings does not depend on the order of merging.

#include "profile/merge.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "profile/component_rows.hpp"
#include "profile/cut_paths.hpp"
#include "profile/path_tree.hpp"

namespace tim {
namespace {

/// All of a profile but its paths and rows.
profile without_paths(const profile& p) {
    profile out;
    out.ranks = p.ranks;
    out.world_size = p.world_size;
    out.job = p.job;
    out.first_pid = p.first_pid;
    out.started = p.started;
    out.threads = p.threads;
    out.losses = p.losses;
    out.measuring = p.measuring;
    return out;
}

std::uint64_t lower_nonzero(std::uint64_t a, std::uint64_t b) noexcept {
    return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

std::vector<rank_range> unite(std::vector<rank_range> ranges, std::span<const rank_range> more) {
    ranges.insert(ranges.end(), more.begin(), more.end());
    std::sort(ranges.begin(), ranges.end(), [](const rank_range& a, const rank_range& b) {
        return std::tie(a.first, a.last) < std::tie(b.first, b.last);
    });
    std::vector<rank_range> united;
    for (const rank_range& r : ranges) {
        if (!united.empty() && r.first <= std::uint64_t{united.back().last} + 1) {
            united.back().last = std::max(united.back().last, r.last);
        } else {
            united.push_back(r);
        }
    }
    return united;
}

/// Of which of two profiles the first process is the first of both: that of the lowest rank, of one
/// rank that which began first. Profiles that have no rank yet come last.
const profile& with_first_process(const profile& a, const profile& b) noexcept {
    constexpr auto lowest = [](const profile& p) {
        return p.ranks.empty() ? std::numeric_limits<std::uint64_t>::max()
                               : std::uint64_t{p.ranks[0].first};
    };
    if (lowest(a) != lowest(b)) return lowest(a) < lowest(b) ? a : b;
    if (a.first_pid == 0 || b.first_pid == 0) return a.first_pid == 0 ? b : a;
    return std::tie(a.started, a.first_pid) <= std::tie(b.started, b.first_pid) ? a : b;
}

void unite_tables(profile& out, std::span<const profile* const> sources,
                  const std::array<std::vector<std::uint32_t>, 2>& to, const cut_paths& is_cut,
                  std::uint32_t max_paths) {
    std::vector<const std::vector<keyed_table>*> tables;
    std::vector<path_map> maps;
    for (std::size_t source = 0; source < sources.size(); ++source) {
        tables.push_back(&sources[source]->tables);
        maps.emplace_back([&to, &is_cut, source](std::uint32_t p) {
            const std::uint32_t there = to.at(source).at(p);
            return is_cut.has(there) ? is_cut.target(there - is_cut.first) : there;
        });
    }
    out.tables = merge_tables(tables, maps, std::max<std::uint32_t>(max_paths, 2), out.losses);
}

/// Gives `out`, which has neither, the paths, rows and tables of one or two canonical profiles, and
/// cuts what exceeds `max_paths`. Over ranks, only the sum of a row of <capped> is exact: its paths
/// may have been on the same ranks or not.
void unite(profile& out, std::span<const profile* const> sources, dimension over,
           std::uint32_t max_paths) {
    std::array<std::vector<std::uint32_t>, 2> to;
    {
        std::size_t most = 1;
        for (const profile* from : sources) most += from->paths.size();
        path_tree tree(most);
        for (std::size_t source = 0; source < sources.size(); ++source) {
            const profile& from = *sources[source];
            std::vector<std::uint32_t>& target = to.at(source);
            target.reserve(from.paths.size());
            for (path p : from.paths) {
                if (!target.empty()) p.parent = target[p.parent];
                target.push_back(tree.add(p, from.names[p.name]));
            }
        }
        if (most == 1) tree.add_root();
        const std::vector<std::uint32_t> position = tree.arrange(out);
        for (std::vector<std::uint32_t>& target : to) {
            for (std::uint32_t& t : target) t = position[t];
        }
    }
    const cut_paths is_cut = cut(out, max_paths, to);

    // First of all, while there are no rows yet in memory.
    unite_tables(out, sources, to, is_cut, max_paths);

    // The components of all sources are ascending by id.
    std::array<std::size_t, 2> next = {0, 0};
    for (;;) {
        const std::string* id = nullptr;
        for (std::size_t source = 0; source < sources.size(); ++source) {
            const auto& components = sources[source]->components;
            if (next.at(source) == components.size()) continue;
            const std::string& its = components[next.at(source)].what.id;
            if (id == nullptr || its < *id) id = &its;
        }
        if (id == nullptr) break;
        std::array<row_source, 2> rows;
        std::size_t count = 0;
        for (std::size_t source = 0; source < sources.size(); ++source) {
            const auto& components = sources[source]->components;
            std::size_t& at = next.at(source);
            if (at == components.size() || components[at].what.id != *id) continue;
            rows.at(count++) = {&components[at++], to.at(source)};
        }
        combine_component(out, std::span(rows).first(count), over, is_cut);
    }
}

/// canonical(), and without the level of threads if `drop_threads`.
profile rebuild(const profile& p, dimension over, bool drop_threads) {
    profile out = without_paths(p);
    std::vector<std::uint32_t> to;
    to.reserve(p.paths.size());
    {
        path_tree tree(p.paths.size() + 1);
        if (p.paths.empty()) tree.add_root();
        for (path here : p.paths) {
            if (to.empty()) {
                to.push_back(tree.add_root(here));
                continue;
            }
            here.parent = to[here.parent];
            if (drop_threads && here.kind == path_kind::thread) {
                to.push_back(here.parent);
                continue;
            }
            here.hash = path_hash(tree.hash(here.parent), here.kind, p.name(here));
            to.push_back(tree.add(here, p.names[here.name]));
        }
        const std::vector<std::uint32_t> position = tree.arrange(out);
        for (std::uint32_t& t : to) t = position[t];
    }
    if (is_one_rank(out)) {
        for (std::uint32_t i = 0; i < out.paths.size(); ++i) out.paths[i].order = i;
    }
    if (to.empty()) return out;
    const std::array<const std::vector<keyed_table>*, 1> tables{&p.tables};
    const std::array<path_map, 1> map{[&to](std::uint32_t i) { return to.at(i); }};
    out.tables = merge_tables(tables, map, UINT64_MAX, out.losses);

    std::vector<row_source> sources;
    for (const component_columns& c : p.components) sources.push_back({&c, to});
    const auto id = [](const row_source& s) -> const std::string& { return s.columns->what.id; };
    std::stable_sort(sources.begin(), sources.end(),
                     [&](const row_source& a, const row_source& b) { return id(a) < id(b); });
    for (std::size_t first = 0; first < sources.size();) {
        std::size_t last = first;
        while (last < sources.size() && id(sources[last]) == id(sources[first])) ++last;
        combine_component(out, std::span(sources).subspan(first, last - first), over);
        first = last;
    }
    return out;
}

}  // namespace

profile merge(const profile& a, const profile& b, dimension over, std::uint32_t max_paths) {
    profile out = without_paths(a);
    out.ranks = unite(std::move(out.ranks), b.ranks);
    out.world_size = std::max(a.world_size, b.world_size);
    out.job = lower_nonzero(a.job, b.job);
    const profile& first = with_first_process(a, b);
    out.first_pid = first.first_pid;
    out.started = first.started;
    out.threads = std::max(a.threads, b.threads);
    for (const auto& [cause, count] : b.losses) out.losses[cause] += count;
    out.measuring += b.measuring;
    const std::array sources{&a, &b};
    unite(out, sources, over, max_paths);
    return out;
}

profile merge_ranks(std::span<const profile> profiles) {
    if (profiles.empty()) return empty_profile();
    if (profiles.size() == 1) return profiles.front();
    const std::size_t half = profiles.size() / 2;
    return merge(merge_ranks(profiles.first(half)), merge_ranks(profiles.subspan(half)),
                 dimension::ranks, std::numeric_limits<std::uint32_t>::max());
}

profile seal(profile p, std::uint32_t rank, std::uint32_t world_size) {
    p.ranks = {{rank, rank}};
    p.world_size = world_size;
    for (path& here : p.paths) here.first_rank = rank;
    for (component_columns& c : p.components) {
        for (std::size_t row = 0; row < c.path.size(); ++row) seal_row(c, row, rank);
    }
    set_rank(p.tables, rank);
    return p;
}

profile canonical(const profile& p, dimension over) {
    return rebuild(p, over, false);
}

profile collapse_threads(const profile& p, std::uint32_t max_paths) {
    profile whole = rebuild(p, dimension::threads, true);
    if (whole.paths.size() <= max_paths) return whole;
    profile out = without_paths(whole);
    const std::array<const profile*, 1> sources{&whole};
    unite(out, sources, dimension::threads, max_paths);
    return out;
}

}  // namespace tim
