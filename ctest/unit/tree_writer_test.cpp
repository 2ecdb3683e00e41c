#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "output/writers.hpp"
#include "sample_profile.hpp"

namespace tim {
namespace {

using nlohmann::json;
using sample::builder;

json component(const result& r, std::string_view id) {
    return json::parse(sample::text_of(write_tree, r, id, settings{}, true))
        .at("timemory")
        .at(std::string{id});
}

TEST(tree_writer, serial_run_is_a_graph) {
    builder b;
    const auto main = b.path(0, "main");
    const auto step = b.path(main, "step");
    b.row(sample::wall(), main, {10000});
    b.row(sample::wall(), step, {1000, 3000});
    b.row(sample::wall(), b.path(step, "inner"), {1500});
    b.row(sample::wall(), b.path(main, "last"), {2000});
    b.row(sample::wall(), b.path(0, "other"), {5});
    const json c = component(sample::serial(b.build()), "wall_clock");
    EXPECT_EQ(c.at("type"), "wall");
    EXPECT_EQ(c.at("unit_repr"), "sec");
    EXPECT_FALSE(c.contains("mpi"));
    ASSERT_EQ(c.at("graph").size(), 1U);     // processes
    ASSERT_EQ(c.at("graph")[0].size(), 1U);  // roots
    const json root = c.at("graph")[0][0];
    EXPECT_EQ(root.at("node").at("hash"), 0);
    EXPECT_EQ(root.at("node").at("prefix"), "unknown-hash=0");
    EXPECT_EQ(root.at("node").at("depth"), 0);
    ASSERT_EQ(root.at("children").size(), 2U);

    const json main_node = root.at("children")[0];
    EXPECT_EQ(main_node.at("node").at("prefix"), "main");
    EXPECT_EQ(main_node.at("node").at("depth"), 1);
    EXPECT_EQ(main_node.at("node").at("tid"), json::parse("[0]"));
    EXPECT_EQ(main_node.at("node").at("pid"), json::parse("[4000]"));
    EXPECT_EQ(main_node.at("node").at("is_dummy"), false);
    EXPECT_EQ(main_node.at("node").at("inclusive").at("entry").at("value"), 10000);
    EXPECT_EQ(main_node.at("node").at("exclusive").at("entry").at("value"), 4000);
    EXPECT_EQ(main_node.at("node").at("exclusive").at("stats"),
              json::parse(R"({"sum": 4e-6, "count": 1, "mean": 4e-6})"));
    ASSERT_EQ(main_node.at("children").size(), 2U);

    const json step_node = main_node.at("children")[0];
    EXPECT_EQ(step_node.at("node").at("prefix"), "step");
    EXPECT_EQ(step_node.at("node").at("inclusive").at("entry").at("laps"), 2);
    EXPECT_EQ(step_node.at("node").at("inclusive").at("stats").at("sum"), 4e-6);
    EXPECT_EQ(step_node.at("node").at("inclusive").at("stats").at("max"), 3e-6);
    EXPECT_EQ(step_node.at("node").at("exclusive").at("entry").at("value"), 2500);
    EXPECT_EQ(step_node.at("node").at("exclusive").at("stats").at("mean"), 1.25e-6);
    ASSERT_EQ(step_node.at("children").size(), 1U);
    EXPECT_EQ(step_node.at("children")[0].at("node").at("prefix"), "inner");
    EXPECT_EQ(step_node.at("children")[0].at("node").at("depth"), 3);
    EXPECT_EQ(step_node.at("children")[0].at("children").size(), 0U);

    EXPECT_EQ(main_node.at("children")[1].at("node").at("prefix"), "last");
    EXPECT_EQ(root.at("children")[1].at("node").at("prefix"), "other");
    EXPECT_EQ(root.at("children")[1].at("node").at("exclusive").at("entry").at("value"), 5);
}

TEST(tree_writer, threads_are_written_under_mpi) {
    builder b;
    b.row(sample::wall(), b.path(b.path(0, "0", path_kind::thread), "main"), {1});
    b.row(sample::wall(), b.path(b.path(0, "1", path_kind::thread), "work"), {2});
    result r = sample::serial(b.build(0, 1, 2));
    r.collapsed_threads = false;
    const json c = component(r, "wall_clock");
    EXPECT_FALSE(c.contains("graph"));
    ASSERT_EQ(c.at("mpi").size(), 1U);
    const json children = c.at("mpi")[0][0].at("children");
    ASSERT_EQ(children.size(), 2U);
    EXPECT_EQ(children[0].at("node").at("tid"), json::parse("[0]"));
    EXPECT_EQ(children[1].at("node").at("prefix"), "work");
    EXPECT_EQ(children[1].at("node").at("tid"), json::parse("[1]"));
    EXPECT_EQ(children[1].at("node").at("depth"), 1);
}

TEST(tree_writer, collapsed_threads_are_written_under_mpi_too) {
    builder b;
    b.row(sample::wall(), b.path(0, "main"), {1});
    const json c = component(sample::serial(b.build(0, 1, 4)), "wall_clock");
    EXPECT_FALSE(c.contains("graph"));
    EXPECT_EQ(c.at("mpi")[0][0].at("children")[0].at("node").at("tid"), json::parse("[0]"));
}

TEST(tree_writer, a_lone_thread_that_is_not_the_first_is_written_under_mpi) {
    builder b;
    b.row(sample::wall(), b.path(b.path(0, "1", path_kind::thread), "work"), {2});
    result r = sample::serial(b.build(0, 1, 1));
    r.collapsed_threads = false;
    EXPECT_TRUE(component(r, "wall_clock").contains("mpi"));
}

TEST(tree_writer, mpi_on_one_rank_is_mpi) {
    builder b;
    b.row(sample::wall(), b.path(0, "main"), {1});
    result r = sample::serial(b.build());
    r.mpi = true;
    EXPECT_TRUE(component(r, "wall_clock").contains("mpi"));
}

TEST(tree_writer, collapsed_ranks_are_one_element) {
    builder b;
    b.row(sample::wall(), b.path(0, "main"), {1});
    result r = sample::serial(merge(b.build(0, 2), b.build(1, 2), dimension::ranks, 100));
    r.mpi = true;
    const json c = component(r, "wall_clock");
    ASSERT_EQ(c.at("mpi").size(), 1U);
    EXPECT_EQ(
        c.at("mpi")[0][0].at("children")[0].at("node").at("inclusive").at("entry").at("value"), 2);
}

TEST(tree_writer, the_position_of_an_element_is_its_rank) {
    const result r = sample::apart({1, 3, 4}, 6, 1, [](builder& b, std::uint32_t rank) {
        b.row(rank == 3 ? sample::cpu() : sample::wall(), b.path(0, "main"), {rank});
    });
    const json mpi = component(r, "wall_clock").at("mpi");
    ASSERT_EQ(mpi.size(), 5U);
    for (const std::size_t absent : {0U, 2U, 3U}) EXPECT_EQ(mpi[absent], json::array());
    for (const std::size_t rank : {1U, 4U}) {
        ASSERT_EQ(mpi[rank].size(), 1U);
        const json node = mpi[rank][0].at("children")[0].at("node");
        EXPECT_EQ(node.at("inclusive").at("entry").at("value"), rank);
        EXPECT_EQ(node.at("pid"), json::array({4000 + rank}));
    }
}

TEST(tree_writer, high_water_marks_have_no_parts) {
    builder b;
    const auto main = b.path(0, "main");
    b.row(sample::peak_rss(), main, {3000000});
    b.row(sample::peak_rss(), b.path(main, "step"), {1000000, 2000000});
    const json node = component(sample::serial(b.build()), "peak_rss")
                          .at("graph")[0][0]
                          .at("children")[0]
                          .at("node");
    EXPECT_EQ(node.at("exclusive").at("entry"), node.at("inclusive").at("entry"));
    EXPECT_EQ(node.at("exclusive").at("stats").at("sum"), 3.0);
}

TEST(tree_writer, exclusive_ratio_is_that_of_the_exclusive_fields) {
    builder b;
    const auto main = b.path(0, "main");
    b.ratio_row(sample::cpu_util(), main, {{500, 1000}});
    b.ratio_row(sample::cpu_util(), b.path(main, "busy"), {{400, 400}});
    const json children =
        component(sample::serial(b.build()), "cpu_util").at("graph")[0][0].at("children");
    const json exclusive = children[0].at("node").at("exclusive");
    EXPECT_EQ(exclusive.at("entry").at("value"), json::parse(R"({"first": 100, "second": 600})"));
    EXPECT_DOUBLE_EQ(exclusive.at("stats").at("sum").get<double>(), 100.0 * 100 / 600);
    EXPECT_EQ(children[0].at("children")[0].at("node").at("exclusive").at("stats").at("sum"),
              100.0);
}

TEST(tree_writer, a_deep_tree_closes_every_node) {
    builder b;
    std::uint32_t path = 0;
    for (int i = 0; i < 500; ++i) {
        path = b.path(path, "level");
        b.row(sample::wall(), path, {1000 - i});
    }
    const json c = component(sample::serial(b.build()), "wall_clock");
    const json* node = &c.at("graph")[0][0];
    int depth = 0;
    while (!node->at("children").empty()) {
        ASSERT_EQ(node->at("children").size(), 1U);
        node = &node->at("children")[0];
        ++depth;
        ASSERT_EQ(node->at("node").at("depth"), depth);
        ASSERT_EQ(node->at("node").at("exclusive").at("entry").at("value"), depth == 500 ? 501 : 1);
    }
    EXPECT_EQ(depth, 500);
}

TEST(tree_writer, without_document_it_is_the_value_of_the_key) {
    builder b;
    b.row(sample::wall(), b.path(0, "main"), {1});
    const result r = sample::serial(b.build());
    EXPECT_EQ(json::parse(sample::text_of(write_tree, r, "wall_clock", settings{}, false)),
              component(r, "wall_clock"));
    EXPECT_EQ(json::parse(sample::text_of(write_tree, r, "cpu_clock", settings{}, true)),
              json::parse(R"({"timemory": {}})"));
}

}  // namespace
}  // namespace tim
