#include "profile/component_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

namespace tim {
namespace {

constexpr std::uint32_t nowhere = UINT32_MAX;
constexpr const char* differing_loss = "rows of a component described in two ways";

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

std::uint64_t count_ranks(const profile& p) noexcept {
    std::uint64_t count = 0;
    for (const rank_range& r : p.ranks) count += std::uint64_t{r.last} - r.first + 1;
    return count;
}

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

}  // namespace

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

void combine_component(profile& out, std::span<row_source> sources, dimension over,
                       const cut_paths& cut) {
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

}  // namespace tim
