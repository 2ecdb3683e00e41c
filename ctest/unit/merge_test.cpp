#include "profile/merge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "random_profile.hpp"

namespace tim {
namespace {

using test::no_limit;
using test::path_text;
using test::random_profile;
using test::random_raw;
using test::random_source;

using bytes = std::vector<std::byte>;

bytes merge_bytes(const bytes& a, const bytes& b) {
    return serialise(merge(deserialise(a), deserialise(b), dimension::ranks, no_limit));
}

/// Merges pairs that are taken at random, in random order, until one is left.
profile merge_in_random_order(std::vector<bytes> all, random_source& random) {
    while (all.size() > 1) {
        const std::size_t first = random.below(all.size());
        std::swap(all[first], all.back());
        const bytes a = std::move(all.back());
        all.pop_back();
        const std::size_t second = random.below(all.size());
        all[second] = random.one_in(2) ? merge_bytes(a, all[second]) : merge_bytes(all[second], a);
    }
    return deserialise(all[0]);
}

void expect_near(int128 a, int128 b, const char* what) {
    EXPECT_NEAR(real_of(a), real_of(b), 1e-9 * (1 + std::abs(real_of(a)))) << what;
}

void expect_near(const statistics& a, const statistics& b) {
    expect_near(a.sum, b.sum, "sum");
    expect_near(static_cast<int128>(a.squares), static_cast<int128>(b.squares), "squares");
    EXPECT_EQ(a.min, b.min);
    EXPECT_EQ(a.max, b.max);
}

/// Equal, but for the rounding of the sums of reals.
void expect_equal(const profile& a, const profile& b) {
    ASSERT_EQ(a.components.size(), b.components.size());
    profile x = a;
    profile y = b;
    for (std::size_t i = 0; i < a.components.size(); ++i) {
        const component_columns& c = a.components[i];
        const component_columns& d = b.components[i];
        if (c.what.type == number::integer) continue;
        ASSERT_EQ(c.what, d.what);
        ASSERT_EQ(c.path, d.path);
        ASSERT_EQ(c.laps, d.laps);
        for (std::size_t f = 0; f < c.fields.size(); ++f) {
            for (std::size_t row = 0; row < c.path.size(); ++row) {
                expect_near(c.fields[f].value[row], d.fields[f].value[row], "value");
                expect_near(c.fields[f].laps[row], d.fields[f].laps[row]);
                const rank_statistics& r = c.fields[f].ranks[row];
                const rank_statistics& s = d.fields[f].ranks[row];
                expect_near(r.values, s.values);
                EXPECT_EQ(r.ranks, s.ranks);
                EXPECT_EQ(r.min_rank, s.min_rank);
                EXPECT_EQ(r.max_rank, s.max_rank);
            }
        }
        x.components[i] = y.components[i] = {};
    }
    EXPECT_TRUE(x == y);
}

TEST(merge, is_commutative_through_serialised_bytes) {
    std::size_t cases = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        random_source random(seed);
        const profile a = random_profile(random, 3, 16, 40, true);
        const profile b = random_profile(random, 7, 16, 40, true);
        const bytes ab = merge_bytes(serialise(a), serialise(b));
        // Adding two reals is commutative too.
        ASSERT_TRUE(ab == merge_bytes(serialise(b), serialise(a))) << "seed " << seed;
        for (const dimension over : {dimension::laps, dimension::threads}) {
            ASSERT_TRUE(merge(a, b, over, no_limit) == merge(b, a, over, no_limit));
        }
        ++cases;
    }
    test::report_cases(cases);
}

TEST(merge, is_associative_through_serialised_bytes) {
    std::size_t cases = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        random_source random(seed);
        const bytes a = serialise(random_profile(random, 9, 16, 40, false));
        const bytes b = serialise(random_profile(random, 0, 16, 40, false));
        const bytes c = serialise(random_profile(random, 5, 16, 40, false));
        ASSERT_TRUE(merge_bytes(merge_bytes(a, b), c) == merge_bytes(a, merge_bytes(b, c)))
            << "seed " << seed;
        ++cases;
    }
    test::report_cases(cases);
}

TEST(merge, is_associative_over_the_threads_of_a_rank) {
    std::size_t cases = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        random_source random(seed);
        std::vector<profile> t;
        for (int i = 0; i < 3; ++i) {
            t.push_back(canonical(random_raw(random, 2, 40, false), dimension::threads));
            if (seed % 2 != 0) t.back() = seal(std::move(t.back()), 2, 4);
        }
        const auto both = [](const profile& a, const profile& b) {
            return merge(a, b, dimension::threads, no_limit);
        };
        ASSERT_TRUE(both(both(t[0], t[1]), t[2]) == both(t[0], both(t[1], t[2])));
        ++cases;
    }
    test::report_cases(cases);
}

TEST(merge, any_tree_of_merges_gives_the_same) {
    std::size_t cases = 0;
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        random_source random(seed);
        const bool with_real = seed % 2 != 0;
        const std::size_t size = 2 + random.below(15);
        std::vector<bytes> all;
        for (std::uint32_t rank = 0; rank < size; ++rank) {
            all.push_back(serialise(
                random_profile(random, rank, static_cast<std::uint32_t>(size), 30, with_real)));
        }
        profile in_order = deserialise(all[0]);
        for (std::size_t i = 1; i < size; ++i) {
            in_order = merge(in_order, deserialise(all[i]), dimension::ranks, no_limit);
        }
        for (int tree = 0; tree < 4; ++tree) {
            const profile p = merge_in_random_order(all, random);
            if (with_real) {
                expect_equal(in_order, p);
            } else {
                ASSERT_TRUE(in_order == p) << "seed " << seed;
                ASSERT_TRUE(serialise(in_order) == serialise(p)) << "seed " << seed;
            }
            ++cases;
        }
        ASSERT_EQ(in_order.ranks,
                  (std::vector<rank_range>{{0, static_cast<std::uint32_t>(size - 1)}}));
    }
    test::report_cases(cases);
}

TEST(merge, an_empty_profile_changes_nothing) {
    random_source random(4);
    const profile p = random_profile(random, 3, 4, 40, true);
    EXPECT_TRUE(merge(p, profile{}, dimension::ranks, no_limit) == p);
    EXPECT_TRUE(merge(profile{}, p, dimension::ranks, no_limit) == p);
    const profile nothing = merge(profile{}, profile{}, dimension::ranks, no_limit);
    EXPECT_EQ(nothing.paths.size(), 1u);
    EXPECT_TRUE(deserialise(serialise(nothing)) == nothing);
}

/// What a naive program makes of the same data: one map over the texts of the paths.
struct expected_field {
    std::optional<int128> sum_of_values, greatest_value;
    statistics laps;
    statistics totals;
    std::uint64_t ranks = 0;
    std::uint32_t min_rank = 0, max_rank = 0;
};
struct expected_row {
    std::uint64_t laps = 0;
    std::vector<expected_field> fields{4};
};

TEST(merge, equals_a_naive_computation) {
    std::size_t cases = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        random_source random(seed);
        const auto size = static_cast<std::uint32_t>(1 + random.below(16));
        std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> paths;  // → rank, order
        std::map<std::pair<std::string, std::string>, expected_row> rows;
        std::map<std::string, std::uint64_t> losses;
        std::optional<profile> merged;
        for (std::uint32_t rank = 0; rank < size; ++rank) {
            const profile p = random_profile(random, rank, size, 30, false);
            for (std::uint32_t i = 0; i < p.paths.size(); ++i) {
                ASSERT_EQ(p.paths[i].order, i);
                paths.emplace(path_text(p, i), std::pair(rank, i));
            }
            for (const auto& [cause, count] : p.losses) losses[cause] += count;
            for (const component_columns& c : p.components) {
                for (std::size_t i = 0; i < c.path.size(); ++i) {
                    expected_row& row = rows[{c.what.id, path_text(p, c.path[i])}];
                    for (std::size_t f = 0; f < c.fields.size(); ++f) {
                        expected_field& e = row.fields[f];
                        const int128 value = c.fields[f].value[i];
                        const statistics& laps = c.fields[f].laps[i];
                        e.sum_of_values = e.sum_of_values.value_or(0) + value;
                        if (c.laps[i] != 0) {
                            e.greatest_value = std::max(e.greatest_value.value_or(value), value);
                            e.laps.min = row.laps == 0 ? laps.min : std::min(e.laps.min, laps.min);
                            e.laps.max = row.laps == 0 ? laps.max : std::max(e.laps.max, laps.max);
                        }
                        e.laps.sum += laps.sum;
                        e.laps.squares += laps.squares;
                        const auto total = static_cast<std::int64_t>(
                            c.what.ratio && f == 2 ? int128{ratio_value(c, i)} : value);
                        if (e.ranks == 0 || total < e.totals.min) {
                            e.totals.min = total;
                            e.min_rank = rank;
                        }
                        if (e.ranks == 0 || total > e.totals.max) {
                            e.totals.max = total;
                            e.max_rank = rank;
                        }
                        e.totals.sum += total;
                        e.totals.squares += static_cast<uint128>(int128{total} * total);
                        ++e.ranks;
                    }
                    row.laps += c.laps[i];
                }
            }
            merged = merged ? merge(*merged, p, dimension::ranks, no_limit) : p;
        }
        EXPECT_EQ(merged->paths.size(), paths.size());
        EXPECT_EQ(merged->losses, losses);
        EXPECT_EQ(merged->first_pid, 1000u);
        EXPECT_EQ(merged->world_size, size);
        for (std::uint32_t i = 0; i < merged->paths.size(); ++i) {
            const path& p = merged->paths[i];
            ASSERT_EQ(paths.at(path_text(*merged, i)), std::pair(p.first_rank, p.order));
        }
        std::size_t merged_rows = 0;
        for (const component_columns& c : merged->components) {
            for (std::size_t i = 0; i < c.path.size(); ++i) {
                const expected_row& row = rows.at({c.what.id, path_text(*merged, c.path[i])});
                ASSERT_EQ(c.laps[i], row.laps);
                for (std::size_t f = 0; f < c.fields.size(); ++f) {
                    const expected_field& e = row.fields[f];
                    const field_columns& got = c.fields[f];
                    if (c.what.over_ranks == combine::sum) {
                        ASSERT_TRUE(got.value[i] == *e.sum_of_values);
                    } else {
                        ASSERT_TRUE(got.value[i] == e.greatest_value.value_or(0));
                    }
                    ASSERT_TRUE(got.laps[i] == e.laps);
                    const rank_statistics ranks = {.ranks = e.ranks,
                                                   .values = e.totals,
                                                   .min_rank = e.min_rank,
                                                   .max_rank = e.max_rank};
                    ASSERT_TRUE(got.ranks[i] == ranks);
                }
                ++merged_rows;
                ++cases;
            }
        }
        EXPECT_EQ(merged_rows, rows.size());
    }
    test::report_cases(cases);
}

// Small profiles by hand.

struct entry {
    std::string name;                ///< "a/b"
    std::vector<std::int64_t> laps;  ///< of wall_clock; none: no row
};

/// A sealed profile of wall_clock (or `what`) on `rank`. A path comes after its parent.
profile hand_made(std::uint32_t rank, const std::vector<entry>& entries,
                  component_description what = test::describe("wall_clock")) {
    profile p;
    p.names = {""};
    p.paths = {{}};
    p.first_pid = 100 + rank;
    component_columns c;
    c.what = std::move(what);
    c.fields.resize(1);
    std::map<std::string, std::uint32_t> known = {{"", 0}};
    for (const entry& e : entries) {
        const std::size_t slash = e.name.rfind('/');
        const bool top = slash == std::string::npos;
        const auto i = static_cast<std::uint32_t>(p.paths.size());
        known[e.name] = i;
        p.names.push_back(top ? e.name : e.name.substr(slash + 1));
        p.paths.push_back({.parent = top ? 0 : known.at(e.name.substr(0, slash)),
                           .name = i,
                           .kind = path_kind::region,
                           .order = i});
        if (e.laps.empty()) continue;
        statistics s{.min = e.laps[0], .max = e.laps[0]};
        for (const std::int64_t v : e.laps) {
            s.sum += v;
            s.squares += static_cast<uint128>(int128{v} * v);
            s.min = std::min(s.min, v);
            s.max = std::max(s.max, v);
        }
        c.path.push_back(i);
        c.laps.push_back(e.laps.size());
        c.fields[0].value.push_back(c.what.over_laps == combine::sum ? s.sum : s.max);
        c.fields[0].laps.push_back(s);
        c.fields[0].ranks.push_back({});
    }
    p.components = {c};
    return seal(canonical(std::move(p), dimension::laps), rank, 8);
}

std::vector<std::string> texts(const profile& p) {
    std::vector<std::string> all;
    for (std::uint32_t i = 0; i < p.paths.size(); ++i) all.push_back(path_text(p, i));
    return all;
}

/// The row of a path, by its text; fails the test and gives 0 if there is none.
std::size_t row_of(const profile& p, const std::string& text, std::size_t component = 0) {
    const component_columns& c = p.components.at(component);
    for (std::size_t row = 0; row < c.path.size(); ++row) {
        if (path_text(p, c.path[row]) == text) return row;
    }
    ADD_FAILURE() << "no row of " << text;
    return 0;
}

std::int64_t value_of(const profile& p, const std::string& text) {
    return static_cast<std::int64_t>(p.components.at(0).fields[0].value[row_of(p, text)]);
}

using list = std::vector<std::string>;

TEST(merge, siblings_stand_as_the_lowest_rank_met_them) {
    const profile a = hand_made(1, {{"x", {1}}, {"b", {1}}, {"b/q", {1}}});
    const profile b = hand_made(0, {{"b", {1}}, {"b/z", {1}}, {"a", {1}}});
    const profile p = merge(a, b, dimension::ranks, no_limit);
    EXPECT_EQ(texts(p), (list{"", "/2b", "/2b/2z", "/2b/2q", "/2a", "/2x"}));
    EXPECT_EQ(p.names, (list{"", "b", "z", "q", "a", "x"}));
    EXPECT_EQ(p.first_pid, 100u);
    EXPECT_EQ(p.ranks, (std::vector<rank_range>{{0, 1}}));
}

TEST(merge, a_row_without_laps_pulls_no_minimum) {
    component_description greatest = test::describe("page_rss");
    greatest.over_laps = greatest.over_threads = greatest.over_ranks = combine::maximum;
    profile empty = hand_made(0, {{"a", {1}}}, greatest);
    empty.components[0].laps = {0};
    empty.components[0].fields[0].value = {0};
    empty.components[0].fields[0].laps = {{}};
    const profile full = hand_made(1, {{"a", {-7, -5}}}, greatest);
    for (const profile& p : {merge(empty, full, dimension::ranks, no_limit),
                             merge(full, empty, dimension::ranks, no_limit)}) {
        EXPECT_EQ(p.components[0].laps[0], 2u);
        EXPECT_EQ(value_of(p, "/2a"), -5);
        EXPECT_EQ(p.components[0].fields[0].laps[0].min, -7);
        EXPECT_EQ(p.components[0].fields[0].laps[0].max, -5);
    }
}

TEST(merge, ties_go_to_the_lowest_rank) {
    const profile a = hand_made(4, {{"a", {5}}});
    const profile b = hand_made(2, {{"a", {5}}});
    const profile c = hand_made(3, {{"a", {5}}});
    const profile p = merge(merge(a, b, dimension::ranks, no_limit), c, dimension::ranks, no_limit);
    const rank_statistics& r = p.components[0].fields[0].ranks[0];
    EXPECT_EQ(r.ranks, 3u);
    EXPECT_EQ(r.min_rank, 2u);
    EXPECT_EQ(r.max_rank, 2u);
    EXPECT_EQ(p.ranks, (std::vector<rank_range>{{2, 4}}));
}

/// Gives every path but the root the same hash: a collision of all with all.
profile collide(profile p) {
    for (path& here : p.paths) {
        if (here.kind != path_kind::root) here.hash = 42;
    }
    return p;
}

TEST(merge, a_collision_of_hashes_merges_no_two_paths) {
    std::size_t cases = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        random_source random(seed);
        const profile a = random_profile(random, 0, 4, 40, true);
        const profile b = random_profile(random, 1, 4, 40, true);
        const profile right = merge(a, b, dimension::ranks, no_limit);
        const profile collided = merge(collide(a), collide(b), dimension::ranks, no_limit);
        ASSERT_TRUE(collided == collide(right)) << "seed " << seed;
        cases += right.paths.size();
    }
    // Equal hash and name under different parents, and of different kinds.
    profile p = hand_made(0, {{"a", {1}}, {"a/c", {2}}, {"b", {3}}, {"b/c", {4}}, {"c", {5}}});
    profile q = hand_made(1, {{"b", {10}}, {"b/c", {20}}, {"c", {30}}});
    q.paths[3].kind = path_kind::thread;
    const profile both = merge(collide(p), collide(q), dimension::ranks, no_limit);
    EXPECT_EQ(texts(both), (list{"", "/2a", "/2a/2c", "/2b", "/2b/2c", "/2c", "/1c"}));
    EXPECT_EQ(value_of(both, "/2a/2c"), 2);
    EXPECT_EQ(value_of(both, "/2b/2c"), 24);
    EXPECT_EQ(value_of(both, "/2c"), 5);
    EXPECT_EQ(value_of(both, "/1c"), 30);
    test::report_cases(cases);
}

TEST(merge, descriptions_that_differ_give_the_same_in_both_orders) {
    component_description other = test::describe("wall_clock");
    other.label = "elapsed";
    const profile a = hand_made(0, {{"a", {1}}});
    const profile b = hand_made(1, {{"a", {10}}}, other);
    const profile p = merge(a, b, dimension::ranks, no_limit);
    EXPECT_TRUE(p == merge(b, a, dimension::ranks, no_limit));
    EXPECT_EQ(value_of(p, "/2a"), 11);

    // Integers and reals have no sum: one of them is kept, and what is lost is counted.
    other.type = number::real;
    const profile c = hand_made(1, {{"a", {10}}, {"b", {1}}}, other);
    const profile q = merge(a, c, dimension::ranks, no_limit);
    EXPECT_TRUE(q == merge(c, a, dimension::ranks, no_limit));
    EXPECT_EQ(value_of(q, "/2a"), 1);
    EXPECT_EQ(q.losses.at("rows of a component described in two ways"), 2u);
    EXPECT_TRUE(deserialise(serialise(q)) == q);
}

TEST(merge, jobs_threads_and_ranks_are_united) {
    profile a = hand_made(6, {{"a", {1}}});
    profile b = hand_made(2, {{"a", {1}}});
    a.job = 9;
    a.threads = 3;
    a.first_pid = 1;  // lower, but not of the lowest rank
    b.threads = 2;
    b.world_size = 16;
    a.losses = {{"x", 1}, {"y", 2}};
    b.losses = {{"y", 3}};
    const profile p = merge(a, b, dimension::ranks, no_limit);
    EXPECT_EQ(p.job, 9u);
    EXPECT_EQ(p.threads, 3u);
    EXPECT_EQ(p.world_size, 16u);
    EXPECT_EQ(p.first_pid, 102u);
    EXPECT_EQ(p.ranks, (std::vector<rank_range>{{2, 2}, {6, 6}}));
    EXPECT_EQ(p.losses, (std::map<std::string, std::uint64_t>{{"x", 1}, {"y", 5}}));
    b.job = 4;
    EXPECT_EQ(merge(a, b, dimension::ranks, no_limit).job, 4u);
}

// seal()

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
    c.what = test::test_components(false)[2];
    test::add_random_row(c, 1, 3, random);
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

// canonical()

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
    test::report_cases(cases);
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
    c.what = test::describe("wall_clock");
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
    rowless.what = test::describe("cpu_clock");
    rowless.fields.resize(1);
    p.components = {c, rowless, second};
    const profile q = canonical(p, dimension::threads);
    EXPECT_EQ(texts(q), (list{"", "/2a", "/2a/2b", "/2b"}));
    EXPECT_EQ(q.names, (list{"", "a", "b"}));
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

// collapse_threads()

TEST(collapse_threads, equal_paths_of_threads_become_one) {
    component_description greatest = test::describe("peak_rss");
    greatest.over_threads = combine::maximum;
    for (const component_description& what : {test::describe("wall_clock"), greatest}) {
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
    test::report_cases(cases);
}

// max_paths

TEST(max_paths, keeps_what_comes_first_and_puts_the_rest_under_its_parent) {
    const profile a = hand_made(0, {{"a", {10}},
                                    {"a/b", {1}},
                                    {"a/c", {2}},
                                    {"a/c/d", {1}},
                                    {"a/e", {3}},
                                    {"f", {20}},
                                    {"f/g", {4}},
                                    {"h", {30}}});
    ASSERT_EQ(a.paths.size(), 9u);
    EXPECT_TRUE(merge(a, profile{}, dimension::ranks, 9) == a);

    // With a/c there would be a/c/<capped> too, which is one too many.
    const profile p = merge(a, profile{}, dimension::ranks, 6);
    EXPECT_EQ(texts(p), (list{"", "/2a", "/2a/2b", "/2a/3<capped>", "/3<capped>"}));
    EXPECT_EQ(p.losses.at("capped paths"), 6u);
    EXPECT_EQ(value_of(p, "/2a"), 10);
    EXPECT_EQ(value_of(p, "/2a/3<capped>"), 5);  // a/c and a/e; a/c holds a/c/d
    EXPECT_EQ(value_of(p, "/3<capped>"), 50);    // f and h; f holds f/g
    const component_columns& c = p.components[0];
    EXPECT_EQ(c.laps[row_of(p, "/3<capped>")], 2u);
    const rank_statistics& r = c.fields[0].ranks[row_of(p, "/3<capped>")];
    EXPECT_EQ(r.ranks, 1u);
    EXPECT_EQ(r.values.max, 50);

    // What is there already goes into the same <capped>, and is not counted again.
    const profile q = merge(p, hand_made(1, {{"i", {100}}, {"a", {7}}}), dimension::ranks, 5);
    EXPECT_EQ(texts(q), (list{"", "/2a", "/2a/2b", "/2a/3<capped>", "/3<capped>"}));
    EXPECT_EQ(q.losses.at("capped paths"), 7u);
    EXPECT_EQ(value_of(q, "/2a"), 17);
    EXPECT_EQ(value_of(q, "/3<capped>"), 150);

    // A <capped> that is among what comes first needs no second one.
    const profile z =
        merge(hand_made(0, {{"z", {1}}, {"y", {1}}, {"x", {1}}}), profile{}, dimension::ranks, 3);
    EXPECT_EQ(texts(z), (list{"", "/2z", "/3<capped>"}));
    const profile w = merge(z, hand_made(1, {{"w", {5}}, {"v", {6}}}), dimension::ranks, 4);
    EXPECT_EQ(texts(w), (list{"", "/2z", "/3<capped>", "/2w"}));
    EXPECT_EQ(value_of(w, "/3<capped>"), 8);

    // The least that can be: the root and what was under it.
    for (const std::uint32_t limit : {0u, 1u, 2u}) {
        const profile least = merge(a, profile{}, dimension::ranks, limit);
        EXPECT_EQ(texts(least), (list{"", "/3<capped>"}));
        EXPECT_EQ(value_of(least, "/3<capped>"), 60);
        EXPECT_EQ(least.losses.at("capped paths"), 8u);
    }
}

TEST(max_paths, the_topmost_row_of_each_component_is_kept) {
    // "a" was measured with another component than what is below it.
    const profile p =
        hand_made(0, {{"z", {1}}, {"a", {}}, {"a/b", {5}}, {"a/b/c", {4}}, {"a/d", {6}}});
    const profile q = merge(p, profile{}, dimension::ranks, 3);
    EXPECT_EQ(texts(q), (list{"", "/2z", "/3<capped>"}));
    EXPECT_EQ(value_of(q, "/3<capped>"), 11);
    EXPECT_EQ(q.losses.at("capped paths"), 4u);
}

/// Sum of the rows that have no row above them: what the program as a whole took.
int128 total(const profile& p, const component_columns& c) {
    std::vector<bool> has_row(p.paths.size(), false);
    for (const std::uint32_t i : c.path) has_row[i] = true;
    int128 sum = 0;
    for (std::size_t row = 0; row < c.path.size(); ++row) {
        bool topmost = true;
        for (std::uint32_t i = c.path[row]; i != 0;) {
            i = p.paths[i].parent;
            topmost = topmost && !has_row[i];
        }
        if (topmost) sum += c.fields[0].value[row];
    }
    return sum;
}

TEST(max_paths, holds_in_every_fold_and_loses_no_total) {
    std::size_t cases = 0;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        random_source random(seed);
        const auto limit = static_cast<std::uint32_t>(2 + random.below(40));
        profile folded;
        for (std::uint32_t rank = 0; rank < 6; ++rank) {
            const profile p = random_profile(random, rank, 6, 40, false);
            const profile whole = merge(folded, p, dimension::ranks, no_limit);
            folded = merge(folded, p, dimension::ranks, limit);
            ASSERT_LE(folded.paths.size(), limit);
            ASSERT_TRUE(deserialise(serialise(folded)) == folded) << "seed " << seed;
            const auto regions = [](const profile& q) {
                return std::count_if(q.paths.begin(), q.paths.end(), [](const path& here) {
                    return here.kind == path_kind::region;
                });
            };
            const auto lost = [](const profile& q) {
                const auto found = q.losses.find("capped paths");
                return found == q.losses.end() ? 0 : static_cast<std::ptrdiff_t>(found->second);
            };
            ASSERT_EQ(regions(whole) + lost(whole), regions(folded) + lost(folded));
            for (const component_columns& c : whole.components) {
                if (c.what.over_ranks != combine::sum) continue;
                const component_columns* const kept = folded.find(c.what.id);
                ASSERT_NE(kept, nullptr);
                ASSERT_TRUE(total(whole, c) == total(folded, *kept)) << "seed " << seed;
            }
            // What is kept is what comes first.
            for (std::uint32_t i = 0; i < whole.paths.size() && i < folded.paths.size(); ++i) {
                if (folded.paths[i].kind == path_kind::capped) break;
                ASSERT_EQ(path_text(folded, i), path_text(whole, i));
            }
            ++cases;
        }
    }
    test::report_cases(cases);
}

TEST(max_paths, holds_when_threads_are_collapsed) {
    profile p = hand_made(0, {{"0", {}}, {"0/a", {1}}, {"0/b", {2}}, {"0/c", {3}}, {"0/d", {4}}});
    p.paths[1].kind = path_kind::thread;
    p = canonical(p, dimension::threads);
    const profile q = collapse_threads(p, 3);
    EXPECT_EQ(texts(q), (list{"", "/2a", "/3<capped>"}));
    EXPECT_EQ(value_of(q, "/3<capped>"), 9);
    EXPECT_EQ(q.losses.at("capped paths"), 3u);
}

/// Labels like `rank17`: the union would grow with the number of ranks.
TEST(max_paths, labels_of_ranks_do_not_make_the_result_grow) {
    profile folded;
    for (std::uint32_t rank = 0; rank < 64; ++rank) {
        const profile p =
            hand_made(rank, {{"main", {1000}}, {"main/rank" + std::to_string(rank), {7}}});
        folded = merge(folded, p, dimension::ranks, 10);
    }
    ASSERT_EQ(folded.paths.size(), 10u);
    EXPECT_EQ(value_of(folded, "/2main"), 64000);
    EXPECT_EQ(value_of(folded, "/2main/3<capped>"), 57 * 7);
    EXPECT_EQ(folded.losses.at("capped paths"), 57u);
    const rank_statistics& r =
        folded.components[0].fields[0].ranks[row_of(folded, "/2main/3<capped>")];
    EXPECT_EQ(r.ranks, 57u);
    EXPECT_TRUE(r.values.sum == 57 * 7);
}

}  // namespace
}  // namespace tim
