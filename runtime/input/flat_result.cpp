#include "input/flat_result.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "measure/component_table.hpp"
#include "profile/merge.hpp"

namespace tim {
namespace {

constexpr double two_to_63 = 9223372036854775808.0;

/// Numbers that a file says, as the nearest value that there is; 0 for none.
std::int64_t narrow(double value) noexcept {
    if (std::isnan(value)) return 0;
    if (value >= two_to_63) return std::numeric_limits<std::int64_t>::max();
    if (value < -two_to_63) return std::numeric_limits<std::int64_t>::min();
    return std::llround(value);
}

int128 wide(double value) noexcept {
    constexpr double limit = two_to_63 * two_to_63;
    return std::isnan(value) ? 0 : static_cast<int128>(std::clamp(value, -limit, limit));
}

/// Values in raw units and in the storage of a component's type.
struct raw_values {
    number type;
    double unit;

    [[nodiscard]] int128 total(double shown) const {
        return type == number::real ? raw_of(zero_if_none(shown) * unit)
                                    : int128{narrow(shown * unit)};
    }
    [[nodiscard]] std::int64_t extreme(double shown) const {
        return type == number::real ? static_cast<std::int64_t>(total(shown))
                                    : narrow(shown * unit);
    }
    /// Of the sum of the squares itself.
    [[nodiscard]] uint128 squares(double shown) const {
        const double raw = zero_if_none(shown) * unit * unit;
        return static_cast<uint128>(type == number::real ? raw_of(raw) : wide(std::round(raw)));
    }
    /// Of `count` values with this raw sum and the deviation over all of them: values that are
    /// equal have none, whatever the digits of their squares.
    [[nodiscard]] uint128 squares(int128 sum, double stddev, std::uint64_t count) const {
        if (count == 0) return 0;
        const double raw = zero_if_none(stddev) * unit;
        const double deviations = raw * raw * static_cast<double>(count);
        if (type == number::real)
            return static_cast<uint128>(
                raw_of(real_of(sum) * real_of(sum) / static_cast<double>(count) + deviations));
        const auto size = static_cast<uint128>(sum < 0 ? -sum : sum);
        return size * size / count + static_cast<uint128>(wide(std::round(deviations)));
    }

private:
    static double zero_if_none(double value) { return std::isnan(value) ? 0 : value; }
};

/// How a component of a program's own was described, as far as a document tells.
component_description describe(const flat_document& d) {
    component_description what;
    what.id = d.id;
    what.label = d.types.front();
    what.description = d.description;
    what.unit = d.units.front();
    what.unit_value = d.unit_values.front() > 0 ? d.unit_values.front() : 1;
    what.kind = quantity::other;
    for (std::size_t i = 0; d.types.size() > 1 && i < d.types.size(); ++i)
        what.elements.push_back({.label = d.types[i],
                                 .description = d.description,
                                 .kind = quantity::other,
                                 .unit = d.units[i],
                                 .unit_value = d.unit_values[i] > 0 ? d.unit_values[i] : 1});
    for (const flat_row& row : d.rows)
        for (const double own : row.values.own)
            if (own != std::floor(own)) what.type = number::real;
    return what;
}

component_description what_of(const flat_document& d) {
    if (const auto known = find_component(d.id); known && known->what.shown() == d.types.size())
        return known->what;
    return describe(d);
}

/// `|3`, `|0:3|1`: the ranks, where they were kept apart, and the thread.
struct holder {
    std::string_view ranks;
    std::string_view thread;

    holder(std::string_view text, bool has_ranks) {
        const auto next = [&text] {
            if (!text.starts_with('|')) return std::string_view{};
            text.remove_prefix(1);
            const std::string_view part = text.substr(0, text.find('|'));
            text.remove_prefix(part.size());
            return part;
        };
        if (has_ranks) ranks = next();
        thread = next();
    }
};

std::uint32_t number_of(std::string_view text) {
    std::uint32_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// The profile of one rank or group of ranks, while its rows come.
class rank_builder {
public:
    rank_builder(const flat_document& d, component_description what) : document_(d) {
        columns_.what = std::move(what);
        columns_.fields.resize(columns_.what.fields());
        add_path(0, "", path_kind::root);
        profile_.ranks.clear();
    }

    void add(const flat_row& row, std::string_view thread) {
        if (!thread.empty() && thread != thread_) {
            const auto [at, is_new] = threads_.try_emplace(std::string{thread}, 0);
            if (is_new) at->second = add_path(0, thread, path_kind::thread);
            open_ = {at->second};
        }
        thread_ = thread;
        add_row(row);
    }

    void set_ranks(rank_range ranks) { profile_.ranks = {ranks}; }

    profile finish() {
        profile_.world_size = document_.world_size;
        profile_.threads = document_.threads;
        profile_.components.push_back(std::move(columns_));
        return std::move(profile_);
    }

private:
    std::uint32_t add_path(std::uint32_t parent, std::string_view name, path_kind kind) {
        const auto index = static_cast<std::uint32_t>(profile_.paths.size());
        profile_.names.emplace_back(name);
        profile_.paths.push_back({.parent = parent, .name = index, .kind = kind, .order = index});
        return index;
    }

    void add_row(const flat_row& row) {
        open_.resize(std::min<std::size_t>(open_.size(), std::size_t{row.depth} + 1));
        const std::uint32_t here = add_path(open_.back(), row.name, path_kind::region);
        open_.push_back(here);
        columns_.path.push_back(here);
        columns_.laps.push_back(
            static_cast<std::uint64_t>(std::max<std::int64_t>(row.values.laps, 0)));
        for (std::size_t f = 0; f < columns_.fields.size(); ++f) add_totals(row, f);
        for (std::size_t i = 0; i < columns_.what.shown(); ++i) add_statistics(row, i);
    }

    void add_totals(const flat_row& row, std::size_t field) {
        const raw_values raw{columns_.what.type, 1};
        const std::vector<double>& own = row.values.own;
        field_columns& f = columns_.fields[field];
        f.value.push_back(field < own.size() ? raw.total(own[field]) : 0);
        f.laps.push_back({.sum = f.value.back()});
        f.ranks.emplace_back();
    }

    /// Of the value that is shown as number `i`.
    void add_statistics(const flat_row& row, std::size_t i) {
        const component_description& what = columns_.what;
        const std::size_t field = what.field_of(i);
        const bool quotient = what.ratio && field == 2;
        const bool percent = what.element(i).kind == quantity::percent;  // shown as it is
        const raw_values raw{what.type,
                             quotient && percent ? what.element(i).unit_value : unit(i, quotient)};
        const flat_values& v = row.values;
        const std::uint64_t count = columns_.laps.back();
        statistics& laps = columns_.fields[field].laps.back();
        if (quotient || what.over_laps == combine::maximum)
            laps.sum = raw.total(v.mean[i] * static_cast<double>(count));
        // A deviation of version 3 is that of a sample, and not always of these values.
        laps.squares = document_.of_version_3 ? raw.squares(v.squares[i])
                                              : raw.squares(laps.sum, v.stddev[i], count);
        laps.min = raw.extreme(v.min[i]);
        laps.max = raw.extreme(v.max[i]);
        if (!row.over_ranks) return;
        const flat_rank_values& r = *row.over_ranks;
        rank_statistics& ranks = columns_.fields[field].ranks.back();
        ranks = {.ranks = r.count,
                 .values = {.sum = raw.total(r.sum[i]),
                            .squares = 0,
                            .min = raw.extreme(r.min[i]),
                            .max = raw.extreme(r.max[i])},
                 .min_rank = static_cast<std::uint32_t>(narrow(r.min_rank[i])),
                 .max_rank = static_cast<std::uint32_t>(narrow(r.max_rank[i]))};
        ranks.values.squares = raw.squares(ranks.values.sum, r.stddev[i], r.count);
    }

    /// Raw units in one that is shown. What rows say of it, a quotient's don't.
    [[nodiscard]] double unit(std::size_t i, bool quotient) const {
        const double said = quotient ? document_.unit_values[i] : document_.unit_of(i);
        return said > 0 ? said : 1;
    }

    const flat_document& document_;
    profile profile_;
    component_columns columns_;
    std::vector<std::uint32_t> open_ = {
        0};  // paths above the row at hand, the root or thread first
    std::map<std::string, std::uint32_t, std::less<>> threads_;
    std::string thread_;
};

/// `3` or `0:3`.
rank_range ranks_of(std::string_view text, std::uint32_t world_size) {
    const std::size_t colon = text.find(':');
    rank_range r{.first = number_of(text.substr(0, colon))};
    r.last = colon == std::string_view::npos ? r.first : number_of(text.substr(colon + 1));
    r.first = std::min(r.first, world_size - 1);
    r.last = std::clamp(r.last, r.first, world_size - 1);
    return r;
}

}  // namespace

result result_of(const flat_document& document) {
    result r;
    r.mpi = document.world_size > 1;
    const component_description what = what_of(document);
    // Where ranks are told apart, so are the lists that they stand in.
    for (const flat_row& row : document.rows)
        r.collapsed_ranks &= row.rank == document.rows[0].rank;
    r.collapsed_ranks &= r.mpi;
    const bool has_ranks = r.mpi && !r.collapsed_ranks;

    auto row = document.rows.begin();
    while (row != document.rows.end()) {
        const std::uint64_t rank = row->rank;
        rank_builder builder{document, what};
        if (has_ranks)
            builder.set_ranks(ranks_of(holder{row->holder, true}.ranks, document.world_size));
        else
            builder.set_ranks({0, document.world_size - 1});
        for (; row != document.rows.end() && row->rank == rank; ++row) {
            const std::string_view thread = holder{row->holder, has_ranks}.thread;
            r.collapsed_threads &= thread.empty();
            builder.add(*row, thread);
        }
        r.profiles.push_back(canonical(builder.finish(), dimension::laps));
    }
    if (!has_ranks) r.collapsed_ranks = true;
    if (!r.profiles.empty()) r.profiles.front().losses = document.losses;
    return r;
}

}  // namespace tim
