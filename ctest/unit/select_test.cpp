#include "profile/select.hpp"

#include <gtest/gtest.h>

#include "hand_made_profile.hpp"

namespace tim::test {
namespace {

/// The paths that have a row, `a/b`, in order, with their laps.
std::vector<std::pair<std::string, std::uint64_t>> rows_of(const profile& p) {
    std::vector<std::pair<std::string, std::uint64_t>> rows;
    for (const component_columns& c : p.components)
        for (std::size_t row = 0; row < c.path.size(); ++row) {
            std::string text;
            for (std::uint32_t i = c.path[row]; i != 0; i = p.paths[i].parent)
                text = std::string{p.name(p.paths[i])} + (text.empty() ? "" : "/") + text;
            rows.emplace_back(text, c.laps[row]);
        }
    return rows;
}

using expected = std::vector<std::pair<std::string, std::uint64_t>>;

profile sample() {
    return canonical(hand_made(0, {{"a", {5, 6}},
                                   {"a/b", {1}},
                                   {"a/b/c", {1, 1, 1}},
                                   {"d", {100}},
                                   {"d/b", {9, 9}},
                                   {"e", {}},
                                   {"e/f", {50}}}),
                     dimension::laps);
}

TEST(select, everything_is_the_profile_itself) {
    const profile p = sample();
    EXPECT_EQ(select_paths(p, [](std::uint32_t) { return true; }), p);
    EXPECT_EQ(select_depth(p, 0), p);
    EXPECT_EQ(select_depth(p, 3), p);
    EXPECT_EQ(select_threads(p, [](std::string_view) { return false; }), p);
    EXPECT_FALSE(has_threads(p));
}

TEST(select, nothing_is_the_root_alone) {
    const profile none = select_paths(sample(), [](std::uint32_t) { return false; });
    EXPECT_EQ(none.paths.size(), 1U);
    EXPECT_TRUE(none.components.empty());
    EXPECT_EQ(deserialise(serialise(none)), none);
}

TEST(select, levels) {
    EXPECT_EQ(rows_of(select_depth(sample(), 1)), (expected{{"a", 2}, {"d", 1}}));
    EXPECT_EQ(rows_of(select_depth(sample(), 2)),
              (expected{{"a", 2}, {"a/b", 1}, {"d", 1}, {"d/b", 2}, {"e/f", 1}}));
}

TEST(select, names_with_what_is_above_and_below) {
    const auto named = [](std::string_view wanted) {
        return rows_of(
            select_names(sample(), [=](std::string_view name) { return name == wanted; }));
    };
    EXPECT_EQ(named("b"), (expected{{"a", 2}, {"a/b", 1}, {"a/b/c", 3}, {"d", 1}, {"d/b", 2}}));
    EXPECT_EQ(named("c"), (expected{{"a", 2}, {"a/b", 1}, {"a/b/c", 3}}));
    EXPECT_EQ(named("absent"), expected{});
}

TEST(select, what_is_selected_is_canonical) {
    random_source random{7};
    std::uint64_t checked = 0;
    for (int i = 0; i < 200; ++i) {
        const profile p = random_profile(random, 0, 1, 12, false);
        const profile some = select_paths(p, [&](std::uint32_t) { return random.one_in(3); });
        EXPECT_EQ(deserialise(serialise(some)), some);
        checked += some.paths.size();
    }
    EXPECT_GT(checked, 400U);
}

TEST(sorted, siblings_by_their_values) {
    const profile p = sample();
    EXPECT_EQ(rows_of(sorted(p, "wall_clock", sort_key::total)),
              (expected{{"d", 1}, {"d/b", 2}, {"e/f", 1}, {"a", 2}, {"a/b", 1}, {"a/b/c", 3}}));
    EXPECT_EQ(rows_of(sorted(p, "wall_clock", sort_key::laps)).front().first, "a");
    EXPECT_EQ(rows_of(sorted(sorted(p, "wall_clock", sort_key::max), "wall_clock", sort_key::name)),
              rows_of(p));
    const profile s = sorted(p, "wall_clock", sort_key::min);
    EXPECT_EQ(deserialise(serialise(s)), s);
}

}  // namespace
}  // namespace tim::test
