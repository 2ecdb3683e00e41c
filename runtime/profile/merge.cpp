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
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <xxhash.h>

#include "profile/index_table.hpp"

namespace tim {
namespace {

constexpr std::uint32_t nowhere = UINT32_MAX;
const shared_name no_name;
const shared_name capped_name{"<capped>"};
constexpr const char* capped_loss = "capped paths";
constexpr const char* differing_loss = "rows of a component described in two ways";

/// A tree of paths in any order that has parents before children; no two siblings are equal.
class path_tree {
public:
    explicit path_tree(std::size_t capacity) : table_(capacity) {
        paths_.reserve(capacity);
        names_.reserve(capacity);
    }

    /// The index of the path; `p.parent` is an index in this tree. A path that was there keeps the
    /// least (first_rank, order). `name` must outlive the tree.
    std::uint32_t add(const path& p, const shared_name& name) {
        const auto next = static_cast<std::uint32_t>(paths_.size());
        const std::uint32_t found = table_.find_or_insert(p.hash, next, [&](std::uint32_t i) {
            const path& other = paths_[i];
            return other.hash == p.hash && other.parent == p.parent && other.kind == p.kind &&
                   *names_[i] == name;
        });
        if (found == next) {
            paths_.push_back(p);
            names_.push_back(&name);
        } else {
            path& known = paths_[found];
            if (std::tie(p.first_rank, p.order) < std::tie(known.first_rank, known.order)) {
                known.first_rank = p.first_rank;
                known.order = p.order;
            }
        }
        return found;
    }

    std::uint32_t add_root() { return add({.hash = path_hash(0, path_kind::root, {})}, no_name); }
    [[nodiscard]] std::uint64_t hash(std::uint32_t i) const { return paths_[i].hash; }

    /// Puts the tree into canonical order as the paths and names of `out`. Returns where each path
    /// went. No path can be added afterwards.
    std::vector<std::uint32_t> arrange(profile& out) {
        table_ = index_table(0);
        const std::size_t count = paths_.size();
        std::vector<std::uint32_t> position = preorder();
        std::vector<std::uint32_t> at(count);
        for (std::uint32_t i = 0; i < count; ++i) at[position[i]] = i;

        index_table table(count);
        out.paths.resize(count);
        out.names.clear();
        for (std::size_t i = 0; i < count; ++i) {
            const shared_name& shared = *names_[at[i]];
            const std::string_view name = shared;
            path& p = out.paths[i];
            p = paths_[at[i]];
            p.parent = position[p.parent];
            const auto next = static_cast<std::uint32_t>(out.names.size());
            p.name = table.find_or_insert(XXH3_64bits(name.data(), name.size()), next,
                                          [&](std::uint32_t n) { return out.names[n] == name; });
            if (p.name == next) out.names.push_back(shared);
        }
        return position;
    }

private:
    [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const {
        const auto key = [this](std::uint32_t i) {
            const path& p = paths_[i];
            return std::tuple(p.first_rank, p.order, p.hash, p.kind, std::string_view(*names_[i]));
        };
        return key(a) < key(b);
    }

    /// The canonical position of each path.
    [[nodiscard]] std::vector<std::uint32_t> preorder() const {
        const std::size_t count = paths_.size();
        // children of i: child[first[i]] up to child[first[i + 1]]
        std::vector<std::uint32_t> first(count + 2, 0);
        std::vector<std::uint32_t> child(count);
        for (std::size_t i = 1; i < count; ++i) ++first[paths_[i].parent + 2];
        std::partial_sum(first.begin(), first.end(), first.begin());
        for (std::uint32_t i = 1; i < count; ++i) child[first[paths_[i].parent + 1]++] = i;

        std::vector<std::uint32_t> size(count, 1);
        for (std::size_t i = count; i-- > 1;) size[paths_[i].parent] += size[i];

        std::vector<std::uint32_t> position(count, 0);
        const auto less = [this](std::uint32_t a, std::uint32_t b) { return before(a, b); };
        for (std::size_t i = 0; i < count; ++i) {
            const std::span siblings(child.data() + first[i], child.data() + first[i + 1]);
            if (!std::is_sorted(siblings.begin(), siblings.end(), less)) {
                std::sort(siblings.begin(), siblings.end(), less);
            }
            std::uint32_t next = position[i] + 1;
            for (const std::uint32_t c : siblings) {
                position[c] = next;
                next += size[c];
            }
        }
        return position;
    }

    std::vector<path> paths_;  // path::name is not used here
    std::vector<const shared_name*> names_;
    index_table table_;
};

// Arithmetic. Sums wrap around instead of overflowing: a damaged file may hold any value.

int128 sum(int128 a, int128 b, number type) noexcept {
    if (type == number::real) return raw_of(real_of(a) + real_of(b));
    return static_cast<int128>(static_cast<uint128>(a) + static_cast<uint128>(b));
}

/// a < b in an order that is total for reals too (NaN last), so that a choice does not depend on
/// which comes first.
bool less(int128 a, int128 b, number type) noexcept {
    if (type == number::integer) return a < b;
    const double x = real_of(a);
    const double y = real_of(b);
    if (std::isnan(x) || std::isnan(y)) return !std::isnan(x);
    return x < y || (x == y && std::signbit(x) && !std::signbit(y));
}

void add_sums(statistics& to, const statistics& from, number type) noexcept {
    to.sum = sum(to.sum, from.sum, type);
    to.squares = static_cast<uint128>(
        sum(static_cast<int128>(to.squares), static_cast<int128>(from.squares), type));
}

/// `to_count` and `from_count` tell how many values are behind each: none must not pull min or max.
void add_laps(statistics& to, std::uint64_t to_count, const statistics& from,
              std::uint64_t from_count, number type) noexcept {
    add_sums(to, from, type);
    if ((to_count == 0) != (from_count == 0)) {
        if (to_count == 0) std::tie(to.min, to.max) = std::tie(from.min, from.max);
        return;
    }
    if (less(from.min, to.min, type)) to.min = from.min;
    if (less(to.max, from.max, type)) to.max = from.max;
}

void add_ranks(rank_statistics& to, const rank_statistics& from, std::uint64_t rank_limit,
               number type) noexcept {
    if (from.ranks == 0) return;
    if (to.ranks == 0) {
        to = from;
        return;
    }
    add_sums(to.values, from.values, type);
    if (less(from.values.min, to.values.min, type)) {
        std::tie(to.values.min, to.min_rank) = std::tie(from.values.min, from.min_rank);
    } else if (!less(to.values.min, from.values.min, type)) {
        to.min_rank = std::min(to.min_rank, from.min_rank);
    }
    if (less(to.values.max, from.values.max, type)) {
        std::tie(to.values.max, to.max_rank) = std::tie(from.values.max, from.max_rank);
    } else if (!less(from.values.max, to.values.max, type)) {
        to.max_rank = std::min(to.max_rank, from.max_rank);
    }
    to.ranks = std::min(to.ranks + from.ranks, rank_limit);
}

combine rule_of(const component_description& what, dimension over) noexcept {
    switch (over) {
        case dimension::laps:
            return what.over_laps;
        case dimension::threads:
            return what.over_threads;
        case dimension::processes:
        case dimension::ranks:
            break;
    }
    return what.over_ranks;
}

/// The greatest value, but a row without laps says nothing beside one that has some.
void add_maximum(int128& to, std::uint64_t to_laps, int128 from, std::uint64_t from_laps,
                 number type) noexcept {
    if ((to_laps == 0) != (from_laps == 0)) {
        if (to_laps == 0) to = from;
    } else if (less(to, from, type)) {
        to = from;
    }
}

/// Sets the statistics over ranks to those of one rank: of the row's total.
void seal_row(component_columns& c, std::size_t row, std::uint32_t rank) noexcept {
    for (std::size_t f = 0; f < c.fields.size(); ++f) {
        const bool quotient = c.what.ratio && f == 2;
        rank_statistics& r = c.fields[f].ranks[row];
        r = {.ranks = 1, .values = {}, .min_rank = rank, .max_rank = rank};
        if (c.what.type == number::real) {
            const double total = quotient ? static_cast<double>(ratio_value(c, row))
                                          : real_of(c.fields[f].value[row]);
            r.values.sum = raw_of(total);
            r.values.squares = static_cast<uint128>(raw_of(total * total));
            r.values.min = r.values.max = static_cast<std::int64_t>(raw_of(total));
        } else {
            const int128 total = quotient ? ratio_value(c, row) : c.fields[f].value[row];
            const int128 narrow =
                std::clamp<int128>(total, std::numeric_limits<std::int64_t>::min(),
                                   std::numeric_limits<std::int64_t>::max());
            r.values.sum = total;
            r.values.squares = static_cast<uint128>(narrow * narrow);
            r.values.min = r.values.max = static_cast<std::int64_t>(narrow);
        }
    }
}

bool is_one_rank(const profile& p) noexcept {
    return p.ranks.empty() || (p.ranks.size() == 1 && p.ranks[0].first == p.ranks[0].last);
}

std::uint64_t count_ranks(const profile& p) noexcept {
    std::uint64_t count = 0;
    for (const rank_range& r : p.ranks) count += std::uint64_t{r.last} - r.first + 1;
    return count;
}

/// Rows of one component, and where each path of its profile went.
struct row_source {
    const component_columns* columns = nullptr;
    std::span<const std::uint32_t> to;
};

/// A total order, so that of two descriptions of a component the same one is always taken.
bool comes_first(const component_description& a, const component_description& b) {
    const auto key = [](const component_description& d) {
        return std::tie(d.type, d.ratio, d.label, d.description, d.aliases, d.enum_value, d.kind,
                        d.unit, d.unit_value, d.over_laps, d.over_threads, d.over_ranks,
                        d.per_thread, d.has_sum, d.elements);
    };
    return key(a) < key(b);
}

/// Adds row `i` of `from` to row `row` of `to`, or copies it there if nothing is there yet.
void add_row(component_columns& to, std::size_t row, bool fresh, const component_columns& from,
             std::size_t i, combine rule, std::uint64_t rank_limit) {
    const number type = to.what.type;
    for (std::size_t f = 0; f < to.fields.size(); ++f) {
        field_columns& a = to.fields[f];
        const field_columns& b = from.fields[f];
        if (fresh) {
            a.value[row] = b.value[i];
            a.laps[row] = b.laps[i];
            a.ranks[row] = b.ranks[i];
            continue;
        }
        if (rule == combine::sum) {
            a.value[row] = sum(a.value[row], b.value[i], type);
        } else {
            add_maximum(a.value[row], to.laps[row], b.value[i], from.laps[i], type);
        }
        add_laps(a.laps[row], to.laps[row], b.laps[i], from.laps[i], type);
        add_ranks(a.ranks[row], b.ranks[i], rank_limit, type);
    }
    to.laps[row] += from.laps[i];
}

/// Where the paths go that are too many. They are numbered from 0 on in canonical order; where a
/// path of a source goes to is `first` + its number if it is one of them.
struct cut_paths {
    std::uint32_t first = nowhere;  ///< the number of paths that are left; `nowhere`: none is cut
    std::vector<std::uint32_t> above;  ///< the parent, if it is cut; else size() + its <capped>

    [[nodiscard]] std::size_t size() const { return above.size(); }
    [[nodiscard]] bool has(std::uint32_t to) const { return to >= first; }
    [[nodiscard]] bool parent_is_cut(std::size_t i) const { return above[i] < size(); }
    /// The path that takes a row of the path `i`.
    [[nodiscard]] std::uint32_t target(std::size_t i) const {
        while (parent_is_cut(i)) i = above[i];
        return above[i] - static_cast<std::uint32_t>(size());
    }
};

/// The rows of one path that is cut, of each source one at most.
struct cut_row {
    std::array<std::uint32_t, 2> of = {nowhere, nowhere};
    [[nodiscard]] bool exists() const { return of[0] != nowhere || of[1] != nowhere; }
};

/// For each path that is cut its row if it goes into <capped>: of each subtree that is cut the
/// topmost do, because they hold the values of the rows below.
std::vector<cut_row> topmost_cut_rows(std::span<const row_source> sources, const cut_paths& cut) {
    std::vector<cut_row> rows(cut.size());
    if (rows.empty()) return rows;
    for (std::size_t source = 0; source < sources.size(); ++source) {
        const row_source& s = sources[source];
        for (std::uint32_t i = 0; i < s.columns->path.size(); ++i) {
            const std::uint32_t to = s.to[s.columns->path[i]];
            if (cut.has(to)) rows[to - cut.first].of.at(source) = i;
        }
    }
    std::vector<bool> covered(rows.size(), false);  // it, or one above it that is cut, has a row
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool below_another = cut.parent_is_cut(i) && covered[cut.above[i]];
        covered[i] = below_another || rows[i].exists();
        if (below_another) rows[i] = {};
    }
    return rows;
}

void make_rows(component_columns& c, std::size_t rows) {
    c.laps.resize(rows);
    c.fields.resize(c.what.fields());
    for (field_columns& f : c.fields) {
        f.value.resize(rows);
        f.laps.resize(rows);
        f.ranks.resize(rows);
    }
}

/// The row of a path, which has one; quick for the path after that of the row `last`.
std::size_t row_of(const component_columns& c, std::uint32_t path, std::size_t last) {
    if (last + 1 < c.path.size() && c.path[last + 1] == path) return last + 1;
    const auto found = std::lower_bound(c.path.begin(), c.path.end(), path);
    return static_cast<std::size_t>(found - c.path.begin());
}

/// Adds the component that `sources` (all of one id) make up to `out`, whose paths are final. Rows
/// that are cut are added to <capped> as over laps, after those of two sources were combined.
void combine_component(profile& out, std::span<row_source> sources, dimension over,
                       const cut_paths& cut = {}) {
    component_columns c;
    c.what = sources[0].columns->what;
    for (const row_source& s : sources) {
        if (comes_first(s.columns->what, c.what)) c.what = s.columns->what;
    }
    const auto differs = [&](const row_source& s) {
        const component_description& what = s.columns->what;
        const bool fits = what.type == c.what.type && what.ratio == c.what.ratio &&
                          what.fields() == c.what.fields() &&
                          what.quotient_scale() == c.what.quotient_scale();
        if (!fits) out.losses[differing_loss] += s.columns->path.size();
        return !fits;
    };
    const auto end = std::remove_if(sources.begin(), sources.end(), differs);
    sources = sources.first(static_cast<std::size_t>(end - sources.begin()));

    const std::vector<cut_row> cut_rows = topmost_cut_rows(sources, cut);
    std::vector<bool> empty(out.paths.size(), false);  // has a row that has no value yet
    for (const row_source& s : sources) {
        for (const std::uint32_t p : s.columns->path) {
            if (!cut.has(s.to[p])) empty[s.to[p]] = true;
        }
    }
    for (std::size_t i = 0; i < cut_rows.size(); ++i) {
        if (cut_rows[i].exists()) empty[cut.target(i)] = true;
    }
    const auto rows = static_cast<std::size_t>(std::count(empty.begin(), empty.end(), true));
    if (rows == 0) return;
    c.path.reserve(rows);
    for (std::uint32_t p = 0; p < empty.size(); ++p) {
        if (empty[p]) c.path.push_back(p);
    }
    make_rows(c, rows);

    const std::uint64_t rank_limit = count_ranks(out);
    for (const row_source& s : sources) {
        std::size_t row = rows;
        for (std::size_t i = 0; i < s.columns->path.size(); ++i) {
            const std::uint32_t p = s.to[s.columns->path[i]];
            if (cut.has(p)) continue;
            row = row_of(c, p, row);
            add_row(c, row, empty[p], *s.columns, i, rule_of(c.what, over), rank_limit);
            empty[p] = false;
        }
    }
    component_columns one;
    if (!cut_rows.empty()) {
        one.what = c.what;
        make_rows(one, 1);
    }
    for (std::size_t i = 0; i < cut_rows.size(); ++i) {
        if (!cut_rows[i].exists()) continue;
        one.laps[0] = 0;
        bool fresh = true;
        for (std::size_t source = 0; source < sources.size(); ++source) {
            const std::uint32_t its = cut_rows[i].of.at(source);
            if (its == nowhere) continue;
            add_row(one, 0, fresh, *sources[source].columns, its, rule_of(c.what, over),
                    rank_limit);
            fresh = false;
        }
        const std::uint32_t target = cut.target(i);
        const std::size_t row = row_of(c, target, rows);
        add_row(c, row, empty[target], one, 0, rule_of(c.what, dimension::laps), rank_limit);
        empty[target] = false;
    }
    // Rows of one rank were put together: its total is a new one.
    const bool anew = over != dimension::ranks || !cut_rows.empty();
    const auto sealed = [](const rank_statistics& r) { return r.ranks != 0; };
    if (anew && is_one_rank(out) && !out.ranks.empty() &&
        std::any_of(c.fields[0].ranks.begin(), c.fields[0].ranks.end(), sealed)) {
        for (std::size_t row = 0; row < rows; ++row) seal_row(c, row, out.ranks[0].first);
    }
    out.components.push_back(std::move(c));
}

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

/// How many paths, from the first on, are kept so that these and the <capped> paths that are needed
/// for the others are at most `limit`.
std::uint32_t kept_paths(const profile& p, std::uint32_t limit) {
    const auto count = static_cast<std::uint32_t>(p.paths.size());
    std::vector<std::uint32_t> last_child(count, 0);
    std::vector<std::uint32_t> capped_child(count, nowhere);
    for (std::uint32_t i = 1; i < count; ++i) {
        last_child[p.paths[i].parent] = i;
        if (p.paths[i].kind == path_kind::capped) capped_child[p.paths[i].parent] = i;
    }
    // What is cut begins under the last path that is kept, or under one above it.
    for (std::uint32_t kept = limit;; --kept) {
        std::uint32_t needed = 0;
        for (std::uint32_t i = kept - 1;; i = p.paths[i].parent) {
            if (last_child[i] >= kept && capped_child[i] >= kept) ++needed;
            if (i == 0) break;
        }
        if (kept + needed <= limit || kept == 1) return kept;
    }
}

/// Cuts the paths of `out`, which has no rows yet, down to `max_paths`: what exceeds them goes into
/// <capped>, under the path it belonged to. `to` says where paths went, and is brought up to date.
cut_paths cut(profile& out, std::uint32_t max_paths,
              std::array<std::vector<std::uint32_t>, 2>& to) {
    const std::uint32_t limit = std::max<std::uint32_t>(max_paths, 2);  // the root and its <capped>
    const auto count = static_cast<std::uint32_t>(out.paths.size());
    if (count <= limit) return {};
    const std::uint32_t kept = kept_paths(out, limit);
    path_tree tree(limit);
    std::vector<std::uint32_t> place;  // in the tree
    place.reserve(count);
    std::uint64_t lost = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        path here = out.paths[i];
        if (i < kept) {
            if (i != 0) here.parent = place[here.parent];
            place.push_back(tree.add(here, out.names[here.name]));
            continue;
        }
        if (here.kind != path_kind::capped) ++lost;
        const std::uint32_t above = place[here.parent];
        if (here.parent >= kept) {
            place.push_back(above);
            continue;
        }
        here.hash = path_hash(tree.hash(above), path_kind::capped, capped_name);
        here.parent = above;
        here.kind = path_kind::capped;
        place.push_back(tree.add(here, capped_name));
    }
    out.losses[capped_loss] += lost;
    profile left;  // apart: the tree has the names of `out`
    const std::vector<std::uint32_t> position = tree.arrange(left);

    cut_paths result{.first = static_cast<std::uint32_t>(left.paths.size()), .above = {}};
    result.above.reserve(count - kept);
    for (std::uint32_t i = kept; i < count; ++i) {
        const std::uint32_t parent = out.paths[i].parent;
        result.above.push_back(parent >= kept ? parent - kept : count - kept + position[place[i]]);
    }
    for (std::vector<std::uint32_t>& of_source : to) {
        for (std::uint32_t& t : of_source) {
            t = t < kept ? position[place[t]] : result.first + (t - kept);
        }
    }
    out.paths = std::move(left.paths);
    out.names = std::move(left.names);
    return result;
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
                to.push_back(tree.add({.kind = path_kind::root,
                                       .hash = path_hash(0, path_kind::root, {}),
                                       .first_rank = here.first_rank,
                                       .order = here.order},
                                      no_name));
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
