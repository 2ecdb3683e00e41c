#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "output/stream.hpp"
#include "output/writers.hpp"
#include "sample_profile.hpp"

namespace tim {
namespace {

using nlohmann::json;
using sample::builder;

json document(const result& r, std::string_view id) {
    return json::parse(sample::text_of(write_json, r, id, settings{}, true));
}

/// The value of a component's key.
json component(const result& r, std::string_view id) {
    return document(r, id).at("timemory").at(std::string{id});
}

std::string written(const std::function<void(stream&)>& write) {
    std::string text;
    const sink out = [&text](std::string_view piece) { text += piece; };
    stream s{out};
    write(s);
    s.finish();
    return text;
}

result nested() {
    builder b;
    const auto main = b.path(0, "main");
    b.row(sample::wall(), main, {6949710});
    b.row(sample::wall(), b.path(main, "step/step"), {1482880, 1935065, 2466877});
    return sample::serial(b.build());
}

TEST(json_writer, header) {
    json c = component(nested(), "wall_clock");
    c.erase("ranks");
    EXPECT_EQ(c, json::parse(R"json({
        "properties": {"value": 78, "enum": "WALL_CLOCK", "id": "wall_clock",
                       "ids": ["real_clock", "virtual_clock", "wall_clock"]},
        "type": "wall", "description": "Real-clock timer (i.e. wall-clock timer)", "unit_value": 1000000000,
        "unit_repr": "sec", "thread_scope_only": false, "thread_count": 1, "mpi_size": 1, "upcxx_size": 1,
        "process_count": 1, "num_ranks": 1, "concurrency": 1})json"));
}

TEST(json_writer, rows_have_the_keys_and_values_that_readers_know) {
    const json ranks = component(nested(), "wall_clock").at("ranks");
    ASSERT_EQ(ranks.size(), 1U);
    EXPECT_EQ(ranks[0].at("rank"), 0);
    EXPECT_EQ(ranks[0].at("graph_size"), 2);
    const json graph = ranks[0].at("graph");
    ASSERT_EQ(graph.size(), 2U);
    EXPECT_EQ(graph[0].at("prefix"), ">>> main");
    EXPECT_EQ(graph[0].at("depth"), 0);
    EXPECT_EQ(graph[1].at("prefix"), ">>> |_step/step");
    EXPECT_EQ(graph[1].at("depth"), 1);
    EXPECT_EQ(graph[1].at("entry"), json::parse(R"({"laps": 3, "value": 5884822, "accum": 5884822,
                                                    "repr_data": 0.005884822, "repr_display": 0.005884822})"));
    const json stats = graph[1].at("stats");
    EXPECT_EQ(stats.size(), 7U);
    EXPECT_EQ(stats.at("sum"), 0.005884822);
    EXPECT_EQ(stats.at("count"), 3);
    EXPECT_EQ(stats.at("min"), 0.00148288);
    EXPECT_EQ(stats.at("max"), 0.002466877);
    EXPECT_DOUBLE_EQ(stats.at("sqr").get<double>(), 0.000012028891781754);
    EXPECT_DOUBLE_EQ(stats.at("mean").get<double>(), 0.005884822 / 3);
    EXPECT_NEAR(stats.at("stddev").get<double>(), 0.000402153, 1e-9);
    EXPECT_FALSE(graph[1].contains("ranks"));  // a serial run
}

TEST(json_writer, hash_is_of_the_name_and_rolling_hash_of_the_path) {
    builder b;
    const auto main = b.path(0, "main");
    b.row(sample::wall(), main, {1});
    b.row(sample::wall(), b.path(main, "step"), {1});
    b.row(sample::wall(), b.path(0, "step"), {1});
    const json graph =
        component(sample::serial(b.build()), "wall_clock").at("ranks")[0].at("graph");
    const std::uint64_t root = path_hash(0, path_kind::root, {});
    EXPECT_EQ(graph[1].at("hash"), path_hash(0, path_kind::region, "step"));
    EXPECT_EQ(graph[1].at("hash"), graph[2].at("hash"));
    EXPECT_EQ(graph[1].at("rolling_hash"),
              path_hash(path_hash(root, path_kind::region, "main"), path_kind::region, "step"));
    EXPECT_EQ(graph[2].at("rolling_hash"), path_hash(root, path_kind::region, "step"));
}

TEST(json_writer, statistics_over_ranks) {
    // Four ranks; rank 3 never gets there. Rank 1 and rank 2 tie for the most.
    profile p;
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
        builder b;
        b.row(sample::wall(), b.path(0, "main"), {1000000000});
        if (rank < 3)
            b.row(sample::wall(), b.path(1, "work"), {rank == 0 ? 1000000000 : 4000000000});
        p = rank == 0 ? b.build(0, 4) : merge(p, b.build(rank, 4), dimension::ranks, 1000);
    }
    result r = sample::serial(p);
    r.mpi = true;
    const json c = component(r, "wall_clock");
    EXPECT_EQ(c.at("mpi_size"), 4);
    EXPECT_EQ(c.at("process_count"), 4);
    EXPECT_EQ(c.at("ranks").size(), 1U);
    const json graph = c.at("ranks")[0].at("graph");
    ASSERT_EQ(graph.size(), 2U);
    json even = graph[0].at("ranks");
    EXPECT_EQ(
        even,
        json::parse(R"({"count": 4, "sum": 4.0, "mean": 1.0, "min": 1.0, "min_rank": 0, "max": 1.0,
                                    "max_rank": 0, "stddev": 0.0, "imbalance": 0.0})"));
    json uneven = graph[1].at("ranks");
    EXPECT_DOUBLE_EQ(uneven.at("stddev").get<double>(), std::sqrt(2.0));
    EXPECT_DOUBLE_EQ(uneven.at("imbalance").get<double>(), 4.0 / (9.0 / 4.0) - 1.0);
    uneven.erase("stddev");
    uneven.erase("imbalance");
    EXPECT_EQ(
        uneven,
        json::parse(R"({"count": 3, "sum": 9.0, "mean": 3.0, "min": 1.0, "min_rank": 0, "max": 4.0,
                                      "max_rank": 1})"));
    EXPECT_EQ(graph[1].at("entry").at("value"), 9000000000);
}

TEST(json_writer, ranks_that_are_not_collapsed_keep_their_number) {
    const result r = sample::apart({0, 1, 2}, 3, 1, [](builder& b, std::uint32_t rank) {
        b.row(rank == 1 ? sample::cpu() : sample::wall(), b.path(0, "main"), {rank + 1});
    });
    const json ranks = component(r, "wall_clock").at("ranks");
    ASSERT_EQ(ranks.size(), 2U);  // rank 1 has none
    EXPECT_EQ(ranks[0].at("rank"), 0);
    EXPECT_EQ(ranks[1].at("rank"), 2);
    EXPECT_EQ(ranks[1].at("graph")[0].at("prefix"), "|2>>> main");
    EXPECT_EQ(ranks[1].at("graph")[0].at("entry").at("value"), 3);
}

TEST(json_writer, threads_that_are_not_collapsed_are_in_the_prefix) {
    builder b;
    b.row(sample::wall(), b.path(b.path(0, "0", path_kind::thread), "main"), {1});
    b.row(sample::wall(), b.path(b.path(0, "1", path_kind::thread), "main"), {2});
    result r = sample::serial(b.build(0, 1, 2));
    r.collapsed_threads = false;
    const json c = component(r, "wall_clock");
    EXPECT_EQ(c.at("thread_count"), 2);
    EXPECT_EQ(c.at("concurrency"), 2);
    const json graph = c.at("ranks")[0].at("graph");
    ASSERT_EQ(graph.size(), 2U);
    EXPECT_EQ(graph[0].at("prefix"), "|0>>> main");
    EXPECT_EQ(graph[1].at("prefix"), "|1>>> main");
    EXPECT_EQ(graph[1].at("depth"), 0);
}

TEST(json_writer, ratio_has_both_fields_raw_and_the_percentage) {
    builder b;
    b.ratio_row(sample::cpu_util(), b.path(0, "main"), {{500, 1000}, {900, 1000}});
    const json c = component(sample::serial(b.build()), "cpu_util");
    EXPECT_EQ(c.at("unit_value"), 1);
    EXPECT_EQ(c.at("unit_repr"), "%");
    const json row = c.at("ranks")[0].at("graph")[0];
    EXPECT_EQ(row.at("entry").at("value"), json::parse(R"({"first": 1400, "second": 2000})"));
    EXPECT_EQ(row.at("entry").at("accum"), row.at("entry").at("value"));
    EXPECT_EQ(row.at("entry").at("repr_data"), 70.0);
    EXPECT_EQ(row.at("stats").at("sum"), 70.0);
    EXPECT_EQ(row.at("stats").at("min"), 50.0);
    EXPECT_EQ(row.at("stats").at("max"), 90.0);
    EXPECT_EQ(row.at("stats").at("mean"), 70.0);
    EXPECT_EQ(row.at("stats").at("stddev"), 20.0);
}

TEST(json_writer, real_numbers_of_a_user) {
    builder b;
    b.real_row(sample::energy(), b.path(0, "main"), {0.1, 2500.25});
    const json row = component(sample::serial(b.build()), "energy").at("ranks")[0].at("graph")[0];
    EXPECT_EQ(row.at("entry").at("value"), 0.1 + 2500.25);
    EXPECT_EQ(row.at("stats").at("max"), 2500.25 / 1e3);
}

TEST(json_writer, what_is_no_number_becomes_null) {
    builder b;
    b.real_row(sample::energy(), b.path(0, "main"), {std::numeric_limits<double>::quiet_NaN()});
    b.real_row(sample::energy(), b.path(0, "other"), {std::numeric_limits<double>::infinity()});
    const json graph = component(sample::serial(b.build()), "energy").at("ranks")[0].at("graph");
    EXPECT_TRUE(graph[0].at("entry").at("value").is_null());
    EXPECT_TRUE(graph[0].at("stats").at("sum").is_null());
    EXPECT_TRUE(graph[1].at("entry").at("repr_data").is_null());
    EXPECT_EQ(graph[1].at("entry").at("laps"), 1);
}

TEST(json_writer, rows_without_laps_are_zero) {
    builder b;
    b.row(sample::wall(), b.path(0, "open"), {});
    const json row =
        component(sample::serial(b.build()), "wall_clock").at("ranks")[0].at("graph")[0];
    EXPECT_EQ(row.at("entry").at("laps"), 0);
    for (const char* key : {"sum", "min", "max", "sqr", "mean", "stddev"})
        EXPECT_EQ(row.at("stats").at(key), 0.0);
}

TEST(json_writer, losses) {
    EXPECT_FALSE(component(nested(), "wall_clock").contains("losses"));
    result r = nested();
    r.profiles.push_back(r.profiles[0]);
    r.profiles[0].losses = {{"pops without a push", 3}, {"capped \"paths\"", 1}};
    r.profiles[1].losses = {{"pops without a push", 4}};
    EXPECT_EQ(component(r, "wall_clock").at("losses"),
              json::parse(R"({"pops without a push": 7, "capped \"paths\"": 1})"));
}

TEST(json_writer, without_document_it_is_the_value_of_the_key) {
    const result r = nested();
    EXPECT_EQ(json::parse(sample::text_of(write_json, r, "wall_clock", settings{}, false)),
              component(r, "wall_clock"));
    EXPECT_EQ(document(r, "cpu_clock"), json::parse(R"({"timemory": {}})"));
    EXPECT_EQ(json::parse(sample::text_of(write_json, r, "cpu_clock", settings{}, false)),
              json::object());
}

TEST(json_writer, names_come_back_as_they_were) {
    std::string every;
    for (int c = 0; c < 128; ++c) every += static_cast<char>(c);
    for (const std::string& name :
         {every, std::string{"grüße 日本語 😀"}, std::string{"\"quoted\" \\ /"}}) {
        builder b;
        b.row(sample::wall(), b.path(0, name), {1});
        const json row =
            component(sample::serial(b.build()), "wall_clock").at("ranks")[0].at("graph")[0];
        EXPECT_EQ(row.at("prefix"), ">>> " + name);
    }
}

TEST(json_writer, bytes_that_are_not_utf8_are_replaced) {
    const auto read_back = [](std::string_view name) {
        return json::parse(written([&](stream& s) { s.json_string(name); })).get<std::string>();
    };
    const std::string mark = "\xEF\xBF\xBD";
    EXPECT_EQ(read_back("a\xff"
                        "b"),
              "a" + mark + "b");
    EXPECT_EQ(read_back("\xC3"), mark);                        // cut short
    EXPECT_EQ(read_back("\xC0\xAF"), mark + mark);             // overlong
    EXPECT_EQ(read_back("\xE0\x80\xAF"), mark + mark + mark);  // overlong
    EXPECT_EQ(read_back("\xED\xA0\x80"), mark + mark + mark);  // a surrogate
    EXPECT_EQ(read_back("\xF4\x90\x80\x80"), mark + mark + mark + mark);
    EXPECT_EQ(read_back("\xF0\x9F\x98"), mark + mark + mark);
    EXPECT_EQ(read_back("\xF4\x8F\xBF\xBF"), "\xF4\x8F\xBF\xBF");
    for (int first = 0x80; first < 0x100; ++first)
        for (int second = 0; second < 0x100; ++second) {
            const std::string name{static_cast<char>(first), static_cast<char>(second), 'x'};
            ASSERT_EQ(read_back(name).back(), 'x') << first << ' ' << second;
        }
}

TEST(json_writer, numbers_read_back_exactly) {
    for (const double d : {0.0, -0.0, 1.0, 0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, 0.00694971,
                           -2.5e-9, 1e22, 123456789012345680.0})
        EXPECT_EQ(json::parse(written([&](stream& s) { s.json(d); })).get<double>(), d);
    EXPECT_EQ(written([](stream& s) { s.json(1.0); }), "1.0");
    EXPECT_EQ(written([](stream& s) { s.json(0.1); }), "0.1");
    EXPECT_EQ(written([](stream& s) { s.json(std::numeric_limits<std::uint64_t>::max()); }),
              "18446744073709551615");
    EXPECT_EQ(written([](stream& s) { s.json(std::numeric_limits<std::int64_t>::min()); }),
              "-9223372036854775808");
    const int128 great = static_cast<int128>(std::numeric_limits<std::int64_t>::max()) * 1000;
    EXPECT_EQ(written([&](stream& s) { s.json(great); }), "9223372036854775807000");
    EXPECT_EQ(written([&](stream& s) { s.json(-great); }), "-9223372036854775807000");
    const int128 least = -static_cast<int128>(~uint128{0} >> 1) - 1;
    EXPECT_EQ(written([&](stream& s) { s.json(least); }),
              "-170141183460469231731687303715884105728");
}

TEST(json_writer, pieces_are_small_however_large_the_output_is) {
    builder b;
    const auto main = b.path(0, "main");
    b.row(sample::wall(), main, {1});
    for (int i = 0; i < 3000; ++i)
        b.row(sample::wall(), b.path(main, "region " + std::to_string(i)), {i});
    const result r = sample::serial(b.build());
    std::size_t greatest = 0;
    std::string text;
    write_json(r, "wall_clock", {}, true, [&](std::string_view piece) {
        greatest = std::max(greatest, piece.size());
        text += piece;
    });
    EXPECT_LE(greatest, 64U * 1024);
    EXPECT_GT(text.size(), 10 * greatest);
    const json graph = json::parse(text).at("timemory").at("wall_clock").at("ranks")[0].at("graph");
    ASSERT_EQ(graph.size(), 3001U);
    for (int i = 0; i < 3000; ++i) {
        const json& row = graph[static_cast<std::size_t>(i) + 1];
        ASSERT_EQ(row.at("prefix"), ">>> |_region " + std::to_string(i));
        ASSERT_EQ(row.at("entry").at("value"), i);
    }
}

TEST(json_writer, components_of_several_values_are_lists) {
    builder b;
    const auto run = b.path(0, "run");
    b.vector_row(sample::marks(), run, {{10'000'000, 20'000'000}, {20'000'000, 40'000'000}});
    b.ratio_row(sample::written(), run, {{3'000'000, 1'000'000'000}, {1'000'000, 1'000'000'000}});
    const result r = sample::serial(b.build());
    const json marks = component(r, "current_peak_rss");
    EXPECT_EQ(marks.at("type"), (json{"start peak rss", "stop peak rss"}));
    EXPECT_EQ(marks.at("unit_repr"), (json{"MB", "MB"}));
    EXPECT_EQ(marks.at("unit_value"), (json{1000000, 1000000}));
    const json row = marks.at("ranks").at(0).at("graph").at(0);
    EXPECT_EQ(row.at("entry").at("value"), (json{20000000, 40000000}));
    EXPECT_EQ(row.at("entry").at("repr_data"), (json{20.0, 40.0}));
    EXPECT_EQ(row.at("stats").at("min"), (json{10.0, 20.0}));
    EXPECT_EQ(row.at("stats").at("mean"), (json{15.0, 30.0}));
    EXPECT_EQ(row.at("stats").at("count"), 2);
    const json written = component(r, "written_char").at("ranks").at(0).at("graph").at(0);
    EXPECT_EQ(written.at("entry").at("value"), (json{{"first", 4000000}, {"second", 2000000000}}));
    EXPECT_EQ(written.at("entry").at("repr_data"), (json{4.0, 2.0}));
}

TEST(json_writer, units_and_values_follow_the_settings_together) {
    settings s;
    s.timing_units = "usec";
    const json c = json::parse(sample::text_of(write_json, nested(), "wall_clock", s, true))
                       .at("timemory")
                       .at("wall_clock");
    EXPECT_EQ(c.at("unit_repr"), "usec");
    EXPECT_EQ(c.at("unit_value"), 1000);
    const json entry = c.at("ranks").at(0).at("graph").at(0).at("entry");
    EXPECT_EQ(entry.at("value"), 6949710);
    EXPECT_DOUBLE_EQ(entry.at("repr_data").get<double>(), 6949.71);
}

}  // namespace
}  // namespace tim
