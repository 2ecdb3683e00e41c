#include "profile/merge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hand_made_profile.hpp"
#include "random_profile.hpp"

namespace tim {
namespace {

using namespace test;

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
    report_cases(cases);
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
    report_cases(cases);
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
    report_cases(cases);
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
    report_cases(cases);
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
    report_cases(cases);
}

TEST(merge, siblings_stand_as_the_lowest_rank_met_them) {
    const profile a = hand_made(1, {{"x", {1}}, {"b", {1}}, {"b/q", {1}}});
    const profile b = hand_made(0, {{"b", {1}}, {"b/z", {1}}, {"a", {1}}});
    const profile p = merge(a, b, dimension::ranks, no_limit);
    EXPECT_EQ(texts(p), (list{"", "/2b", "/2b/2z", "/2b/2q", "/2a", "/2x"}));
    EXPECT_EQ(std::vector<std::string>(p.names.begin(), p.names.end()),
              (list{"", "b", "z", "q", "a", "x"}));
    EXPECT_EQ(p.first_pid, 100u);
    EXPECT_EQ(p.ranks, (std::vector<rank_range>{{0, 1}}));
}

TEST(merge, shares_the_texts_of_names_and_outlives_those_they_came_from) {
    auto a = std::make_unique<profile>(hand_made(0, {{"x", {1}}, {"of the first alone", {1}}}));
    auto b = std::make_unique<profile>(hand_made(1, {{"x", {1}}, {"of the second alone", {1}}}));
    const auto text = [](const profile& p, std::size_t name) {
        return std::string_view(p.names[name]).data();
    };
    const profile p = merge(*a, *b, dimension::ranks, no_limit);
    EXPECT_EQ(text(p, 1), text(*a, 1));
    EXPECT_EQ(text(p, 2), text(*a, 2));
    EXPECT_EQ(text(p, 3), text(*b, 2));
    a.reset();
    b.reset();
    EXPECT_EQ(texts(p), (list{"", "/2x", "/2of the first alone", "/2of the second alone"}));
}

TEST(merge, a_row_without_laps_pulls_no_minimum) {
    component_description greatest = describe("page_rss");
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
    report_cases(cases);
}

TEST(merge, descriptions_that_differ_give_the_same_in_both_orders) {
    component_description other = describe("wall_clock");
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

}  // namespace
}  // namespace tim
