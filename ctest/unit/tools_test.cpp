// What libraries that intercept others record, through timemory/tools.h. Each test runs in a
// process of its own.

#include "timemory/tools.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "library/lifecycle.hpp"
#include "profile/merge.hpp"
#include "profile/profile.hpp"
#include "profile/table_list.hpp"

namespace tim {
namespace {

void start() {
    setenv("TIMEMORY_AUTO_OUTPUT", "off", 1);
    ::timemory_init(0, nullptr);
}

std::string names(const profile& p, std::uint32_t path) {
    std::string text;
    for (; path != 0; path = p.paths[path].parent)
        text = std::string{p.name(p.paths[path])} + (text.empty() ? "" : "/" + text);
    return text;
}

/// The rows of a table: their keys as text, how many values, and their sum.
std::map<std::string, std::pair<std::uint64_t, int128>> rows(const profile& p,
                                                             std::string_view name) {
    std::map<std::string, std::pair<std::uint64_t, int128>> found;
    const keyed_table* t = p.find_table(name);
    for (std::size_t row = 0; t != nullptr && row < t->rows(); ++row) {
        std::string text;
        for (std::size_t k = 0; k < t->keys.size(); ++k) {
            const std::int64_t key = t->keys_of(row)[k];
            text += text.empty() ? "" : ",";
            text += t->keys[k].kind == key_kind::text   ? t->text(row, k)
                    : t->keys[k].kind == key_kind::path ? names(p, static_cast<std::uint32_t>(key))
                                                        : std::to_string(key);
        }
        found[text] = {t->count[row], t->values[row].sum};
    }
    return found;
}

using expected_rows = std::map<std::string, std::pair<std::uint64_t, int128>>;

TEST(tools, buckets_hold_each_value_once) {
    std::size_t cases = 0;
    int before = timemory_bucket(3);
    for (int power = 2; power < 63; ++power)
        for (const std::int64_t step : {0, 1, 2, 3}) {
            const std::int64_t value =
                (std::int64_t{1} << power) + step * (std::int64_t{1} << (power - 2));
            for (const std::int64_t v : {value - 1, value}) {
                const int bucket = timemory_bucket(v);
                ASSERT_LE(timemory_bucket_begin(bucket), v);
                if (v < (std::int64_t{1} << 62)) {
                    ASSERT_GT(timemory_bucket_begin(bucket + 1), v);
                }
                ASSERT_TRUE(bucket == before || bucket == before + 1) << v;
                before = bucket;
                ++cases;
            }
        }
    EXPECT_EQ(timemory_bucket(-5), 0);
    EXPECT_EQ(cases, 61u * 8);
}

TEST(tools, equal_values_cost_only_a_count) {
    start();
    const std::int64_t keys[] = {timemory_text("a file"), timemory_text("MPI_File_write"), 0, 1};
    timemory_row* row = timemory_row_of(timemory_table("mpi_files"), keys, 4);
    ASSERT_NE(row, nullptr);
    // The sums of the values so far, as the result has them after each.
    int128 sum = 0;
    uint128 squares = 0;
    std::uint64_t count = 0;
    for (const std::int64_t value : {std::int64_t{7}, std::int64_t{7}, std::int64_t{1} << 62,
                                     std::int64_t{1} << 62, std::int64_t{7}, std::int64_t{0}}) {
        timemory_add_value(row, value);
        sum += value;
        squares += static_cast<uint128>(int128{value} * value);
        const profile p = local_profile();
        const keyed_table* t = p.find_table("mpi_files");
        ASSERT_EQ(t->count, std::vector<std::uint64_t>{++count});
        EXPECT_TRUE(t->values[0].sum == sum);
        EXPECT_TRUE(t->values[0].squares == squares);
        EXPECT_EQ(t->values[0].min, count < 6 ? 7 : 0);
        EXPECT_EQ(t->values[0].max, count < 3 ? 7 : std::int64_t{1} << 62);
    }
}

// Version 3 keeps its sums as floats of 32 bits, which stop growing at 256 MB of 8-byte messages.
TEST(tools, forty_million_messages_are_counted_to_the_byte) {
    start();
    const timemory_region_t call = timemory_region("MPI_Allreduce", nullptr);
    const timemory_path_t path = timemory_enter_path(call);
    timemory_leave_lap(call);
    const std::int64_t keys[] = {
        path, timemory_text("MPI_Allreduce"), timemory_text("world"), -1, 0, timemory_bucket(8)};
    timemory_row* row = timemory_row_of(timemory_table("mpi_messages"), keys, 6);
    ASSERT_NE(row, nullptr);
    timemory_add_value(row, 9);  // so that they are not all equal
    for (int i = 0; i < 40'000'000; ++i) timemory_add_value(row, 8);
    const profile p = local_profile();
    EXPECT_TRUE(p.find("mpi_sent")->fields[0].value[0] == 320'000'009);
    EXPECT_EQ(p.find("mpi_sent")->laps[0], 40'000'001u);
}

TEST(tools, histograms_count_each_value_once) {
    start();
    const timemory_region_t call = timemory_region("MPI_Wait", nullptr);
    timemory_enter(timemory_region("main", nullptr));
    const timemory_path_t path = timemory_enter_path(call);
    timemory_leave_lap(call);
    const std::int64_t keys[] = {path};
    const int table = timemory_table("mpi_latency");
    EXPECT_EQ(timemory_row_of(table, keys, 1), nullptr);
    timemory_histogram* histogram = timemory_histogram_of(table, keys, 1);
    ASSERT_NE(histogram, nullptr);
    EXPECT_EQ(histogram, timemory_histogram_of(table, keys, 1));
    EXPECT_EQ(rows(local_profile(), "mpi_latency"), expected_rows{});
    expected_rows expected;
    std::uint64_t cases = 0;
    for (const std::int64_t ns : {std::int64_t{0}, std::int64_t{100}, std::int64_t{100},
                                  std::int64_t{1'000'000}, std::int64_t{101}, INT64_MAX}) {
        timemory_count_value(histogram, ns);
        const int bucket = std::min(timemory_bucket(ns), TIMEMORY_BUCKETS - 1);
        ++expected["main/MPI_Wait," + std::to_string(bucket)].first;
        EXPECT_EQ(rows(local_profile(), "mpi_latency"), expected);
        ++cases;
    }
    EXPECT_EQ(cases, 6u);
}

TEST(tools, values_are_added_in_128_bits) {
    timemory_row row{.count = 0,
                     .sum_low = 0,
                     .sum_high = 0,
                     .squares_low = 0,
                     .squares_high = 0,
                     .min = INT64_MAX,
                     .max = INT64_MIN};
    int128 sum = 0;
    uint128 squares = 0;
    std::uint64_t count = 0;
    for (const std::int64_t value : {INT64_MAX, INT64_MIN, INT64_MAX, INT64_MAX, std::int64_t{-1},
                                     INT64_MIN, INT64_MIN, INT64_MIN, std::int64_t{5}}) {
        timemory_add_value(&row, value);
        sum += value;
        squares += static_cast<uint128>(int128{value} * value);
        if (++count == 1) continue;  // it follows from the count
        EXPECT_EQ(row.sum_low, static_cast<std::uint64_t>(sum));
        EXPECT_EQ(row.sum_high, static_cast<std::uint64_t>(sum >> 64));
        EXPECT_EQ(row.squares_low, static_cast<std::uint64_t>(squares));
        EXPECT_EQ(row.squares_high, static_cast<std::uint64_t>(squares >> 64));
    }
    EXPECT_EQ(row.count, 9u);
    EXPECT_EQ(row.min, INT64_MIN);
    EXPECT_EQ(row.max, INT64_MAX);
}

TEST(tools, rows_of_threads_become_one) {
    start();
    const int messages = timemory_table("mpi_messages");
    ASSERT_GE(messages, 0);
    EXPECT_EQ(timemory_table("no such table"), -1);
    const timemory_region_t outer = timemory_region("main", nullptr);
    const timemory_region_t call = timemory_region("MPI_Send", nullptr);
    const std::int64_t name = timemory_text("MPI_Send");
    const std::int64_t world = timemory_text("MPI_COMM_WORLD");
    const auto send = [&](int times) {
        timemory_enter(outer);
        for (int i = 0; i < times; ++i) {
            const timemory_path_t path = timemory_enter_path(call);
            ASSERT_NE(path, 0u);
            EXPECT_EQ(path, timemory_current_path());
            EXPECT_GE(timemory_leave_lap(call), 0);
            const std::int64_t keys[] = {path, name, world, i % 2, 0, timemory_bucket(8)};
            timemory_row* row = timemory_row_of(messages, keys, 6);
            ASSERT_NE(row, nullptr);
            EXPECT_EQ(row, timemory_row_of(messages, keys, 6));
            timemory_add_value(row, 8);
        }
        timemory_leave(outer);
    };
    const std::int64_t keys[] = {0, name, world, 0, 0, 0};
    EXPECT_EQ(timemory_row_of(messages, keys, 5), nullptr);
    EXPECT_EQ(timemory_row_of(-1, keys, 6), nullptr);
    std::thread other{[&] { send(300); }};
    send(1000);
    other.join();

    const profile p = seal(local_profile(), 3, 4);
    EXPECT_EQ(rows(p, "mpi_traffic"),
              (expected_rows{{"3,MPI_Send,MPI_COMM_WORLD,0,0", {650, 5200}},
                             {"3,MPI_Send,MPI_COMM_WORLD,1,0", {650, 5200}}}));
    EXPECT_EQ(rows(p, "mpi_sizes"), (expected_rows{{"main/MPI_Send,0,8", {1300, 10400}}}));
    const component_columns* sent = p.find("mpi_sent");
    ASSERT_NE(sent, nullptr);
    ASSERT_EQ(sent->path.size(), 2u);
    for (std::size_t row = 0; row < 2; ++row) {
        EXPECT_EQ(names(p, sent->path[row]), row == 0 ? "main" : "main/MPI_Send");
        EXPECT_EQ(sent->laps[row], 1300u);
        EXPECT_TRUE(sent->fields[0].value[row] == 10400);
    }
    EXPECT_EQ(p.find("mpi_received"), nullptr);
    EXPECT_EQ(deserialise(serialise(p)), p);
}

TEST(tools, nothing_is_recorded_while_paused) {
    start();
    const timemory_region_t call = timemory_region("MPI_Send", nullptr);
    const std::int64_t keys[] = {timemory_text("application")};
    const timemory_path_t path = timemory_enter_path(call);
    EXPECT_NE(path, 0u);
    timemory_pause();
    EXPECT_EQ(timemory_enter_path(call), 0u);
    EXPECT_EQ(timemory_current_path(), 0u);
    EXPECT_EQ(timemory_row_of(timemory_table("mpi_run"), keys, 1), nullptr);
    timemory_leave_lap(call);
    timemory_resume();
    EXPECT_EQ(local_profile().find("wall_clock")->laps[0], 1u);
    EXPECT_EQ(timemory_current_path(), 0u);
}

TEST(tools, laps_are_booked_below_a_path_of_another_thread) {
    start();
    const timemory_region_t outer = timemory_region("main", nullptr);
    const timemory_region_t launch = timemory_region("launch", nullptr);
    const timemory_region_t kernel = timemory_region("kernel", "wall_clock");
    timemory_enter(outer);
    const timemory_path_t path = timemory_enter_path(launch);
    std::thread other{[&] {
        const std::int64_t fields[] = {1000};
        for (int i = 0; i < 3; ++i) EXPECT_NE(timemory_book_below(path, kernel, fields), 0u);
        EXPECT_NE(timemory_book_below(0, kernel, fields), 0u);
    }};
    other.join();
    timemory_leave(launch);
    timemory_leave(outer);
    const profile p = local_profile();
    const component_columns* wall = p.find("wall_clock");
    std::map<std::string, std::uint64_t> laps;
    for (std::size_t row = 0; row < wall->path.size(); ++row)
        laps[names(p, wall->path[row])] = wall->laps[row];
    EXPECT_EQ(laps,
              (std::map<std::string, std::uint64_t>{
                  {"main", 1}, {"main/launch", 1}, {"main/launch/kernel", 3}, {"kernel", 1}}));
}

TEST(tools, clearing_all_clears_the_tables) {
    start();
    const std::int64_t keys[] = {timemory_text("application")};
    timemory_add_value(timemory_row_of(timemory_table("mpi_run"), keys, 1), 5);
    EXPECT_EQ(rows(local_profile(), "mpi_run"), (expected_rows{{"0,application", {1, 5}}}));
    EXPECT_EQ(timemory_clear(nullptr), 0);
    EXPECT_EQ(rows(local_profile(), "mpi_run"), expected_rows{});
    timemory_add_value(timemory_row_of(timemory_table("mpi_run"), keys, 1), 7);
    EXPECT_EQ(rows(local_profile(), "mpi_run"), (expected_rows{{"0,application", {1, 7}}}));
}

TEST(tools, every_part_of_a_table_is_made_of_its_keys) {
    std::size_t parts = 0;
    for (const recorded_table& t : recorded_tables()) {
        EXPECT_LE(t.keys.size(), most_table_keys);
        for (const table_key& key : t.keys) EXPECT_NE(key.kind, key_kind::rank) << t.name;
        for (const table_part& part : t.parts) {
            for (const std::size_t k : part.keys)
                EXPECT_TRUE(k == of_rank || (k == of_bucket && t.histogram) || k < t.keys.size())
                    << part.name;
            ++parts;
        }
        for (const table_component& c : t.components) EXPECT_LT(c.key, t.keys.size());
    }
    EXPECT_GT(parts, 0u);
}

}  // namespace
}  // namespace tim
