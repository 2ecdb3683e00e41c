// What a rank makes of its own profile before it is merged with others.

#include "profile/merge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hand_made_profile.hpp"
#include "random_profile.hpp"

namespace tim {
namespace {

using namespace test;

TEST(seal, gives_each_row_its_total_as_the_one_value) {
    const profile p = hand_made(3, {{"a", {4, 8}}, {"b", {-2}}});
    EXPECT_EQ(p.ranks, (std::vector<rank_range>{{3, 3}}));
    EXPECT_EQ(p.world_size, 8u);
    for (const path& here : p.paths) EXPECT_EQ(here.first_rank, 3u);
    const rank_statistics& a = p.components[0].fields[0].ranks[0];
    EXPECT_TRUE((a == rank_statistics{.ranks = 1,
                                      .values = {.sum = 12, .squares = 144, .min = 12, .max = 12},
                                      .min_rank = 3,
                                      .max_rank = 3}));
    const rank_statistics& b = p.components[0].fields[0].ranks[1];
    EXPECT_TRUE(b.values == (statistics{.sum = -2, .squares = 4, .min = -2, .max = -2}));
}

TEST(seal, gives_a_ratio_the_quotient_of_the_rank) {
    random_source random(8);
    profile p;
    p.names = {"", "a"};
    p.paths = {{}, {.parent = 0, .name = 1, .kind = path_kind::region, .order = 1}};
    component_columns c;
    c.what = test_components(false)[2];
    add_random_row(c, 1, 3, random);
    c.fields[0].value[0] = 3;
    c.fields[1].value[0] = 4;
    p.components = {c};
    profile a = seal(canonical(p, dimension::laps), 0, 2);
    p.components[0].fields[0].value[0] = 1;
    profile b = seal(canonical(p, dimension::laps), 1, 2);
    const profile both = merge(a, b, dimension::ranks, no_limit);
    const rank_statistics& r = both.components[0].fields[2].ranks[0];
    EXPECT_EQ(r.ranks, 2u);
    EXPECT_TRUE(r.values == (statistics{.sum = 1000000,
                                        .squares = 750000ull * 750000 + 250000ull * 250000,
                                        .min = 250000,
                                        .max = 750000}));
    EXPECT_EQ(r.min_rank, 1u);
    EXPECT_EQ(r.max_rank, 0u);
    EXPECT_EQ(ratio_value(both.components[0], 0), 500000);  // (3 + 1) / (4 + 4)
}

TEST(seal, holds_totals_beyond_64_bits) {
    profile p = hand_made(0, {{"a", {1}}});
    p.components[0].fields[0].value[0] = int128{1} << 100;
    p = seal(std::move(p), 0, 1);
    const statistics& s = p.components[0].fields[0].ranks[0].values;
    EXPECT_TRUE(s.sum == int128{1} << 100);
    EXPECT_EQ(s.max, std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(standard_deviation(s, 1, number::integer), 0.0);
}

TEST(canonical, brings_any_form_into_the_one) {
    std::size_t cases = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        random_source random(seed);
        const profile raw = random_raw(random, 0, 60, false);
        const profile p = canonical(raw, dimension::threads);
        ASSERT_TRUE(canonical(p, dimension::threads) == p) << "seed " << seed;
        ASSERT_TRUE(deserialise(serialise(p)) == p) << "seed " << seed;
        std::set<std::string> distinct;
        for (std::uint32_t i = 0; i < raw.paths.size(); ++i) distinct.insert(path_text(raw, i));
        ASSERT_EQ(p.paths.size(), distinct.size());
        for (const component_columns& c : raw.components) {
            std::uint64_t laps = 0;
            for (const std::uint64_t n : c.laps) laps += n;
            const component_columns* const got = p.find(c.what.id);
            ASSERT_EQ(got == nullptr, c.path.empty());
            if (got == nullptr) continue;
            std::uint64_t got_laps = 0;
            for (const std::uint64_t n : got->laps) got_laps += n;
            ASSERT_EQ(got_laps, laps);
        }
        ++cases;
    }
    report_cases(cases);
}

TEST(canonical, merges_equal_siblings_and_their_rows) {
    profile p;
    p.names = {"root", "a", "b", "a", "b"};
    p.paths = {{},
               {.parent = 0, .name = 1, .kind = path_kind::region, .order = 7},
               {.parent = 1, .name = 2, .kind = path_kind::region, .order = 1},
               {.parent = 0, .name = 3, .kind = path_kind::region, .order = 9},
               {.parent = 3, .name = 4, .kind = path_kind::region, .order = 1},
               {.parent = 0, .name = 4, .kind = path_kind::region, .order = 8}};
    component_columns c;
    c.what = describe("wall_clock");
    c.path = {4, 2, 5};  // not ascending
    c.laps = {1, 2, 3};
    c.fields = {{.value = {10, 20, 30},
                 .laps = {{.sum = 10, .min = 10, .max = 10},
                          {.sum = 20, .min = 8, .max = 12},
                          {.sum = 30, .min = 9, .max = 11}},
                 .ranks = {{}, {}, {}}}};
    component_columns second = c;  // the same component again, as from another bundle
    second.path = {5};
    second.laps = {1};
    second.fields = {{.value = {5}, .laps = {{.sum = 5, .min = 5, .max = 5}}, .ranks = {{}}}};
    component_columns rowless;
    rowless.what = describe("cpu_clock");
    rowless.fields.resize(1);
    p.components = {c, rowless, second};
    const profile q = canonical(p, dimension::threads);
    EXPECT_EQ(texts(q), (list{"", "/2a", "/2a/2b", "/2b"}));
    EXPECT_EQ(std::vector<std::string>(q.names.begin(), q.names.end()), (list{"", "a", "b"}));
    ASSERT_EQ(q.components.size(), 1u);
    EXPECT_EQ(q.components[0].path, (std::vector<std::uint32_t>{2, 3}));
    EXPECT_EQ(q.components[0].laps, (std::vector<std::uint64_t>{3, 4}));
    EXPECT_EQ(value_of(q, "/2a/2b"), 30);
    EXPECT_EQ(value_of(q, "/2b"), 35);
    EXPECT_EQ(q.components[0].fields[0].laps[0].min, 8);
    EXPECT_EQ(q.components[0].fields[0].laps[1].min, 5);
    EXPECT_EQ(q.paths[2].hash,
              path_hash(path_hash(path_hash(0, path_kind::root, ""), path_kind::region, "a"),
                        path_kind::region, "b"));
}

TEST(canonical, keeps_the_order_of_a_profile_of_several_ranks) {
    const profile a = hand_made(1, {{"x", {1}}, {"b", {1}}});
    const profile b = hand_made(0, {{"b", {1}}, {"a", {1}}});
    const profile p = merge(a, b, dimension::ranks, no_limit);
    EXPECT_TRUE(canonical(p, dimension::ranks) == p);
}

TEST(collapse_threads, equal_paths_of_threads_become_one) {
    component_description greatest = describe("peak_rss");
    greatest.over_threads = combine::maximum;
    for (const component_description& what : {describe("wall_clock"), greatest}) {
        profile p = hand_made(
            2, {{"0", {}}, {"0/a", {5}}, {"0/b", {7, 9}}, {"1", {}}, {"1/b", {11}}, {"1/b/c", {1}}},
            what);
        for (path& here : p.paths) {
            if (here.parent == 0 && here.kind == path_kind::region) here.kind = path_kind::thread;
        }
        p = seal(canonical(p, dimension::threads), 2, 4);
        const profile q = collapse_threads(p, no_limit);
        EXPECT_EQ(texts(q), (list{"", "/2a", "/2b", "/2b/2c"}));
        const bool sum = what.over_threads == combine::sum;
        EXPECT_EQ(value_of(q, "/2a"), 5);
        EXPECT_EQ(value_of(q, "/2b"), sum ? 27 : 16);
        EXPECT_EQ(q.components[0].laps[1], 3u);
        EXPECT_TRUE(q.components[0].fields[0].laps[1] ==
                    (statistics{.sum = 27, .squares = 49 + 81 + 121, .min = 7, .max = 11}));
        // One rank has one total of each path, however many threads it had.
        const rank_statistics& r = q.components[0].fields[0].ranks[1];
        EXPECT_EQ(r.ranks, 1u);
        EXPECT_TRUE(r.values.sum == (sum ? 27 : 16));
        EXPECT_TRUE(deserialise(serialise(q)) == q);
        EXPECT_TRUE(collapse_threads(q, no_limit) == q);
    }
}

TEST(collapse_threads, equals_a_naive_computation) {
    struct expected {
        std::uint64_t laps = 0;
        int128 sum = 0;
        std::optional<int128> greatest;
        int128 lap_sum = 0;
    };
    std::size_t cases = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        random_source random(seed);
        const std::size_t threads = 1 + random.below(5);
        const profile p = canonical(random_raw(random, 0, 60, false, threads), dimension::threads);
        std::map<std::pair<std::string, std::string>, expected> rows;
        for (const component_columns& c : p.components) {
            for (std::size_t i = 0; i < c.path.size(); ++i) {
                const std::string text = path_text(p, c.path[i]);
                expected& e = rows[{c.what.id, text.substr(text.find('/', 1))}];
                const int128 value = c.fields[0].value[i];
                e.laps += c.laps[i];
                e.sum += value;
                if (c.laps[i] != 0) e.greatest = std::max(e.greatest.value_or(value), value);
                e.lap_sum += c.fields[0].laps[i].sum;
            }
        }
        const profile q = collapse_threads(p, no_limit);
        ASSERT_TRUE(deserialise(serialise(q)) == q);
        std::size_t found = 0;
        for (const component_columns& c : q.components) {
            for (std::size_t i = 0; i < c.path.size(); ++i, ++found, ++cases) {
                const expected& e = rows.at({c.what.id, path_text(q, c.path[i])});
                ASSERT_EQ(c.laps[i], e.laps);
                ASSERT_TRUE(c.fields[0].laps[i].sum == e.lap_sum);
                ASSERT_TRUE(c.fields[0].value[i] ==
                            (c.what.over_threads == combine::sum ? e.sum : e.greatest.value_or(0)));
            }
        }
        ASSERT_EQ(found, rows.size());
    }
    report_cases(cases);
}

}  // namespace
}  // namespace tim
