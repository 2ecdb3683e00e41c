// Random profiles, the same on every platform for the same seed, and what tests of profiles share.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "profile/merge.hpp"
#include "profile/profile.hpp"

namespace tim::test {

constexpr std::uint32_t no_limit = std::numeric_limits<std::uint32_t>::max();

/// Uniform below `bound`, from the generator's bits alone: distributions differ by platform.
class random_source {
public:
    explicit random_source(std::uint64_t seed) : bits_(seed) {}
    std::uint64_t below(std::uint64_t bound) { return bits_() % bound; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }

private:
    std::mt19937_64 bits_;
};

inline component_description describe(std::string id) {
    component_description what;
    what.id = std::move(id);
    what.label = what.id.substr(0, 4);
    what.description = "Measures " + what.id;
    what.aliases = {what.id + "_t", ""};
    return what;
}

/// One component of each kind: summed, greatest, ratio, real and summed, real and greatest.
inline std::vector<component_description> test_components(bool with_real) {
    std::vector<component_description> all(3);
    all[0] = describe("wall_clock");
    all[0].kind = quantity::time;
    all[0].unit = "sec";
    all[0].unit_value = 1e9;
    all[1] = describe("peak_rss");
    all[1].over_laps = all[1].over_threads = all[1].over_ranks = combine::maximum;
    all[2] = describe("cpu_util");
    all[2].ratio = true;
    all[2].per_thread = true;
    all.push_back(describe("written_char"));
    all[3].ratio = true;
    all[3].elements = {{.label = "bytes", .kind = quantity::memory},
                       {.label = "rate", .kind = quantity::rate, .unit = "MB/sec"}};
    all.push_back(describe("network_stats"));
    for (const char* label : {"in", "out", "errors", "drops"})
        all[4].elements.push_back({.label = label});
    if (with_real) {
        all.push_back(describe("flux"));
        all[5].type = number::real;
        all.push_back(describe("heat"));
        all[6].type = number::real;
        all[6].over_laps = all[6].over_threads = all[6].over_ranks = combine::maximum;
    }
    return all;
}

/// Appends a row of `laps` random laps. Rows without laps hold 0, as the recorder leaves them.
inline void add_random_row(component_columns& c, std::uint32_t path, std::uint64_t laps,
                           random_source& random) {
    const bool real = c.what.type == number::real;
    c.path.push_back(path);
    c.laps.push_back(laps);
    c.fields.resize(c.what.fields());
    for (field_columns& f : c.fields) {
        std::vector<std::int64_t> values;
        for (std::uint64_t i = 0; i < laps; ++i) {
            values.push_back(static_cast<std::int64_t>(random.below(2000000000000)) - 1000000);
        }
        statistics s;
        double real_sum = 0;
        double real_squares = 0;
        for (const std::int64_t v : values) {
            s.sum += v;
            s.squares += static_cast<uint128>(int128{v} * v);
            real_sum += static_cast<double>(v) * 0.001;
            real_squares += static_cast<double>(v) * 0.001 * static_cast<double>(v) * 0.001;
        }
        if (!values.empty()) {
            s.min = *std::min_element(values.begin(), values.end());
            s.max = *std::max_element(values.begin(), values.end());
        }
        int128 value = c.what.over_laps == combine::sum ? s.sum : s.max;
        if (real) {
            const auto bits = [](std::int64_t v) {
                return static_cast<std::int64_t>(raw_of(static_cast<double>(v) * 0.001));
            };
            s.sum = raw_of(real_sum);
            s.squares = static_cast<uint128>(raw_of(real_squares));
            s.min = bits(s.min);
            s.max = bits(s.max);
            value = c.what.over_laps == combine::sum ? s.sum
                                                     : int128{static_cast<std::uint64_t>(s.max)};
        }
        f.value.push_back(value);
        f.laps.push_back(s);
        f.ranks.push_back({});
    }
}

/// Tables with keys of each kind; rows may be equal.
inline void add_random_tables(profile& p, random_source& random) {
    for (const char* name : {"sizes", "traffic"}) {
        if (random.one_in(3)) continue;
        keyed_table t;
        t.name = name;
        t.description = "Counts " + t.name;
        t.kind = quantity::memory;
        t.keys = {{"path", key_kind::path},
                  {"call", key_kind::text},
                  {"peer", key_kind::number},
                  {"rank", key_kind::rank}};
        t.texts = {"MPI_Send", "a text that no row has", "MPI_Recv", "MPI_Send"};
        const std::size_t rows = 1 + random.below(8);
        for (std::size_t i = 0; i < rows; ++i) {
            constexpr std::int64_t used[] = {0, 2, 3};
            const std::int64_t value = static_cast<std::int64_t>(random.below(1000)) - 10;
            const std::int64_t keys[] = {static_cast<std::int64_t>(random.below(p.paths.size())),
                                         used[random.below(3)],
                                         static_cast<std::int64_t>(random.below(3)) - 1, 0};
            add_row(t, keys, 1,
                    {.sum = value,
                     .squares = static_cast<uint128>(int128{value} * value),
                     .min = value,
                     .max = value});
        }
        p.tables.push_back(std::move(t));
    }
}

/// What a rank hands to canonical(): siblings may be equal, names may repeat, some components have
/// no rows. Names are common ones, and some that only this rank has.
inline profile random_raw(random_source& random, std::uint32_t rank, std::size_t max_paths,
                          bool with_real, std::size_t threads = 0) {
    profile p;
    p.job = 77;
    p.first_pid = 1000 + rank;
    p.threads = static_cast<std::uint32_t>(1 + random.below(8));
    p.names = {""};
    p.paths = {{}};
    std::vector<std::uint32_t> parents = {0};
    const auto add = [&](std::uint32_t parent, path_kind kind, std::string name) {
        const auto i = static_cast<std::uint32_t>(p.paths.size());
        p.names.push_back(std::move(name));
        p.paths.push_back({.parent = parent,
                           .name = static_cast<std::uint32_t>(p.names.size() - 1),
                           .kind = kind,
                           .order = static_cast<std::uint32_t>(random.below(1000))});
        return i;
    };
    if (threads != 0) {
        parents.clear();
        for (std::size_t t = 0; t < threads; ++t) {
            parents.push_back(add(0, path_kind::thread, std::to_string(t)));
        }
    }
    const std::size_t first_region = p.paths.size();
    const std::size_t regions = random.below(max_paths);
    for (std::size_t i = 0; i < regions; ++i) {
        std::string name(1, static_cast<char>('a' + random.below(6)));
        if (random.one_in(6)) name = "a name that is not short, of rank " + std::to_string(rank);
        const std::uint32_t parent = parents[random.below(parents.size())];
        parents.push_back(add(parent, path_kind::region, std::move(name)));
    }
    for (const component_description& what : test_components(with_real)) {
        if (random.one_in(5)) continue;
        component_columns c;
        c.what = what;
        c.fields.resize(what.fields());
        for (std::size_t i = first_region; i < p.paths.size(); ++i) {
            if (random.one_in(4)) continue;
            const std::uint64_t laps = random.one_in(8) ? 0 : 1 + random.below(4);
            add_random_row(c, static_cast<std::uint32_t>(i), laps, random);
        }
        p.components.push_back(std::move(c));
    }
    add_random_tables(p, random);
    if (random.one_in(3)) p.losses["regions left open"] = random.below(5);
    p.measuring = {
        .regions = random.below(1000), .nanoseconds = random.below(50'000), .memory = 65536};
    if (random.one_in(3)) p.losses["loss of rank " + std::to_string(rank)] = 1;
    return p;
}

/// The profile that rank `rank` brings to the fold.
inline profile random_profile(random_source& random, std::uint32_t rank, std::uint32_t world_size,
                              std::size_t max_paths, bool with_real) {
    return seal(canonical(random_raw(random, rank, max_paths, with_real), dimension::threads), rank,
                world_size);
}

/// The names from the root to a path, each after the digit of its kind.
inline std::string path_text(const profile& p, std::uint32_t i) {
    if (i == 0) return {};
    const path& here = p.paths[i];
    return path_text(p, here.parent) + '/' + static_cast<char>('0' + static_cast<int>(here.kind)) +
           std::string(p.name(here));
}

/// Says how many cases a property was checked for, and that there were some.
inline void report_cases(std::size_t cases) {
    EXPECT_GT(cases, 0u);
    std::printf("[  CASES   ] %zu\n", cases);
}

}  // namespace tim::test
