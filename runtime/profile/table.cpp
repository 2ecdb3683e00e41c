#include "profile/table.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "profile/process_table.hpp"

namespace tim {
namespace {

// Sums wrap around instead of overflowing: a damaged file may hold any value.
void add(statistics& to, const statistics& from) noexcept {
    to.sum = static_cast<int128>(static_cast<uint128>(to.sum) + static_cast<uint128>(from.sum));
    to.squares += from.squares;
    to.min = std::min(to.min, from.min);
    to.max = std::max(to.max, from.max);
}

/// Calls `change(key)` for each key of a kind.
template <class Change>
void each_key(keyed_table& t, key_kind kind, Change change) {
    for (std::size_t k = 0; k < t.keys.size(); ++k) {
        if (t.keys[k].kind != kind) continue;
        for (std::size_t i = k; i < t.key.size(); i += t.keys.size()) change(t.key[i]);
    }
}

/// Sorts what mostly consists of a few ascending runs already: those of tables that were in order.
template <class T, class Less>
void merge_runs(std::vector<T>& items, Less less) {
    std::vector<std::size_t> ends;  // of the runs
    for (std::size_t i = 1; i <= items.size(); ++i)
        if (i == items.size() || less(items[i], items[i - 1])) ends.push_back(i);
    if (ends.size() > items.size() / 8) return std::stable_sort(items.begin(), items.end(), less);
    const auto at = [&](std::size_t i) { return items.begin() + static_cast<std::ptrdiff_t>(i); };
    while (ends.size() > 1) {
        std::vector<std::size_t> longer;
        for (std::size_t run = 0; run < ends.size(); run += 2) {
            const std::size_t begin = run == 0 ? 0 : ends[run - 1];
            if (run + 1 < ends.size())
                std::inplace_merge(at(begin), at(ends[run]), at(ends[run + 1]), less);
            longer.push_back(ends[std::min(run + 1, ends.size() - 1)]);
        }
        ends = std::move(longer);
    }
}

/// Leaves each text that is used once, ascending.
void put_texts_in_order(keyed_table& t) {
    std::vector<bool> used(t.texts.size(), false);
    each_key(t, key_kind::text, [&](std::int64_t& k) { used[static_cast<std::size_t>(k)] = true; });
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < used.size(); ++i)
        if (used[i]) order.push_back(i);
    merge_runs(order, [&](std::uint32_t a, std::uint32_t b) { return t.texts[a] < t.texts[b]; });
    std::vector<std::int64_t> to(t.texts.size(), 0);
    std::vector<std::string> texts;
    texts.reserve(order.size());
    for (const std::uint32_t i : order) {
        if (texts.empty() || texts.back() != t.texts[i]) texts.push_back(std::move(t.texts[i]));
        to[i] = static_cast<std::int64_t>(texts.size() - 1);
    }
    each_key(t, key_kind::text, [&](std::int64_t& k) { k = to[static_cast<std::size_t>(k)]; });
    t.texts = std::move(texts);
}

void put_rows_in_order(keyed_table& t) {
    const auto compare = [&t, width = t.keys.size()](std::size_t a, std::size_t b) {
        const std::int64_t* const x = t.key.data() + a * width;
        const std::int64_t* const y = t.key.data() + b * width;
        for (std::size_t k = 0; k < width; ++k)
            if (x[k] != y[k]) return x[k] < y[k];
        return false;
    };
    std::size_t ascending = 1;
    while (ascending < t.rows() && compare(ascending - 1, ascending)) ++ascending;
    if (ascending >= t.rows()) return;
    std::vector<std::size_t> order(t.rows());
    std::iota(order.begin(), order.end(), std::size_t{0});
    merge_runs(order, compare);
    keyed_table sorted;
    sorted.key.reserve(t.key.size());
    sorted.count.reserve(t.rows());
    sorted.values.reserve(t.rows());
    std::size_t before = 0;
    for (const std::size_t row : order) {
        if (sorted.rows() != 0 && !compare(before, row)) {
            sorted.count.back() += t.count[row];
            add(sorted.values.back(), t.values[row]);
            continue;
        }
        before = row;
        add_row(sorted, t.keys_of(row), t.count[row], t.values[row]);
    }
    t.key = std::move(sorted.key);
    t.count = std::move(sorted.count);
    t.values = std::move(sorted.values);
}

void append(keyed_table& to, const keyed_table& from, const path_map& path) {
    // Ranks mostly have the same texts.
    const bool same = to.texts == from.texts;
    const auto first = same ? 0 : static_cast<std::int64_t>(to.texts.size());
    if (!same) to.texts.insert(to.texts.end(), from.texts.begin(), from.texts.end());
    const std::size_t width = from.keys.size();
    for (std::size_t i = 0; i < from.key.size(); ++i) {
        const key_kind kind = from.keys[i % width].kind;
        const std::int64_t key = from.key[i];
        to.key.push_back(kind == key_kind::text   ? key + first
                         : kind == key_kind::path ? path(static_cast<std::uint32_t>(key))
                                                  : key);
    }
    to.count.insert(to.count.end(), from.count.begin(), from.count.end());
    to.values.insert(to.values.end(), from.values.begin(), from.values.end());
}

}  // namespace

std::size_t keyed_table::column(std::string_view key_name) const noexcept {
    std::size_t k = 0;
    while (k < keys.size() && keys[k].name != key_name) ++k;
    return k;
}

void add_row(keyed_table& t, std::span<const std::int64_t> keys, std::uint64_t count,
             const statistics& values) {
    t.key.insert(t.key.end(), keys.begin(), keys.end());
    t.count.push_back(count);
    t.values.push_back(values);
}

void put_in_order(keyed_table& t) {
    put_texts_in_order(t);
    put_rows_in_order(t);
}

std::vector<keyed_table> merge_tables(std::span<const std::vector<keyed_table>* const> sources,
                                      std::span<const path_map> to, std::uint64_t max_rows,
                                      std::map<std::string, std::uint64_t>& losses) {
    std::set<std::string_view> names;
    for (const std::vector<keyed_table>* tables : sources)
        for (const keyed_table& t : *tables) names.insert(t.name);
    std::vector<keyed_table> merged;
    for (const std::string_view name : names) {
        keyed_table whole;
        for (std::size_t source = 0; source < sources.size(); ++source)
            for (const keyed_table& t : *sources[source]) {
                if (t.name != name) continue;
                if (whole.keys.empty()) {
                    whole.name = t.name;
                    whole.description = t.description;
                    whole.kind = t.kind;
                    whole.keys = t.keys;
                }
                if (t.keys != whole.keys) {
                    losses["rows of a table described in two ways"] += t.rows();
                    continue;
                }
                append(whole, t, to[source]);
            }
        put_in_order(whole);
        if (whole.rows() > max_rows) {
            losses["rows of " + whole.name + " beyond max_paths"] += whole.rows() - max_rows;
            whole.key.resize(max_rows * whole.keys.size());
            whole.count.resize(max_rows);
            whole.values.resize(max_rows);
            put_texts_in_order(whole);
        }
        merged.push_back(std::move(whole));
    }
    return merged;
}

void set_rank(std::vector<keyed_table>& tables, std::uint32_t rank) {
    for (keyed_table& t : tables) {
        each_key(t, key_kind::rank, [&](std::int64_t& k) { k = rank; });
        if (t.name == process_table_name)
            for (std::size_t row = 0; row < t.rows(); ++row) {
                const int128 all = int128{rank} * static_cast<int128>(t.count[row]);
                t.values[row] = {.sum = all,
                                 .squares = static_cast<uint128>(all) * rank,
                                 .min = rank,
                                 .max = rank};
            }
        put_in_order(t);
    }
}

}  // namespace tim
