#include "measure/component_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

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
        EXPECT_EQ(b.uses[i].at_begin, b.uses[i].source != source_kind::thread_usage);
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
    // Slots: clock, process CPU, usage of the thread. Without calibration a tick is a nanosecond.
    begin[0] = 1000;
    end[0] = 5000;
    begin[1] = 10;
    end[1] = 3010;
    end[2 + peak_memory] = 77;
    b.derive(begin, end, lap);
    EXPECT_EQ(lap[0], 3000);
    EXPECT_EQ(lap[1], 4000);
    EXPECT_EQ(lap[2], 750'000) << "parts per million";
    EXPECT_EQ(lap[3], 77);
}

TEST(bundle, reads_one_source_for_all_components_of_the_usage_of_a_thread) {
    const bundle& b = compile_list(
        "peak_rss,current_peak_rss,num_io_in,num_io_out,num_minor_page_faults,"
        "num_major_page_faults,voluntary_context_switch,priority_context_switch,"
        "user_mode_time,kernel_mode_time");
    EXPECT_EQ(b.uses_count, 1);
    EXPECT_EQ(b.operations_count, 10);
    EXPECT_EQ(compile_list("read_char,written_char,read_bytes,written_bytes").uses_count, 1);
    EXPECT_EQ(compile_list("cpu_clock,process_cpu_clock,cpu_util,process_cpu_util").uses_count, 1);
    EXPECT_EQ(compile_list("user_clock,sys_clock").uses_count, 1);
}

TEST(bundle, derives_rates_edges_and_what_needs_no_reading) {
    const bundle& b = compile_list("current_peak_rss,written_char,trip_count");
    ASSERT_EQ(b.operations_count, 3);
    std::int64_t begin[bundle::most_values] = {};
    std::int64_t end[bundle::most_values] = {};
    std::int64_t lap[bundle::most_fields] = {};
    const auto usage = b.operations[0].slot;
    const auto io = b.operations[1].slot;
    begin[0] = 0;
    end[0] = 2'000'000'000;
    begin[usage] = 5;
    end[usage] = 9;
    begin[io] = 100;
    end[io] = 4'000'100;
    b.derive(begin, end, lap);
    const std::vector<std::int64_t> expected{5, 9, 4'000'000, 2'000'000'000, 2'000'000, 1};
    EXPECT_EQ(std::vector<std::int64_t>(lap, lap + b.fields), expected)
        << "start, stop, bytes, ns, bytes per second, one lap";
}

TEST(bundle, holds_all_built_in_components_at_once) {
    std::string all;
    for (const std::string& id : component_ids()) {
        const auto row = find_component(id);
        if (row->needs.empty() && row->how != derivation::stored && row->how != derivation::booked)
            all += id + ',';
    }
    const bundle& b = compile_list(all);
    EXPECT_EQ(static_cast<long>(b.components.size()), std::count(all.begin(), all.end(), ','));
}

TEST(component_table, every_component_of_timemory_3_is_known) {
    // Section 2.3 of the reference: enumerator or id, aliases, label.
    const std::vector<std::vector<const char*>> names = {
        {"wall_clock", "real_clock", "virtual_clock", "wall"},
        {"sys_clock", "system_clock", "sys"},
        {"user_clock", "user"},
        {"cpu_clock", "cpu"},
        {"monotonic_clock"},
        {"monotonic_raw_clock"},
        {"thread_cpu_clock", "cpu_thread_clock", "thread_cpu"},
        {"process_cpu_clock", "cpu_process_clock", "process_cpu"},
        {"cpu_util", "cpu_utilization"},
        {"process_cpu_util", "process_cpu_utilization", "cpu_process_util", "proc_cpu_util"},
        {"thread_cpu_util", "thread_cpu_utilization"},
        {"user_mode_time", "user_mode"},
        {"kernel_mode_time", "kernel_mode"},
        {"peak_rss"},
        {"page_rss"},
        {"virtual_memory"},
        {"current_peak_rss"},
        {"num_io_in", "io_in"},
        {"num_io_out", "io_out"},
        {"num_minor_page_faults", "minor_page_faults", "minor_page_flts"},
        {"num_major_page_faults", "major_page_faults", "major_page_flts"},
        {"voluntary_context_switch", "vol_ctx_switch", "vol_cxt_swch"},
        {"priority_context_switch", "prio_ctx_switch", "prio_cxt_swch"},
        {"read_char", "rchar"},
        {"written_char", "write_char", "wchar"},
        {"read_bytes"},
        {"written_bytes", "write_bytes"},
        {"network_stats", "network"},
        {"trip_count"},
        {"timestamp"},
        {"data_tracker_integer", "integer_data_tracker", "data_integer"},
        {"data_tracker_unsigned", "data_unsigned"},
        {"data_tracker_floating", "data_floating"},
    };
    for (const auto& all : names)
        for (const char* name : all) {
            const auto row = find_component(name);
            ASSERT_TRUE(row) << name;
            EXPECT_EQ(row->what.id, all[0]) << name;
            EXPECT_EQ(row->needs, "") << name;
        }
}

TEST(component_table, says_what_a_component_needs_that_is_not_built_in) {
    EXPECT_EQ(why_left_out("papi_vector"),
              "component 'papi_vector' needs PAPI, which this build does not have; it is left out");
    EXPECT_EQ(why_left_out("wall_clokc"),
              "there is no component 'wall_clokc'; it is left out (did you mean 'wall_clock'?)");
    for (const char* name :
         {"papi", "cuda_profiler", "cupti_counters", "ompt_handle", "nccl_comm_data",
          "caliper_marker", "cpu_roofline", "gpu_roofline_flops", "malloc_gotcha",
          "memory_allocations", "printer", "user_global_bundle", "stack_rss", "tau_marker"}) {
        std::vector<std::string> left_out;
        EXPECT_TRUE(parse_components(name, [&](std::string_view stranger) {
                        left_out.emplace_back(stranger);
                    }).empty());
        EXPECT_EQ(left_out, std::vector<std::string>{name});
        EXPECT_NE(why_left_out(name).find(" needs "), std::string::npos) << name;
    }
}

TEST(component_table, takes_the_first_list_that_is_given) {
    EXPECT_EQ(first_given({"", "a, b", "c"}), "a,b,");
    EXPECT_EQ(first_given({"", "", "c"}), "c,");
    EXPECT_EQ(first_given({"a:fallthrough", "", "b fallthrough", "c", "d"}), "a,b,c,");
    EXPECT_EQ(first_given({"", "none", "c"}), ",");
    EXPECT_EQ(first_given({"a fallthrough", "none", "c"}), "a,");
    EXPECT_EQ(first_given({",", "c"}), ",") << "a list of nothing is one";
    EXPECT_EQ(first_given({"", "fallthrough"}), ",");
}

TEST(component_table, no_two_rows_share_a_name) {
    std::map<std::string, std::string> owner;
    for (const std::string& id : component_ids()) {
        const auto what = find_component(id)->what;
        EXPECT_EQ(what.id, id);
        std::vector<std::string> names = what.aliases;
        names.push_back(id);
        if (what.label != id) names.push_back(what.label);
        for (const std::string& name : names)
            EXPECT_TRUE(owner.emplace(name, id).second)
                << name << " of " << owner[name] << ", " << id;
    }
}

TEST(component_table, makes_the_name_of_a_switch_from_the_label) {
    EXPECT_EQ(switch_of("wall"), "TIMEMORY_WALL_ENABLED");
    EXPECT_EQ(switch_of("start peak-rss<a:b>"), "TIMEMORY_START_PEAK_RSSAB_ENABLED");
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
