#include "output/view.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "output/writers.hpp"
#include "sample_profile.hpp"

namespace tim {
namespace {

using sample::builder;

/// `name@depth=value*laps` of each row.
std::vector<std::string> outline(const view& v) {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < v.rows().size(); ++i)
        lines.push_back(std::string{v.name(i)} + "@" + std::to_string(v.rows()[i].depth) + "=" +
                        std::to_string(static_cast<long>(v.inclusive(i, 0))) + "*" +
                        std::to_string(v.laps(i)));
    return lines;
}

using lines = std::vector<std::string>;

/// main(wall) > { only_cpu > { step(wall), other(wall) }, step(wall) }
builder with_a_gap() {
    builder b;
    const auto main = b.path(0, "main");
    const auto gap = b.path(main, "only_cpu");
    const auto step = b.path(gap, "step");
    const auto other = b.path(gap, "other");
    const auto step_again = b.path(main, "step");
    b.row(sample::wall(), main, {100});
    b.row(sample::wall(), step, {10, 20});
    b.row(sample::wall(), other, {7});
    b.row(sample::wall(), step_again, {5});
    b.row(sample::wall(), b.path(step_again, "inner"), {2});
    b.row(sample::cpu(), main, {90});
    b.row(sample::cpu(), gap, {40});
    return b;
}

TEST(view, paths_without_the_component_dissolve_and_equal_siblings_become_one) {
    const profile p = with_a_gap().build();
    const view v{p, "wall_clock"};
    EXPECT_EQ(outline(v), (lines{"main@0=100*1", "step@1=35*3", "inner@2=2*1", "other@1=7*1"}));
    EXPECT_EQ(v.rows()[0].parent, no_row);
    EXPECT_EQ(v.rows()[1].parent, 0U);
    EXPECT_EQ(v.rows()[2].parent, 1U);
    EXPECT_EQ(v.rows()[3].parent, 0U);
    EXPECT_FALSE(v.rows()[0].leaf);
    EXPECT_FALSE(v.rows()[1].leaf);
    EXPECT_TRUE(v.rows()[2].leaf);
    EXPECT_EQ(v.exclusive(0, 0), 100 - 35 - 7);
    EXPECT_DOUBLE_EQ(v.self_share(0).value(), 58.0);
    const row_values step = v.values(1);
    EXPECT_DOUBLE_EQ(step.min, 5e-9);
    EXPECT_DOUBLE_EQ(step.max, 20e-9);
    EXPECT_DOUBLE_EQ(step.mean, 35e-9 / 3);
    const std::uint64_t main =
        path_hash(path_hash(0, path_kind::root, {}), path_kind::region, "main");
    EXPECT_EQ(v.path_identity(3), path_hash(main, path_kind::region, "other"));

    const view cpu{p, "cpu_clock"};
    EXPECT_EQ(outline(cpu), (lines{"main@0=90*1", "only_cpu@1=40*1"}));
}

TEST(view, high_water_marks_of_merged_siblings_combine_by_their_own_rule) {
    builder b;
    const auto main = b.path(0, "main");
    const auto gap = b.path(main, "gap");
    b.row(sample::peak_rss(), main, {50});
    b.row(sample::peak_rss(), b.path(gap, "step"), {30});
    b.row(sample::peak_rss(), b.path(main, "step"), {40, 10});
    b.row(sample::wall(), gap, {1});
    const profile p = b.build();
    const view v{p, "peak_rss"};
    EXPECT_EQ(outline(v), (lines{"main@0=50*1", "step@1=40*3"}));
    EXPECT_EQ(v.self_share(0), std::nullopt);
    EXPECT_EQ(v.exclusive(0, 0), 50);
}

TEST(view, a_dissolved_root_gives_roots) {
    builder b;
    const auto main = b.path(0, "main");
    b.row(sample::cpu(), main, {1});
    b.row(sample::wall(), b.path(main, "a"), {2});
    b.row(sample::wall(), b.path(main, "b"), {3});
    const profile p = b.build();
    const view v{p, "wall_clock"};
    EXPECT_EQ(outline(v), (lines{"a@0=2*1", "b@0=3*1"}));
    EXPECT_EQ(v.rows()[1].parent, no_row);
}

TEST(view, a_thread_is_no_row) {
    builder b;
    const auto t0 = b.path(0, "0", path_kind::thread);
    const auto t12 = b.path(0, "12", path_kind::thread);
    const auto main = b.path(t0, "main");
    b.row(sample::wall(), main, {10});
    b.row(sample::wall(), b.path(main, "work"), {4});
    b.row(sample::wall(), b.path(t12, "work"), {6});
    const profile p = b.build(0, 1, 13);
    const view v{p, "wall_clock"};
    EXPECT_TRUE(v.has_threads());
    EXPECT_EQ(outline(v), (lines{"main@0=10*1", "work@1=4*1", "work@0=6*1"}));
    EXPECT_EQ(v.rows()[0].thread, 0U);
    EXPECT_EQ(v.rows()[1].thread, 0U);
    EXPECT_EQ(v.rows()[2].thread, 12U);
}

TEST(view, threads_below_a_region_stay_apart_when_it_dissolves) {
    builder b;
    const auto main = b.path(0, "main");
    const auto gap = b.path(main, "gap");
    b.row(sample::wall(), main, {100});
    b.row(sample::cpu(), gap, {1});
    b.row(sample::wall(), b.path(b.path(gap, "1", path_kind::thread), "work"), {3});
    b.row(sample::wall(), b.path(b.path(gap, "2", path_kind::thread), "work"), {4});
    const profile p = b.build(0, 1, 3);
    const view v{p, "wall_clock"};
    EXPECT_EQ(outline(v), (lines{"main@0=100*1", "work@1=3*1", "work@1=4*1"}));
    EXPECT_EQ(v.rows()[1].thread, 1U);
    EXPECT_EQ(v.rows()[2].thread, 2U);
}

TEST(view, absent_component) {
    const profile p = with_a_gap().build();
    const view v{p, "peak_rss"};
    EXPECT_FALSE(v);
    EXPECT_TRUE(v.rows().empty());
}

TEST(view, statistics_over_ranks_of_one_rank_follow_the_merged_row) {
    const profile p = with_a_gap().build(5, 8);
    const auto step = view{p, "wall_clock"}.over_ranks(1);
    ASSERT_TRUE(step.has_value());
    EXPECT_EQ(step->count, 1U);
    EXPECT_DOUBLE_EQ(step->max, 35e-9);
    EXPECT_EQ(step->max_rank, 5U);
}

TEST(view, statistics_over_ranks_are_left_out_where_they_do_not_follow) {
    const profile p =
        merge(with_a_gap().build(0, 2), with_a_gap().build(1, 2), dimension::ranks, 1000);
    const view v{p, "wall_clock"};
    ASSERT_EQ(outline(v), (lines{"main@0=200*2", "step@1=70*6", "inner@2=4*2", "other@1=14*2"}));
    EXPECT_FALSE(v.over_ranks(1).has_value());  // became one from two paths
    for (const std::size_t row : {0U, 2U, 3U}) ASSERT_TRUE(v.over_ranks(row).has_value());
    EXPECT_EQ(v.over_ranks(3)->count, 2U);
    EXPECT_DOUBLE_EQ(v.over_ranks(3)->sum, 14e-9);
}

TEST(view, order_of_output) {
    builder b;
    const auto main = b.path(0, "main");
    component_description own = sample::calls();
    own.id = "zz_users_own";
    b.row(own, main, {1});
    b.row(sample::peak_rss(), main, {1});
    b.row(sample::page_rss(), main, {1});
    b.row(sample::cpu(), main, {1});
    b.row(sample::wall(), main, {1});
    EXPECT_EQ(components_of(sample::serial(b.build())),
              (lines{"cpu_clock", "wall_clock", "peak_rss", "page_rss", "zz_users_own"}));
    EXPECT_TRUE(components_of({}).empty());
}

TEST(view, components_of_any_rank_are_listed) {
    result r;
    builder a;
    a.row(sample::cpu(), a.path(0, "x"), {1});
    builder b;
    b.row(sample::wall(), b.path(0, "x"), {1});
    r.profiles = {a.build(0, 2), b.build(1, 2)};
    EXPECT_EQ(components_of(r), (lines{"cpu_clock", "wall_clock"}));
}

}  // namespace
}  // namespace tim
