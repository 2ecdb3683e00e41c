// The recorder as a program uses it, through the C ABI: what was done is what the profile says.
// Each test runs in a process of its own.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "library/lifecycle.hpp"
#include "profile/profile.hpp"
#include "record/losses.hpp"
#include "record/snapshot.hpp"
#include "timemory/timemory.hpp"
#include "timemory/tools.h"

namespace tim {
namespace {

/// A component whose readings the test decides.
thread_local std::int64_t reading = 0;
thread_local double real_reading = 0;

void start(const char* components = "ticker") {
    setenv("TIMEMORY_AUTO_OUTPUT", "off", 1);
    ::timemory_init(0, nullptr);
    ASSERT_TRUE(add_component({"ticker"}, [] { return reading; }));
    ASSERT_EQ(timemory_set_default(components), 0);
}

struct row {
    std::uint64_t laps = 0;
    statistics values;
};

/// Rows by path, `a/b`.
std::map<std::string, row> rows(const std::string& id = "ticker") {
    const profile p = local_profile();
    std::map<std::string, row> found;
    const component_columns* c = p.find(id);
    if (c == nullptr) return found;
    for (std::size_t i = 0; i < c->path.size(); ++i) {
        std::string name;
        for (std::uint32_t n = c->path[i]; n != 0; n = p.paths[n].parent)
            name = std::string{p.name(p.paths[n])} + (name.empty() ? "" : "/" + name);
        found[name] = {c->laps[i], c->fields.back().laps[i]};
    }
    return found;
}

std::uint64_t lost(loss cause) {
    const auto losses = local_profile().losses;
    const auto found = losses.find(std::string{loss_name(cause)});
    return found != losses.end() ? found->second : 0;
}

void expect_row(const std::string& path, std::uint64_t laps, std::int64_t sum) {
    const auto all = rows();
    const auto found = all.find(path);
    ASSERT_NE(found, all.end()) << path;
    EXPECT_EQ(found->second.laps, laps) << path;
    EXPECT_EQ(static_cast<std::int64_t>(found->second.values.sum), sum) << path;
}

void lap(const char* name, std::int64_t cost) {
    timemory_push_region(name);
    reading += cost;
    timemory_pop_region(name);
}

TEST(recorder, keeps_sums_squares_and_extremes_exactly) {
    start();
    for (const std::int64_t cost : std::vector<std::int64_t>{5, -3, 4'000'000'000'000, 11})
        lap("a", cost);
    const row r = rows()["a"];
    EXPECT_EQ(r.laps, 4U);
    EXPECT_TRUE(r.values.sum == 4'000'000'000'013);
    EXPECT_TRUE(r.values.squares ==
                static_cast<uint128>(4'000'000'000'000) * 4'000'000'000'000 + 25 + 9 + 121);
    EXPECT_EQ(r.values.min, -3);
    EXPECT_EQ(r.values.max, 4'000'000'000'000);
}

TEST(recorder, nests_and_recurses) {
    start();
    timemory_push_region("main");
    for (int i = 0; i < 3; ++i) {
        timemory_push_region("step");
        lap("inner", 2);
        timemory_pop_region("step");
    }
    lap("main", 7);
    timemory_pop_region("main");
    EXPECT_EQ(rows().size(), 4U);
    expect_row("main", 1, 13);
    expect_row("main/step", 3, 6);
    expect_row("main/step/inner", 3, 6);
    expect_row("main/main", 1, 7);
}

TEST(recorder, takes_names_from_a_buffer_that_is_written_anew) {
    start();
    char name[16];
    for (int round = 0; round < 4; ++round)
        for (int i = 0; i < 50; ++i) {
            std::snprintf(name, sizeof name, "name %d", i);
            lap(name, i);
        }
    EXPECT_EQ(rows().size(), 50U);
    for (int i = 0; i < 50; ++i) expect_row("name " + std::to_string(i), 4, 4 * i);
}

TEST(recorder, finds_each_of_many_siblings) {
    start();
    std::vector<timemory_region_t> regions;
    for (int i = 0; i < 10000; ++i)
        regions.push_back(timemory_region(std::to_string(i).c_str(), nullptr));
    for (std::size_t i = 0; i < 100000; ++i) {
        const std::size_t k = i * 7919 % regions.size();
        timemory_enter(regions[k]);
        reading += static_cast<std::int64_t>(k);
        timemory_leave(regions[k]);
    }
    const auto all = rows();
    ASSERT_EQ(all.size(), 10000U);
    for (const auto& [name, r] : all) {
        EXPECT_EQ(r.laps, 10U);
        EXPECT_TRUE(r.values.sum == 10 * std::stoll(name));
    }
}

TEST(recorder, goes_deeper_than_a_stack_of_frames) {
    start();
    constexpr int depth = 1500;  // a piece of the stack holds a thousand frames
    for (int i = 0; i < depth; ++i) timemory_push_region("down");
    for (int i = 0; i < depth; ++i) {
        reading += 1;
        timemory_pop_region("down");
    }
    lap("flat", 3);
    const auto all = rows();
    EXPECT_EQ(all.size(), depth + 1U);
    EXPECT_TRUE(all.at("down").values.sum == depth);
    EXPECT_TRUE(all.at("flat").values.sum == 3);
}

TEST(recorder, what_recording_takes_is_estimated) {
    start();
    for (int i = 0; i < 10; ++i) {
        timemory_push_region("outer");
        for (int k = 0; k < 3; ++k) {
            timemory_push_region("inner");
            timemory_pop_region("inner");
        }
        timemory_pop_region("outer");
    }
    const profile p = take_snapshot({.own_cost = true});
    EXPECT_EQ(p.measuring.regions, 40U);
    EXPECT_GT(p.measuring.nanoseconds, 40U);             // a nanosecond each
    EXPECT_LT(p.measuring.nanoseconds, 40U * 1000'000);  // a millisecond each
    EXPECT_GE(p.measuring.memory, chunk_size);
    const component_columns* c = p.find("own_cost");
    ASSERT_NE(c, nullptr);
    ASSERT_EQ(c->laps, (std::vector<std::uint64_t>{10, 30}));
    // What is inside counts too: all regions cost the same here.
    const std::vector<int128>& ns = c->fields[0].value;
    EXPECT_EQ(ns[0], static_cast<int128>(p.measuring.nanoseconds));
    EXPECT_EQ(ns[1] * 4, ns[0] * 3);
    EXPECT_EQ(take_snapshot({}).find("own_cost"), nullptr);
}

TEST(recorder, ends_regions_out_of_order) {
    start();
    const timemory_record_t a = timemory_begin(timemory_region("a", nullptr));
    reading += 1;
    const timemory_record_t b = timemory_begin(timemory_region("b", nullptr));
    reading += 2;
    timemory_end(a);
    reading += 4;
    lap("c", 8);
    timemory_end(b);
    timemory_end(b);
    timemory_end(a);
    timemory_end(TIMEMORY_NO_RECORD);
    timemory_end(12345);
    lap("d", 16);
    expect_row("a", 1, 3);
    expect_row("a/b", 1, 14);
    expect_row("a/b/c", 1, 8);
    expect_row("d", 1, 16);
    EXPECT_EQ(rows().size(), 4U);
}

TEST(recorder, pops_the_innermost_region_of_the_name) {
    start();
    timemory_push_region("a");
    timemory_push_region("b");
    reading += 1;
    timemory_pop_region("a");
    reading += 2;
    timemory_pop_region("b");
    timemory_pop_region("b");
    timemory_pop_region("never");
    expect_row("a", 1, 1);
    expect_row("a/b", 1, 3);
    EXPECT_EQ(lost(loss::pop_without_push), 2U);
}

TEST(recorder, books_a_region_that_ends_on_another_thread_there) {
    start("wall_clock,thread_cpu_clock");
    timemory_push_region("outer");
    const timemory_record_t record = timemory_begin(timemory_region("moved", nullptr));
    std::thread{[record] { timemory_end(record); }}.join();
    timemory_push_region("after");
    timemory_pop_region("after");
    timemory_pop_region("outer");
    const auto wall = rows("wall_clock");
    EXPECT_EQ(wall.at("outer/moved").laps, 1U);
    EXPECT_EQ(wall.at("outer/after").laps, 1U) << "not under the region that has ended";
    EXPECT_EQ(rows("thread_cpu_clock").count("outer/moved"), 0U);
    EXPECT_EQ(lost(loss::other_thread), 1U);
    EXPECT_EQ(local_profile().threads, 2U);
}

TEST(recorder, keeps_flows_apart) {
    start();
    const timemory_flow_t one = timemory_create_flow();
    const timemory_flow_t two = timemory_create_flow();
    ASSERT_NE(one, 0U);
    ASSERT_NE(one, two);
    EXPECT_EQ(timemory_switch_flow(one), 0U);
    timemory_push_region("task 1");
    reading += 1;
    EXPECT_EQ(timemory_switch_flow(two), one);
    timemory_push_region("task 2");
    reading += 2;
    timemory_switch_flow(one);
    lap("step", 4);
    timemory_pop_region("task 1");
    timemory_switch_flow(two);
    timemory_pop_region("task 2");
    timemory_switch_flow(0);
    timemory_delete_flow(one);
    timemory_delete_flow(two);
    expect_row("task 1", 1, 7);
    expect_row("task 1/step", 1, 4);
    expect_row("task 2", 1, 6);
    EXPECT_EQ(rows().size(), 3U);
    EXPECT_EQ(timemory_create_flow(), one) << "used again";
}

TEST(recorder, pauses_without_losing_the_order) {
    start();
    timemory_push_region("a");
    reading += 1;
    timemory_pause();
    EXPECT_EQ(timemory_active & TIMEMORY_RECORDING, 0);
    timemory_push_region("a");
    lap("b", 2);
    timemory_pop_region("a");
    { TIMEMORY_MARKER("c"); }
    EXPECT_EQ(timemory_begin(timemory_region("d", nullptr)), TIMEMORY_NO_RECORD);
    timemory_resume();
    timemory_pop_region("a");
    lap("e", 4);
    expect_row("a", 1, 3);
    expect_row("e", 1, 4);
    EXPECT_EQ(rows().size(), 2U);
    EXPECT_EQ(lost(loss::pop_without_push), 0U);
}

TEST(recorder, stands_regions_under_the_root_when_flat) {
    start();
    timemory_push_region("a");
    ASSERT_EQ(timemory_set_setting("flat_profile", "on"), 0);
    timemory_push_region("b");
    lap("c", 1);
    timemory_pop_region("b");
    timemory_pop_region("a");
    EXPECT_EQ(rows().size(), 3U);
    expect_row("b", 1, 1);
    expect_row("c", 1, 1);
}

TEST(recorder, records_no_deeper_than_max_depth) {
    start();
    ASSERT_EQ(timemory_set_setting("max_depth", "2"), 0);
    const auto nest = [](const char* bottom) {
        for (const char* name : {"a", "b", "c", "d"}) timemory_push_region(name);
        lap(bottom, 1);
        for (const char* name : {"d", "c", "b", "a"}) timemory_pop_region(name);
    };
    for (int i = 0; i < 100; ++i) nest("e");
    ASSERT_EQ(timemory_set_default("wall_clock"), 0);
    for (int i = 0; i < 100; ++i) nest("e");
    EXPECT_EQ(rows().size(), 2U);
    expect_row("a", 100, 100);
    expect_row("a/b", 100, 100);
    EXPECT_EQ(rows("wall_clock").at("a/b").laps, 100U);
    EXPECT_EQ(rows("wall_clock").size(), 2U);
    EXPECT_TRUE(local_profile().losses.empty()) << "asked for, not lost";
}

TEST(recorder, keeps_laps_apart_in_a_timeline_up_to_its_limit) {
    start();
    ASSERT_EQ(timemory_set_setting("max_timeline", "5"), 0);
    ASSERT_EQ(timemory_set_setting("timeline_profile", "on"), 0);
    for (int i = 1; i <= 4; ++i) {
        timemory_push_region("a");
        lap("b", i);
        timemory_pop_region("a");
    }
    expect_row(lap_name(0, "a"), 1, 1);
    expect_row(lap_name(0, "a") + "/" + lap_name(0, "b"), 1, 1);
    expect_row(lap_name(1, "a") + "/" + lap_name(0, "b"), 1, 2);
    expect_row(lap_name(2, "a"), 1, 3);
    expect_row(lap_name(2, "a") + "/b", 1, 3);
    expect_row("a", 1, 4);
    expect_row("a/b", 1, 4);
    EXPECT_EQ(rows().size(), 8U);
    EXPECT_EQ(lost(loss::timeline_full), 3U);
    ASSERT_EQ(timemory_set_setting("flat_profile", "on"), 0);
    ASSERT_EQ(timemory_set_setting("max_timeline", "100"), 0);
    timemory_push_region("a");
    lap("b", 1);
    timemory_pop_region("a");
    expect_row(lap_name(0, "b"), 1, 1);
    expect_row(lap_name(3, "a"), 1, 1);

    const auto laps = take_timeline();
    ASSERT_EQ(laps.size(), 7U);
    for (const lap_event& e : laps) EXPECT_GT(e.begin, std::int64_t{1'600'000'000} * 1'000'000'000);
    EXPECT_EQ(laps[0].name, "a");
    EXPECT_EQ(laps[1].name, "b");
    EXPECT_LE(laps[0].begin, laps[1].begin);
    EXPECT_GE(laps[0].begin + laps[0].duration, laps[1].begin + laps[1].duration);
}

TEST(recorder, puts_a_region_where_it_asks_to_be) {
    start();
    timemory_push_region("a");
    for (int i = 1; i <= 2; ++i)
        for (const int scope :
             {0, +TIMEMORY_FLAT, +TIMEMORY_TIMELINE, TIMEMORY_FLAT + TIMEMORY_TIMELINE}) {
            const auto record = timemory_begin_in(scope, timemory_region("b", ""));
            reading += i;
            timemory_end(record);
        }
    timemory_pop_region("a");
    expect_row("a/b", 2, 3);
    expect_row("b", 2, 3);
    for (const std::string above : {"", "a/"}) {
        expect_row(above + lap_name(0, "b"), 1, 1);
        expect_row(above + lap_name(1, "b"), 1, 2);
    }
    EXPECT_EQ(rows().size(), 7U);
    timemory_pause();
    EXPECT_EQ(timemory_begin_in(TIMEMORY_FLAT, timemory_region("b", "")), TIMEMORY_NO_RECORD);
}

TEST(recorder, says_what_a_tool_measures) {
    start();
    const auto of = [](const char* tool) {
        char list[100] = "";
        const int length = timemory_tool_components(tool, list, sizeof list);
        return length < 0 ? "refused" : std::string{list, static_cast<std::size_t>(length)};
    };
    const auto set = [](const char* name, const char* value) {
        ASSERT_EQ(timemory_set_setting(name, value), 0);
    };
    const auto expect_all = [&](std::string_view trace, std::string_view profiler,
                                std::string_view mpip) {
        EXPECT_EQ(of("trace"), trace);
        EXPECT_EQ(of("profiler"), profiler);
        EXPECT_EQ(of("mpip"), mpip);
    };
    EXPECT_EQ(of("abacus"), "refused");
    expect_all("ticker,", "ticker,", "ticker,");
    set("profiler_components", "peak_rss");
    expect_all("ticker,", "peak_rss,", "peak_rss,");
    set("mpip_components", "cpu_clock");
    expect_all("ticker,", "peak_rss,", "cpu_clock,");
    set("trace_components", "wall_clock");
    expect_all("wall_clock,", "wall_clock,", "cpu_clock,");
    set("mpip_components", "cpu_clock fallthrough");
    expect_all("wall_clock,", "wall_clock,", "cpu_clock,wall_clock,");
    set("trace_components", "none");
    expect_all(",", ",", "cpu_clock,");
}

TEST(recorder, throttles_traced_regions_that_are_short) {
    start();
    ASSERT_EQ(timemory_set_setting("trace_components", "ticker"), 0);
    timemory_trace_init(nullptr, 1, nullptr);
    ASSERT_EQ(timemory_set_setting("throttle_count", "10"), 0);
    ASSERT_EQ(timemory_set_setting("throttle_value", "1000000"), 0);
    for (int i = 0; i < 25; ++i) {
        timemory_push_trace("short");
        timemory_push_trace("short");  // recursion counts once
        timemory_pop_trace("short");
        reading += 1;
        timemory_pop_trace("short");
    }
    for (int i = 0; i < 12; ++i) {
        timemory_push_trace("long");
        usleep(2000);
        timemory_pop_trace("long");
    }
    EXPECT_EQ(timemory_is_throttled("short"), 1);
    EXPECT_EQ(timemory_is_throttled("long"), 0);
    EXPECT_EQ(timemory_is_throttled("unknown"), 0);
    expect_row("short", 10, 10);
    expect_row("short/short", 10, 0);
    expect_row("long", 12, 0);
    EXPECT_EQ(lost(loss::throttled), 30U);
    int elsewhere = -1;
    std::thread{[&] { elsewhere = timemory_is_throttled("short"); }}.join();
    EXPECT_EQ(elsewhere, 0) << "each thread by itself";
    timemory_reset_throttle("short");
    EXPECT_EQ(timemory_is_throttled("short"), 0);
    const std::uint64_t id = timemory_add_hash_id("short");
    timemory_push_trace_hash(id);
    timemory_pop_trace_hash(id);
    expect_row("short", 11, 10);
    EXPECT_STREQ(timemory_hash_name(id), "short");
    EXPECT_EQ(timemory_hash_name(id + 1), nullptr);
    timemory_pop_trace("short");
    EXPECT_EQ(lost(loss::pop_without_push), 1U);
}

TEST(recorder, drops_open_regions_where_stack_clearing_is_off) {
    start();
    ASSERT_EQ(timemory_set_setting("stack_clearing", "off"), 0);
    timemory_push_region("open");
    lap("inside", 1);
    timemory_finalize();
    EXPECT_EQ(rows().size(), 1U);
    expect_row("open/inside", 1, 1);
    EXPECT_EQ(lost(loss::dropped_at_finalize), 1U);
}

TEST(recorder, gives_regions_components_of_their_own) {
    start();
    timemory_push_region("a");
    {
        TIMEMORY_MARKER("b", "wall_clock");
        lap("c", 1);
    }
    { TIMEMORY_MARKER("b", "ticker,wall_clock"); }
    timemory_pop_region("a");
    EXPECT_EQ(rows("wall_clock").at("a/b").laps, 2U) << "two sets of components, one path";
    EXPECT_EQ(rows().at("a/b").laps, 1U);
    EXPECT_EQ(rows().at("a/b/c").laps, 1U);
    timemory_push_components("wall_clock");
    lap("d", 1);
    timemory_pop_components();
    lap("d", 1);
    EXPECT_EQ(rows("wall_clock").at("d").laps, 1U);
    EXPECT_EQ(rows().at("d").laps, 1U);
}

TEST(recorder, keeps_real_numbers_and_high_water_marks) {
    start();
    ASSERT_TRUE(add_component({"energy", "energy", "energy", "J", 1}, [] { return real_reading; }));
    user_component mark{"mark"};
    mark.high_water = true;
    ASSERT_TRUE(add_component(mark, [] { return reading; }));
    ASSERT_EQ(timemory_set_default("energy,mark"), 0);
    for (const double joule : {0.5, -0.25, 8.0}) {
        timemory_push_region("a");
        real_reading += joule;
        reading = static_cast<std::int64_t>(joule * 100);
        timemory_pop_region("a");
    }
    const statistics energy = rows("energy").at("a").values;
    EXPECT_DOUBLE_EQ(real_of(energy.sum), 8.25);
    EXPECT_DOUBLE_EQ(real_of(static_cast<int128>(energy.squares)), 64.3125);
    EXPECT_DOUBLE_EQ(real_of(static_cast<int128>(static_cast<std::uint64_t>(energy.min))), -0.25);
    EXPECT_DOUBLE_EQ(real_of(static_cast<int128>(static_cast<std::uint64_t>(energy.max))), 8.0);
    const profile p = local_profile();
    EXPECT_TRUE(p.find("mark")->fields[0].value[0] == 800);
}

TEST(recorder, counts_every_lap_of_many_threads_while_it_is_read) {
    start("wall_clock");
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    std::vector<std::uint64_t> done(4);
    for (std::size_t t = 0; t < done.size(); ++t)
        threads.emplace_back([&, t] {
            while (!stop) {
                timemory_push_region("work");
                { TIMEMORY_MARKER("inner"); }
                timemory_pop_region("work");
                ++done[t];
            }
        });
    std::uint64_t last = 0;
    for (int seen = 0; seen < 50;) {
        const auto all = rows("wall_clock");
        const auto found = all.find("work");
        if (found == all.end()) continue;
        ++seen;
        const row& r = found->second;
        EXPECT_GE(r.laps, last);
        last = r.laps;
        EXPECT_LE(r.values.min, r.values.max);
        // Torn values would break this: the sum of squares is at least (sum)² / n.
        const auto sum = static_cast<double>(r.values.sum);
        EXPECT_GE(static_cast<double>(r.values.squares) * 1.000001,
                  sum * sum / static_cast<double>(r.laps));
    }
    stop = true;
    for (std::thread& t : threads) t.join();
    std::uint64_t all = 0;
    for (const std::uint64_t n : done) all += n;
    EXPECT_GT(all, 0U);
    EXPECT_EQ(rows("wall_clock").at("work").laps, all);
    EXPECT_EQ(rows("wall_clock").at("work/inner").laps, all);
}

TEST(recorder, goes_on_with_the_recorder_of_a_thread_that_ended) {
    start();
    for (int wave = 0; wave < 20; ++wave)
        std::thread{[] {
            reading = 0;
            lap("work", 3);
        }}.join();
    expect_row("work", 20, 60);
    EXPECT_LE(local_profile().threads, 2U);
}

TEST(recorder, starts_empty_in_the_child_of_a_fork) {
    start();
    lap("parent", 1);
    timemory_push_region("open");
    const pid_t child = fork();
    if (child == 0) {
        lap("child", 2);
        timemory_pop_region("open");
        const auto all = rows();
        _exit(all.size() == 1 && all.count("child") == 1 && all.at("child").laps == 1 ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    timemory_pop_region("open");
    EXPECT_EQ(rows().size(), 2U);
    expect_row("open", 1, 0);
}

TEST(recorder, ends_open_regions_at_finalize_and_counts_what_comes_later) {
    start();
    timemory_push_region("a");
    lap("b", 1);
    reading += 5;
    ::timemory_finalize();
    ::timemory_finalize();
    timemory_pop_region("a");
    expect_row("a", 1, 6);
    EXPECT_EQ(lost(loss::open_at_finalize), 1U);
    lap("late", 1);
    EXPECT_EQ(rows().count("late"), 0U);
    EXPECT_EQ(loss_counts[static_cast<std::size_t>(loss::after_finalize)], 1U);
}

TEST(recorder, begins_by_itself_with_the_first_region) {
    setenv("TIMEMORY_AUTO_OUTPUT", "off", 1);
    EXPECT_EQ(timemory_library_is_initialized(), 0);
    timemory_pop_region("nothing");
    { TIMEMORY_MARKER("first"); }
    EXPECT_EQ(timemory_library_is_initialized(), 1);
    EXPECT_EQ(rows("wall_clock").at("first").laps, 1U);
    EXPECT_EQ(lost(loss::pop_without_push), 1U);
}

TEST(recorder, records_nothing_when_it_is_off) {
    setenv("TIMEMORY_ENABLED", "off", 1);
    start();
    lap("a", 1);
    { TIMEMORY_MARKER("b"); }
    EXPECT_EQ(rows().size(), 0U);
    ASSERT_EQ(timemory_set_setting("enabled", "on"), 0);
    lap("c", 1);
    EXPECT_EQ(rows().size(), 1U);
}

}  // namespace
}  // namespace tim
