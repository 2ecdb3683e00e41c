#include "measure/component_table.hpp"

#include <gtest/gtest.h>

#include "measure/bundle.hpp"

namespace tim {
namespace {

std::int64_t nothing(void*) {
    return 0;
}

component user_row(const std::string& id) {
    return {.what = {.id = id, .label = id, .description = id},
            .from = {.source = source_kind::user, .user = {.read = nothing}}};
}

TEST(component_table, finds_by_id_label_and_alias_in_any_case) {
    for (const char* name : {"wall_clock", "WALL_CLOCK", "wall", "real_clock", "wall-clock"}) {
        const auto row = find_component(name);
        ASSERT_TRUE(row) << name;
        EXPECT_EQ(row->what.id, "wall_clock");
    }
    EXPECT_FALSE(find_component("wall_clokc"));
    EXPECT_EQ(nearest_component("wall_clokc"), "wall_clock");
}

TEST(component_table, reads_a_list_in_the_order_of_the_table_and_reports_strangers) {
    std::vector<std::string> strangers;
    const auto rows =
        parse_components("peak_rss, nonsense;wall_clock:peak_rss cpu_util",
                         [&](std::string_view name) { strangers.emplace_back(name); });
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].what.id, "wall_clock");
    EXPECT_EQ(rows[1].what.id, "cpu_util");
    EXPECT_EQ(rows[2].what.id, "peak_rss");
    EXPECT_EQ(strangers, std::vector<std::string>{"nonsense"});
}

TEST(component_table, takes_a_users_row_once) {
    EXPECT_EQ(add_component(user_row("flops")), "");
    EXPECT_NE(add_component(user_row("flops")).find("already names"), std::string::npos);
    EXPECT_NE(add_component(user_row("wall")).find("wall_clock"), std::string::npos);
    EXPECT_NE(add_component(user_row("9lives")).find("not a name"), std::string::npos);
    EXPECT_NE(add_component(user_row("")).find("not a name"), std::string::npos);
    ASSERT_TRUE(find_component("flops"));
    EXPECT_EQ(component_ids().back(), "flops");
}

TEST(bundle, reads_each_source_once_however_many_components_use_it) {
    const bundle& b =
        compile_list("wall_clock,cpu_clock,cpu_util,peak_rss,page_rss,virtual_memory");
    EXPECT_EQ(b.operations_count, 6);
    EXPECT_EQ(b.fields, 8) << "cpu_util has three";
    EXPECT_TRUE(b.clock);
    EXPECT_EQ(b.uses_count, 3) << "process CPU, rusage, statm";
    EXPECT_EQ(b.at_begin_count, 2);
    for (unsigned i = 0; i < b.uses_count; ++i)
        EXPECT_EQ(b.uses[i].at_begin, b.uses[i].source != source_kind::peak_memory);
    EXPECT_FALSE(b.clock_only);
    EXPECT_TRUE(compile_list("wall_clock").clock_only);
    EXPECT_EQ(&compile_list("peak_rss,wall_clock"), &compile_list("wall_clock peak_rss"))
        << "one set";
}

TEST(bundle, derives_differences_quotients_and_high_water_marks) {
    const bundle& b = compile_list("cpu_util,peak_rss");
    std::int64_t begin[bundle::most_values] = {};
    std::int64_t end[bundle::most_values] = {};
    std::int64_t lap[bundle::most_fields] = {};
    // Slots: clock, process CPU, peak memory. Without calibration a tick is a nanosecond.
    begin[0] = 1000;
    end[0] = 5000;
    begin[1] = 10;
    end[1] = 3010;
    end[2] = 77;
    b.derive(begin, end, lap);
    EXPECT_EQ(lap[0], 3000);
    EXPECT_EQ(lap[1], 4000);
    EXPECT_EQ(lap[2], 750'000) << "parts per million";
    EXPECT_EQ(lap[3], 77);
}

TEST(bundle, leaves_out_what_belongs_to_a_thread) {
    const bundle& b = compile_list("wall_clock,thread_cpu_clock");
    EXPECT_TRUE(b.per_thread);
    const bundle& rest = without_thread_sources(b);
    EXPECT_FALSE(rest.per_thread);
    ASSERT_EQ(rest.components.size(), 1U);
    EXPECT_EQ(rest.components[0].id, "wall_clock");
}

}  // namespace
}  // namespace tim
