// The cap on the number of paths, wherever profiles are merged.

#include "profile/merge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "hand_made_profile.hpp"
#include "random_profile.hpp"

namespace tim {
namespace {

using namespace test;

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
    report_cases(cases);
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
