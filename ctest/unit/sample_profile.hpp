// Profiles with known values, for the tests of what is made of them.

#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "output/writers.hpp"
#include "profile/merge.hpp"
#include "profile/profile.hpp"

namespace tim::sample {

inline component_description wall() {
    return {.id = "wall_clock",
            .label = "wall",
            .description = "Real-clock timer (i.e. wall-clock timer)",
            .aliases = {"real_clock", "virtual_clock"},
            .enum_value = 78,
            .kind = quantity::time,
            .unit = "sec",
            .unit_value = 1e9};
}

inline component_description cpu() {
    return {.id = "cpu_clock",
            .label = "cpu",
            .description = "CPU time",
            .kind = quantity::time,
            .unit = "sec",
            .unit_value = 1e9,
            .over_threads = combine::maximum};
}

inline component_description page_rss() {
    return {.id = "page_rss",
            .label = "page_rss",
            .description = "Change of the resident memory",
            .kind = quantity::memory,
            .unit = "MB",
            .unit_value = 1e6,
            .over_threads = combine::maximum};
}

inline component_description peak_rss() {
    return {.id = "peak_rss",
            .label = "peak_rss",
            .description =
                "Measures changes in the high-water mark for the amount of memory allocated in "
                "RAM. May "
                "fluctuate if swap is enabled",
            .enum_value = 47,
            .kind = quantity::memory,
            .unit = "MB",
            .unit_value = 1e6,
            .over_laps = combine::maximum,
            .over_threads = combine::maximum,
            .over_ranks = combine::maximum};
}

inline component_description cpu_util() {
    return {.id = "cpu_util",
            .label = "cpu_util",
            .description = "CPU use",
            .kind = quantity::percent,
            .unit = "%",
            .unit_value = 1e4,
            .ratio = true};
}

inline component_description calls() {
    return {.id = "calls", .label = "calls", .description = "Calls", .kind = quantity::count};
}

inline component_description energy() {
    return {.id = "energy",
            .label = "energy",
            .description = "Energy",
            .kind = quantity::other,
            .unit = "kJ",
            .unit_value = 1e3,
            .type = number::real};
}

inline component_description marks() {
    component_description what = peak_rss();
    what.id = what.label = "current_peak_rss";
    what.has_sum = false;
    for (const char* label : {"start peak rss", "stop peak rss"})
        what.elements.push_back({.label = label,
                                 .description = label,
                                 .kind = quantity::memory,
                                 .unit = "MB",
                                 .unit_value = 1e6});
    return what;
}

inline component_description written() {
    return {.id = "written_char",
            .label = "written_char",
            .description = "Bytes written",
            .kind = quantity::memory,
            .unit = "MB",
            .unit_value = 1e6,
            .ratio = true,
            .elements = {{.label = "written_char",
                          .description = "Bytes",
                          .kind = quantity::memory,
                          .unit = "MB",
                          .unit_value = 1e6},
                         {.label = "written_char_rate",
                          .description = "Rate",
                          .kind = quantity::rate,
                          .unit = "MB/sec",
                          .unit_value = 1e6}}};
}

/// Builds the profile of one rank, region by region and lap by lap.
class builder {
public:
    builder() {
        p_.names.emplace_back();
        p_.paths.push_back({.hash = path_hash(0, path_kind::root, {})});
    }

    std::uint32_t path(std::uint32_t parent, std::string_view name,
                       path_kind kind = path_kind::region) {
        p_.names.emplace_back(name);
        p_.paths.push_back({.parent = parent,
                            .name = static_cast<std::uint32_t>(p_.names.size() - 1),
                            .kind = kind,
                            .hash = path_hash(p_.paths[parent].hash, kind, name),
                            .order = static_cast<std::uint32_t>(p_.paths.size())});
        return static_cast<std::uint32_t>(p_.paths.size() - 1);
    }

    /// One row of an integer component of one field.
    void row(const component_description& what, std::uint32_t path,
             const std::vector<std::int64_t>& laps) {
        component_columns& c = begin_row(what, path, laps.size());
        statistics s;
        int128 value = 0;
        for (std::size_t i = 0; i < laps.size(); ++i) {
            add(s, i, laps[i]);
            value = what.over_laps == combine::sum || i == 0 ? value + laps[i]
                                                             : std::max<int128>(value, laps[i]);
        }
        push(c.fields[0], value, s);
    }

    /// One row of a component with one field for each of its elements; each lap has a value of all.
    void vector_row(const component_description& what, std::uint32_t path,
                    const std::vector<std::vector<std::int64_t>>& laps) {
        component_columns& c = begin_row(what, path, laps.size());
        for (std::size_t f = 0; f < c.fields.size(); ++f) {
            statistics s;
            for (std::size_t i = 0; i < laps.size(); ++i) add(s, i, laps[i][f]);
            push(c.fields[f], what.over_laps == combine::sum ? s.sum : s.max, s);
        }
    }

    /// One row of a component of real numbers.
    void real_row(const component_description& what, std::uint32_t path,
                  const std::vector<double>& laps) {
        component_columns& c = begin_row(what, path, laps.size());
        double sum = 0;
        double squares = 0;
        double least = laps.front();
        double greatest = laps.front();
        for (const double lap : laps) {
            sum += lap;
            squares += lap * lap;
            least = std::min(least, lap);
            greatest = std::max(greatest, lap);
        }
        push(c.fields[0], raw_of(sum),
             {.sum = raw_of(sum),
              .squares = static_cast<uint128>(raw_of(squares)),
              .min = static_cast<std::int64_t>(raw_of(least)),
              .max = static_cast<std::int64_t>(raw_of(greatest))});
    }

    /// One row of a ratio; each lap is (numerator, denominator).
    void ratio_row(const component_description& what, std::uint32_t path,
                   const std::vector<std::pair<std::int64_t, std::int64_t>>& laps) {
        component_columns& c = begin_row(what, path, laps.size());
        statistics above;
        statistics below;
        statistics quotient;
        for (std::size_t i = 0; i < laps.size(); ++i) {
            add(above, i, laps[i].first);
            add(below, i, laps[i].second);
            add(quotient, i, what.quotient_scale() * laps[i].first / laps[i].second);
        }
        push(c.fields[0], above.sum, above);
        push(c.fields[1], below.sum, below);
        push(c.fields[2], 0, quotient);
    }

    /// The profile, in canonical form and sealed.
    [[nodiscard]] profile build(std::uint32_t rank = 0, std::uint32_t world_size = 1,
                                std::uint32_t threads = 1) const {
        profile p = p_;
        for (const auto& [id, c] : components_) p.components.push_back(c);
        p = seal(canonical(std::move(p), dimension::laps), rank, world_size);
        p.threads = threads;
        p.first_pid = 4000 + rank;
        p.job = 7;
        return p;
    }

private:
    static void add(statistics& s, std::size_t lap, std::int64_t value) {
        s.sum += value;
        s.squares += static_cast<uint128>(static_cast<int128>(value) * value);
        s.min = lap == 0 ? value : std::min(s.min, value);
        s.max = lap == 0 ? value : std::max(s.max, value);
    }

    component_columns& begin_row(const component_description& what, std::uint32_t path,
                                 std::uint64_t laps) {
        component_columns& c = components_[what.id];
        c.what = what;
        c.fields.resize(what.fields());
        c.path.push_back(path);
        c.laps.push_back(laps);
        return c;
    }

    static void push(field_columns& f, int128 value, const statistics& laps) {
        f.value.push_back(value);
        f.laps.push_back(laps);
        f.ranks.emplace_back();
    }

    profile p_;
    std::map<std::string, component_columns> components_;
};

inline result serial(profile p) {
    result r;
    r.profiles.push_back(std::move(p));
    return r;
}

/// Ranks that stand beside each other, and their threads if they have several. `fill` is called
/// with the builder and the number of each rank.
template <typename Fill>
result apart(std::initializer_list<std::uint32_t> ranks, std::uint32_t world_size,
             std::uint32_t threads, const Fill& fill) {
    result r;
    r.mpi = true;
    r.collapsed_ranks = false;
    r.collapsed_threads = threads == 1;
    for (const std::uint32_t rank : ranks) {
        builder b;
        fill(b, rank);
        r.profiles.push_back(b.build(rank, world_size, threads));
    }
    return r;
}

/// All that a writer hands out.
template <typename Writer, typename... Arguments>
std::string text_of(const Writer& write, const Arguments&... arguments) {
    std::string text;
    write(arguments..., [&text](std::string_view piece) { text += piece; });
    return text;
}

}  // namespace tim::sample
