#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "output/writers.hpp"
#include "sample_profile.hpp"

namespace tim {
namespace {

using nlohmann::json;
using sample::builder;

/// The slices of a trace, in order; the names of tracks are left out.
std::vector<json> slices(const result& r, std::string_view id = "wall_clock") {
    const json document = json::parse(sample::text_of(write_flamegraph, r, id, settings{}));
    std::vector<json> found;
    for (const json& event : document.at("traceEvents"))
        if (event.at("ph") == "X") found.push_back(event);
    return found;
}

double end(const json& event) {
    return event.at("ts").get<double>() + event.at("dur").get<double>();
}

TEST(flamegraph, children_stand_in_their_parent_one_after_the_other) {
    builder b;
    const auto main = b.path(0, "main");
    b.row(sample::wall(), main, {10'000'001});
    b.row(sample::wall(), b.path(main, "first"), {2'500'000, 1'500'000});
    const auto second = b.path(main, "second");
    b.row(sample::wall(), second, {3'000'000});
    b.row(sample::wall(), b.path(second, "inner"), {999});
    b.row(sample::wall(), b.path(0, "after"), {7});
    const auto events = slices(sample::serial(b.build()));
    ASSERT_EQ(events.size(), 5U);
    const auto is = [&](std::size_t i, const char* name, double begin, double length) {
        EXPECT_EQ(events[i].at("name"), name);
        EXPECT_DOUBLE_EQ(events[i].at("ts").get<double>(), begin);
        EXPECT_DOUBLE_EQ(events[i].at("dur").get<double>(), length);
        EXPECT_EQ(events[i].at("pid"), 4000);
    };
    is(0, "main", 0, 10000.001);
    is(1, "first", 0, 4000);
    is(2, "second", 4000, 3000);
    is(3, "inner", 4000, 0.999);
    is(4, "after", 10000.001, 0.007);
    EXPECT_EQ(events[1].at("args").at("count"), 2);
    EXPECT_FALSE(events[1].at("args").contains("measured_us"));
}

TEST(flamegraph, parts_that_exceed_their_whole_are_drawn_inside_it) {
    builder b;
    const auto main = b.path(0, "main");
    b.row(sample::cpu(), main, {1000});
    const auto a = b.path(main, "a");
    b.row(sample::cpu(), a, {1500});
    b.row(sample::cpu(), b.path(a, "inner"), {1500});
    b.row(sample::cpu(), b.path(main, "b"), {500});
    const auto events = slices(sample::serial(b.build()), "cpu_clock");
    ASSERT_EQ(events.size(), 4U);
    EXPECT_DOUBLE_EQ(events[1].at("dur").get<double>(), 0.75);
    EXPECT_DOUBLE_EQ(events[1].at("args").at("measured_us").get<double>(), 1.5);
    EXPECT_DOUBLE_EQ(events[2].at("dur").get<double>(), 0.75);
    EXPECT_DOUBLE_EQ(events[3].at("dur").get<double>(), 0.25);
    for (const json& event : events) EXPECT_LE(end(event), end(events[0]));
}

TEST(flamegraph, ranks_and_threads_have_tracks_of_their_own) {
    const result r = sample::apart({0, 1}, 2, 2, [](builder& b, std::uint32_t rank) {
        for (const char* thread : {"0", "1"}) {
            const auto run = b.path(b.path(0, thread, path_kind::thread), "run");
            b.row(sample::wall(), run, {1000 * (rank + 1)});
        }
    });
    const auto events = slices(r);
    ASSERT_EQ(events.size(), 4U);
    std::set<std::pair<int, int>> places;
    for (const json& event : events) {
        EXPECT_EQ(event.at("ts"), 0);
        EXPECT_GT(event.at("pid"), 0);
        EXPECT_GT(event.at("tid"), 0);
        places.emplace(event.at("pid"), event.at("tid"));
    }
    EXPECT_EQ(places.size(), 4U);
    const std::string text = sample::text_of(write_flamegraph, r, "wall_clock", settings{});
    for (const char* name : {"\"rank 0\"", "\"rank 1\"", "\"thread 0\"", "\"thread 1\""})
        EXPECT_NE(text.find(name), std::string::npos) << name;
}

TEST(flamegraph, names_are_escaped) {
    builder b;
    b.row(sample::wall(), b.path(0, "a\"b\\c\n\xff"), {1});
    EXPECT_EQ(slices(sample::serial(b.build()))[0].at("name"), "a\"b\\c\n\xEF\xBF\xBD");
}

TEST(flamegraph, only_clocks_have_one) {
    EXPECT_TRUE(has_flamegraph(sample::wall()));
    EXPECT_TRUE(has_flamegraph(sample::cpu()));
    EXPECT_FALSE(has_flamegraph(sample::peak_rss()));
    EXPECT_FALSE(has_flamegraph(sample::cpu_util()));
    EXPECT_FALSE(has_flamegraph(sample::energy()));
}

}  // namespace
}  // namespace tim
