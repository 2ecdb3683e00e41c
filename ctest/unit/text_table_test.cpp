#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

#include "output/writers.hpp"
#include "sample_profile.hpp"

namespace tim {
namespace {

using sample::builder;

std::string text(const result& r, std::string_view id, const settings& s, bool banner) {
    return sample::text_of(write_text, r, id, s, banner);
}

/// The lines of a table that hold values.
std::vector<std::string> rows(const std::string& table, std::size_t headers) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0, end; (end = table.find('\n', begin)) != std::string::npos;
         begin = end + 1)
        lines.push_back(table.substr(begin, end - begin));
    return {lines.begin() + static_cast<std::ptrdiff_t>(headers), lines.end() - 1};
}

/// Column number `index` of a row, without the spaces around it. Only for rows without `|` in the
/// label.
std::string cell(const std::string& row, std::size_t index_from_the_right) {
    std::size_t end = row.size() - 1;
    for (std::size_t i = 0; i < index_from_the_right; ++i) end = row.rfind('|', end - 1);
    const std::size_t begin = row.rfind('|', end - 1) + 1;
    const std::string text = row.substr(begin, end - begin);
    const std::size_t first = text.find_first_not_of(' ');
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

enum from_the_right : std::size_t {
    self,
    stddev,
    max,
    min,
    mean,
    sum,
    units,
    metric,
    depth,
    count
};

settings scientific() {
    settings s;
    s.scientific = true;
    return s;
}

TEST(text_table, walkthrough_basic) {
    builder b;
    b.row(sample::wall(), b.path(0, "run"), {27000});
    EXPECT_EQ(text(sample::serial(b.build()), "wall_clock", scientific(), true),
              // clang-format off
"|------------------------------------------------------------------------------------------------------------------|\n"
"|                                     REAL-CLOCK TIMER (I.E. WALL-CLOCK TIMER)                                     |\n"
"|------------------------------------------------------------------------------------------------------------------|\n"
"| LABEL   | COUNT  | DEPTH  | METRIC | UNITS  |   SUM     |   MEAN    |   MIN     |   MAX     |  STDDEV   | % SELF |\n"
"|---------|--------|--------|--------|--------|-----------|-----------|-----------|-----------|-----------|--------|\n"
"| >>> run |      1 |      0 | wall   | sec    | 2.700e-05 | 2.700e-05 | 2.700e-05 | 2.700e-05 | 0.000e+00 |  100.0 |\n"
"|------------------------------------------------------------------------------------------------------------------|\n");
    // clang-format on
}

TEST(text_table, walkthrough_intermediate) {
    builder b;
    const auto run = b.path(0, "run");
    b.row(sample::cpu(), run, {20000000});
    b.row(sample::page_rss(), run, {1208000});
    const result r = sample::serial(b.build());
    EXPECT_EQ(text(r, "cpu_clock", scientific(), false) + text(r, "page_rss", scientific(), false),
              // clang-format off
"|------------------------------------------------------------------------------------------------------------------|\n"
"| LABEL   | COUNT  | DEPTH  | METRIC | UNITS  |   SUM     |   MEAN    |   MIN     |   MAX     |  STDDEV   | % SELF |\n"
"|---------|--------|--------|--------|--------|-----------|-----------|-----------|-----------|-----------|--------|\n"
"| >>> run |      1 |      0 | cpu    | sec    | 2.000e-02 | 2.000e-02 | 2.000e-02 | 2.000e-02 | 0.000e+00 |  100.0 |\n"
"|------------------------------------------------------------------------------------------------------------------|\n"
"|--------------------------------------------------------------------------------------------------------------------|\n"
"| LABEL   | COUNT  | DEPTH  | METRIC   | UNITS  |   SUM     |   MEAN    |   MIN     |   MAX     |  STDDEV   | % SELF |\n"
"|---------|--------|--------|----------|--------|-----------|-----------|-----------|-----------|-----------|--------|\n"
"| >>> run |      1 |      0 | page_rss | MB     | 1.208e+00 | 1.208e+00 | 1.208e+00 | 1.208e+00 | 0.000e+00 |  100.0 |\n"
"|--------------------------------------------------------------------------------------------------------------------|\n");
    // clang-format on
}

TEST(text_table, walkthrough_difference) {
    builder b;
    const auto run = b.path(0, "run(15)");
    b.row(sample::cpu(), run, {20000000});
    b.row(sample::page_rss(), run, {1188000});
    const result r = sample::serial(b.build());
    EXPECT_EQ(text(r, "cpu_clock", scientific(), false) + text(r, "page_rss", scientific(), false),
              // clang-format off
"|----------------------------------------------------------------------------------------------------------------------|\n"
"|   LABEL     | COUNT  | DEPTH  | METRIC | UNITS  |   SUM     |   MEAN    |   MIN     |   MAX     |  STDDEV   | % SELF |\n"
"|-------------|--------|--------|--------|--------|-----------|-----------|-----------|-----------|-----------|--------|\n"
"| >>> run(15) |      1 |      0 | cpu    | sec    | 2.000e-02 | 2.000e-02 | 2.000e-02 | 2.000e-02 | 0.000e+00 |  100.0 |\n"
"|----------------------------------------------------------------------------------------------------------------------|\n"
"|------------------------------------------------------------------------------------------------------------------------|\n"
"|   LABEL     | COUNT  | DEPTH  | METRIC   | UNITS  |   SUM     |   MEAN    |   MIN     |   MAX     |  STDDEV   | % SELF |\n"
"|-------------|--------|--------|----------|--------|-----------|-----------|-----------|-----------|-----------|--------|\n"
"| >>> run(15) |      1 |      0 | page_rss | MB     | 1.188e+00 | 1.188e+00 | 1.188e+00 | 1.188e+00 | 0.000e+00 |  100.0 |\n"
"|------------------------------------------------------------------------------------------------------------------------|\n");
    // clang-format on
}

/// The values of timemory's own run of a small program, and its table without the column VAR.
TEST(text_table, nested_as_timemory_writes_it) {
    builder b;
    const auto main = b.path(0, "main");
    const auto step = b.path(main, "step/step");
    const auto inner = b.path(step, "inner");
    const auto fib1 = b.path(main, "fib_dec");
    const auto fib2 = b.path(fib1, "fib_dec");
    const auto fib3 = b.path(fib2, "fib_dec");
    b.row(sample::wall(), main, {6949710});
    b.row(sample::wall(), step, {1482880, 1935065, 2466877});
    b.row(sample::wall(), inner, {594015, 628988, 644130});
    b.row(sample::wall(), fib1, {817950});
    b.row(sample::wall(), fib2, {270313, 490040});
    b.row(sample::wall(), fib3, {83694, 293747, 137540, 137540});
    settings s;
    s.precision = 3;
    EXPECT_EQ(text(sample::serial(b.build()), "wall_clock", s, true),
              // clang-format off
"|-------------------------------------------------------------------------------------------------------------|\n"
"|                                   REAL-CLOCK TIMER (I.E. WALL-CLOCK TIMER)                                  |\n"
"|-------------------------------------------------------------------------------------------------------------|\n"
"|      LABEL        | COUNT  | DEPTH  | METRIC | UNITS  |  SUM   | MEAN   |  MIN   |  MAX   | STDDEV | % SELF |\n"
"|-------------------|--------|--------|--------|--------|--------|--------|--------|--------|--------|--------|\n"
"| >>> main          |      1 |      0 | wall   | sec    |  0.007 |  0.007 |  0.007 |  0.007 |  0.000 |    3.6 |\n"
"| >>> |_step/step   |      3 |      1 | wall   | sec    |  0.006 |  0.002 |  0.001 |  0.002 |  0.000 |   68.3 |\n"
"| >>>   |_inner     |      3 |      2 | wall   | sec    |  0.002 |  0.001 |  0.001 |  0.001 |  0.000 |  100.0 |\n"
"| >>> |_fib_dec     |      1 |      1 | wall   | sec    |  0.001 |  0.001 |  0.001 |  0.001 |  0.000 |    7.0 |\n"
"| >>>   |_fib_dec   |      2 |      2 | wall   | sec    |  0.001 |  0.000 |  0.000 |  0.000 |  0.000 |   14.2 |\n"
"| >>>     |_fib_dec |      4 |      3 | wall   | sec    |  0.001 |  0.000 |  0.000 |  0.000 |  0.000 |  100.0 |\n"
"|-------------------------------------------------------------------------------------------------------------|\n");
    // clang-format on
}

TEST(text_table, ranks_and_threads_in_the_label) {
    const result r = sample::apart({0, 1}, 2, 2, [](builder& b, std::uint32_t) {
        const auto t0 = b.path(0, "0", path_kind::thread);
        const auto t1 = b.path(0, "1", path_kind::thread);
        const auto main = b.path(t0, "main");
        b.row(sample::wall(), main, {2000000000});
        b.row(sample::wall(), b.path(main, "step"), {500000000});
        b.row(sample::wall(), b.path(t1, "work"), {1000000000});
    });
    EXPECT_EQ(text(r, "wall_clock", {}, false),
              // clang-format off
"|----------------------------------------------------------------------------------------------------------|\n"
"|     LABEL      | COUNT  | DEPTH  | METRIC | UNITS  |  SUM   | MEAN   |  MIN   |  MAX   | STDDEV | % SELF |\n"
"|----------------|--------|--------|--------|--------|--------|--------|--------|--------|--------|--------|\n"
"| |0|0>>> main   |      1 |      0 | wall   | sec    |  2.000 |  2.000 |  2.000 |  2.000 |  0.000 |   75.0 |\n"
"| |0|0>>> |_step |      1 |      1 | wall   | sec    |  0.500 |  0.500 |  0.500 |  0.500 |  0.000 |  100.0 |\n"
"| |0|1>>> work   |      1 |      0 | wall   | sec    |  1.000 |  1.000 |  1.000 |  1.000 |  0.000 |  100.0 |\n"
"| |1|0>>> main   |      1 |      0 | wall   | sec    |  2.000 |  2.000 |  2.000 |  2.000 |  0.000 |   75.0 |\n"
"| |1|0>>> |_step |      1 |      1 | wall   | sec    |  0.500 |  0.500 |  0.500 |  0.500 |  0.000 |  100.0 |\n"
"| |1|1>>> work   |      1 |      0 | wall   | sec    |  1.000 |  1.000 |  1.000 |  1.000 |  0.000 |  100.0 |\n"
"|----------------------------------------------------------------------------------------------------------|\n");
    // clang-format on
}

TEST(text_table, numbers_in_the_label_are_padded_to_the_digits_of_their_count) {
    const result r = sample::apart({3, 10}, 16, 100, [](builder& b, std::uint32_t) {
        b.row(sample::wall(), b.path(b.path(0, "7", path_kind::thread), "work"), {1});
    });
    const auto lines = rows(text(r, "wall_clock", {}, false), 3);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].substr(0, 19), "| |03|007>>> work |");
    EXPECT_EQ(lines[1].substr(0, 19), "| |10|007>>> work |");
}

TEST(text_table, threads_without_mpi) {
    builder b;
    b.row(sample::wall(), b.path(b.path(0, "0", path_kind::thread), "main"), {1});
    b.row(sample::wall(), b.path(b.path(0, "1", path_kind::thread), "work"), {1});
    result r = sample::serial(b.build(0, 1, 2));
    r.collapsed_threads = false;
    const auto lines = rows(text(r, "wall_clock", {}, false), 3);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].substr(0, 13), "| |0>>> main ");
    EXPECT_EQ(lines[1].substr(0, 13), "| |1>>> work ");
}

TEST(text_table, high_water_marks_have_no_self_share_and_a_wrapped_banner) {
    builder b;
    const auto main = b.path(0, "main");
    b.row(sample::peak_rss(), main, {3200000});
    b.row(sample::peak_rss(), b.path(main, "step"), {1024000, 3200000, 2000000});
    EXPECT_EQ(text(sample::serial(b.build()), "peak_rss", {}, true),
              // clang-format off
"|--------------------------------------------------------------------------------------------------------|\n"
"|   MEASURES CHANGES IN THE HIGH-WATER MARK FOR THE AMOUNT OF MEMORY ALLOCATED IN RAM. MAY FLUCTUATE IF  |\n"
"|                                             SWAP IS ENABLED                                            |\n"
"|--------------------------------------------------------------------------------------------------------|\n"
"|   LABEL    | COUNT  | DEPTH  | METRIC   | UNITS  |  SUM   | MEAN   |  MIN   |  MAX   | STDDEV | % SELF |\n"
"|------------|--------|--------|----------|--------|--------|--------|--------|--------|--------|--------|\n"
"| >>> main   |      1 |      0 | peak_rss | MB     |  3.200 |  3.200 |  3.200 |  3.200 |  0.000 |      - |\n"
"| >>> |_step |      3 |      1 | peak_rss | MB     |  3.200 |  2.075 |  1.024 |  3.200 |  0.890 |      - |\n"
"|--------------------------------------------------------------------------------------------------------|\n");
    // clang-format on
}

TEST(text_table, ratio) {
    builder b;
    const auto main = b.path(0, "main");
    b.ratio_row(sample::cpu_util(), main, {{500, 1000}, {900, 1000}});
    b.ratio_row(sample::cpu_util(), b.path(main, "step"), {{700, 800}});
    EXPECT_EQ(text(sample::serial(b.build()), "cpu_util", scientific(), false),
              // clang-format off
"|---------------------------------------------------------------------------------------------|\n"
"|   LABEL    | COUNT | DEPTH | METRIC   | UNITS | SUM  | MEAN | MIN  | MAX  | STDDEV | % SELF |\n"
"|------------|-------|-------|----------|-------|------|------|------|------|--------|--------|\n"
"| >>> main   |     2 |     0 | cpu_util | %     | 70.0 | 70.0 | 50.0 | 90.0 |   20.0 |   50.0 |\n"
"| >>> |_step |     1 |     1 | cpu_util | %     | 87.5 | 87.5 | 87.5 | 87.5 |    0.0 |  100.0 |\n"
"|---------------------------------------------------------------------------------------------|\n");
    // clang-format on
}

TEST(text_table, counts_have_no_units_and_no_decimals) {
    builder b;
    b.row(sample::calls(), b.path(0, "main"), {12, 30});
    EXPECT_EQ(text(sample::serial(b.build()), "calls", {}, false),
              // clang-format off
"|------------------------------------------------------------------------------|\n"
"|  LABEL   | COUNT | DEPTH | METRIC | SUM | MEAN | MIN | MAX | STDDEV | % SELF |\n"
"|----------|-------|-------|--------|-----|------|-----|-----|--------|--------|\n"
"| >>> main |     2 |     0 | calls  |  42 |   21 |  12 |  30 |      9 |  100.0 |\n"
"|------------------------------------------------------------------------------|\n");
    // clang-format on
}

TEST(text_table, real_numbers_of_a_user) {
    builder b;
    b.real_row(sample::energy(), b.path(0, "main"), {1000.0, 2500.0});
    const auto lines = rows(text(sample::serial(b.build()), "energy", {}, false), 3);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(cell(lines[0], sum), "3.500");
    EXPECT_EQ(cell(lines[0], mean), "1.750");
    EXPECT_EQ(cell(lines[0], min), "1.000");
    EXPECT_EQ(cell(lines[0], max), "2.500");
    EXPECT_EQ(cell(lines[0], stddev), "0.750");
    EXPECT_EQ(cell(lines[0], units), "kJ");
}

TEST(text_table, short_times_get_digits) {
    const auto one_row = [](std::int64_t nanoseconds, const settings& s) {
        builder b;
        b.row(sample::wall(), b.path(0, "main"), {nanoseconds});
        return cell(rows(text(sample::serial(b.build()), "wall_clock", s, false), 3).at(0), sum);
    };
    EXPECT_EQ(one_row(27000, {}), "0.000027");
    EXPECT_EQ(one_row(999999999, {}), "1.000000");
    EXPECT_EQ(one_row(1000000000, {}), "1.000");
    settings three;
    three.precision = 3;
    EXPECT_EQ(one_row(27000, three), "0.000");
    settings none;
    none.precision = 0;
    EXPECT_EQ(one_row(27000, none), "0");
}

TEST(text_table, width_setting_widens_every_column) {
    settings s;
    s.width = 12;
    builder b;
    b.row(sample::wall(), b.path(0, "run"), {2000000000});
    EXPECT_EQ(rows(text(sample::serial(b.build()), "wall_clock", s, false), 3).at(0),
              "| >>> run    |          1 |          0 | wall       | sec        |      2.000 |     "
              " 2.000 |      2.000 |"
              "      2.000 |      0.000 |      100.0 |");
}

TEST(text_table, self_share_is_never_negative_and_zero_without_own_value) {
    builder b;
    const auto main = b.path(0, "main");
    b.row(sample::page_rss(), main, {1000000});
    b.row(sample::page_rss(), b.path(main, "grows"), {3000000});
    b.row(sample::page_rss(), b.path(main, "shrinks"), {-400});
    b.row(sample::page_rss(), b.path(main, "stays"), {0});
    const auto lines = rows(text(sample::serial(b.build()), "page_rss", {}, false), 3);
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(cell(lines[0], self), "0.0");
    EXPECT_EQ(cell(lines[1], self), "100.0");
    EXPECT_EQ(cell(lines[2], self), "0.0");
    EXPECT_EQ(cell(lines[2], sum), "0.000");  // not -0.000
    EXPECT_EQ(cell(lines[3], self), "0.0");
}

TEST(text_table, names_cannot_break_a_row) {
    const auto label = [](std::string_view name) {
        builder b;
        b.row(sample::wall(), b.path(0, name), {1000000000});
        const auto lines = rows(text(sample::serial(b.build()), "wall_clock", {}, false), 3);
        EXPECT_EQ(lines.size(), 1U);
        return lines.at(0).substr(0, lines.at(0).find(" |"));
    };
    EXPECT_EQ(label("two\nlines"), "| >>> two\\nlines");
    EXPECT_EQ(label("tab\tand\rreturn"), "| >>> tab\\tand\\rreturn");
    EXPECT_EQ(label("\x1b[31mred"), "| >>> \\x1b[31mred");
    EXPECT_EQ(label(std::string_view{"zero\0byte", 9}), "| >>> zero\\x00byte");
    EXPECT_EQ(label("\xff stray"), "| >>> \\xff stray");
    EXPECT_EQ(label("csi \xC2\x9B"), "| >>> csi \\u009b");
    EXPECT_EQ(label("grüße"), "| >>> grüße");
}

TEST(text_table, width_counts_characters) {
    builder b;
    b.row(sample::wall(), b.path(0, "ä"), {1000000000});
    b.row(sample::wall(), b.path(0, "日本語"), {1000000000});
    const auto lines = rows(text(sample::serial(b.build()), "wall_clock", {}, false), 3);
    EXPECT_EQ(lines.at(0).substr(0, 13), "| >>> ä   | ");
    EXPECT_EQ(lines.at(1).substr(0, 18), "| >>> 日本語 | ");
}

TEST(text_table, long_labels_are_cut_between_characters) {
    const auto label = [](std::string_view name, std::int64_t max_width) {
        settings s;
        s.max_width = max_width;
        builder b;
        b.row(sample::wall(), b.path(0, name), {1000000000});
        const std::string row =
            rows(text(sample::serial(b.build()), "wall_clock", s, false), 3).at(0);
        return row.substr(2, row.find(" |") - 2);
    };
    EXPECT_EQ(label(std::string(200, 'x'), 120), ">>> " + std::string(113, 'x') + "...");
    EXPECT_EQ(label(std::string(116, 'x'), 120), ">>> " + std::string(116, 'x'));
    EXPECT_EQ(label(std::string(200, 'x'), 0), ">>> " + std::string(200, 'x'));
    EXPECT_EQ(label("0123456789", 8), ">>> 0123");
    EXPECT_EQ(label("äöüäöüäöü", 10), ">>> äöüäöü");
    EXPECT_EQ(label("äöüäöüäöüäöüäöüäöüäöü", 21), ">>> äöüäöüäöüäöüäö...");
}

TEST(text_table, rows_without_laps_show_no_values) {
    builder b;
    b.row(sample::wall(), b.path(0, "open"), {});
    const auto lines = rows(text(sample::serial(b.build()), "wall_clock", {}, false), 3);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(cell(lines[0], count), "0");
    for (const auto column : {sum, mean, min, max, stddev, self})
        EXPECT_EQ(cell(lines[0], column), "-");
}

TEST(text_table, absent_component_gives_nothing) {
    builder b;
    b.row(sample::wall(), b.path(0, "main"), {1});
    EXPECT_EQ(text(sample::serial(b.build()), "cpu_clock", {}, true), "");
}

result io_and_marks() {
    builder b;
    const auto run = b.path(0, "run");
    b.vector_row(sample::marks(), run, {{10'000'000, 20'000'000}, {20'000'000, 40'000'000}});
    b.ratio_row(sample::written(), run, {{3'000'000, 1'000'000'000}, {1'000'000, 1'000'000'000}});
    b.row(sample::wall(), run, {1'500'000'000});
    b.row(sample::page_rss(), run, {2'097'152});
    b.row(sample::calls(), run, {3});
    return sample::serial(b.build());
}

TEST(text_table, values_after_the_first_stand_on_lines_of_their_own) {
    const auto lines = rows(text(io_and_marks(), "written_char", {}, false), 3);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(cell(lines[0], metric), "written_char");
    EXPECT_EQ(cell(lines[0], units), "MB");
    EXPECT_EQ(cell(lines[0], sum), "4.000");
    EXPECT_EQ(cell(lines[1], metric), "written_char_rate");
    EXPECT_EQ(cell(lines[1], units), "MB/sec");
    EXPECT_EQ(cell(lines[1], sum), "2.000") << "4 MB in 2 s";
    EXPECT_EQ(cell(lines[1], max), "3.000");
    EXPECT_EQ(lines[0].size(), lines[1].size());
    EXPECT_NE(lines[0].find("run"), std::string::npos);
    EXPECT_EQ(lines[1].substr(0, 9), "|        ") << "no label, no count, no depth";
}

TEST(text_table, absolute_readings_have_no_sum_and_counts_no_units) {
    const std::string marks = text(io_and_marks(), "current_peak_rss", {}, false);
    EXPECT_EQ(marks.find("SUM"), std::string::npos);
    EXPECT_EQ(cell(rows(marks, 3)[1], max), "40.000");
    EXPECT_EQ(text(io_and_marks(), "calls", {}, false).find("UNITS"), std::string::npos);
}

TEST(text_table, units_precision_width_and_notation_by_kind) {
    const auto first = [](std::string_view id, const settings& s) {
        return rows(text(io_and_marks(), id, s, false), 3).back();
    };
    settings s;
    s.timing_units = "ms";
    s.memory_units = "KiB";
    EXPECT_EQ(cell(first("wall_clock", s), units), "msec");
    EXPECT_EQ(cell(first("wall_clock", s), sum), "1500.000");
    EXPECT_EQ(cell(first("page_rss", s), units), "kib");
    EXPECT_EQ(cell(first("page_rss", s), sum), "2048.000");
    EXPECT_EQ(cell(first("written_char", s), units), "kib/msec");
    EXPECT_EQ(cell(first("written_char", s), sum), "1.953") << "2 MB/s";
    s = {};
    s.timing_units = "minutes";
    s.memory_units = "byte";
    s.timing_precision = 4;
    s.memory_precision = 0;
    s.precision = 1;
    EXPECT_EQ(cell(first("wall_clock", s), sum), "0.0250");
    EXPECT_EQ(cell(first("page_rss", s), sum), "2097152");
    s.memory_scientific = true;
    EXPECT_EQ(cell(first("page_rss", s), sum), "2e+06");
    EXPECT_EQ(cell(first("wall_clock", s), sum), "0.0250");
    s.timing_scientific = true;
    EXPECT_EQ(cell(first("wall_clock", s), sum), "2.5000e-02");
    const std::size_t narrow = first("page_rss", s).size();
    s.memory_width = 30;
    EXPECT_GT(first("page_rss", s).size(), narrow + 100);
}

TEST(text_table, a_line_after_every_so_many_rows) {
    builder b;
    for (const char* name : {"a", "b", "c", "d", "e"}) b.row(sample::wall(), b.path(0, name), {1});
    settings s;
    s.separator_frequency = 2;
    const auto lines = rows(text(sample::serial(b.build()), "wall_clock", s, false), 3);
    ASSERT_EQ(lines.size(), 7U);
    EXPECT_EQ(lines[2].substr(0, 3), "|--");
    EXPECT_EQ(lines[5].substr(0, 3), "|--");
}

TEST(text_table, columns_are_switched_off_and_on_by_the_environment) {
    const auto header = [] { return text(io_and_marks(), "wall_clock", {}, false); };
    const std::map<std::string, std::string> columns{
        {"COUNT", "COUNT"}, {"DEPTH", "DEPTH"},  {"METRIC", "METRIC"}, {"UNITS", "UNITS"},
        {"SUM", "SUM"},     {"MEAN", "MEAN"},    {"SELF", "% SELF"},   {"MIN", "MIN"},
        {"MAX", "MAX"},     {"STDDEV", "STDDEV"}};
    for (const auto& [name, column] : columns) {
        const std::string variable = "TIMEMORY_PRINT_" + name;
        EXPECT_NE(header().find(" " + column + " "), std::string::npos) << name;
        setenv(variable.c_str(), "off", 1);
        EXPECT_EQ(header().find(" " + column + " "), std::string::npos) << name;
        unsetenv(variable.c_str());
    }
    EXPECT_EQ(header().find(" VAR "), std::string::npos);
    setenv("TIMEMORY_PRINT_VARIANCE", "on", 1);
    EXPECT_NE(header().find(" VAR "), std::string::npos);
    setenv("TIMEMORY_PRINT_STATS", "off", 1);
    for (const char* column : {" MIN ", " MAX ", " VAR ", " STDDEV "})
        EXPECT_EQ(header().find(column), std::string::npos) << column;
    unsetenv("TIMEMORY_PRINT_VARIANCE");
    unsetenv("TIMEMORY_PRINT_STATS");
}

}  // namespace
}  // namespace tim
