#include "settings/settings.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <thread>

#include "child_process.hpp"

namespace tim {
namespace {

/// Reads an environment that holds just these TIMEMORY_ variables. `expected` is all that may come
/// on stderr; `check` is run after it.
void expect_environment(const environment_variables& environment, const std::string& expected,
                        const std::function<void()>& check = {}) {
    in_child_process(environment, [&] {
        testing::internal::CaptureStderr();
        read_environment();
        EXPECT_EQ(testing::internal::GetCapturedStderr(), expected);
        if (check) check();
    });
}

// ---- Table

TEST(setting_table, has_each_name_and_variable_once) {
    std::set<std::string_view> names;
    std::set<std::string_view> environment;
    for (const setting_info& row : setting_table()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_TRUE(environment.insert(row.environment).second) << row.environment;
        EXPECT_TRUE(row.environment.starts_with("TIMEMORY_")) << row.environment;
        EXPECT_FALSE(row.description.empty()) << row.name;
        EXPECT_FALSE(row.group.empty()) << row.name;
    }
    EXPECT_EQ(names.count("flat_profile"), 1u);
    EXPECT_EQ(environment.count("TIMEMORY_FLAT_PROFILE"), 1u);
}

TEST(setting_table, shows_defaults_as_text) {
    std::size_t seen = 0;
    for (const setting_info& row : setting_table()) {
        if (row.name == "enabled") {
            EXPECT_EQ(row.type, setting_type::boolean);
            EXPECT_EQ(row.standard, "true");
        } else if (row.name == "precision") {
            EXPECT_EQ(row.type, setting_type::int16);
            EXPECT_EQ(row.standard, "-1");
        } else if (row.name == "output_path") {
            EXPECT_EQ(row.type, setting_type::text);
            EXPECT_EQ(row.standard, "timemory-output");
            EXPECT_STREQ(row.standard.data(), "timemory-output");  // C ABI: zero-terminated
        } else if (row.name == "components") {
            EXPECT_EQ(row.standard, "");
        } else {
            continue;
        }
        ++seen;
    }
    EXPECT_EQ(seen, 4u);
}

TEST(setting_table, defaults_are_those_of_the_struct) {
    const settings standard;
    EXPECT_TRUE(standard.enabled);
    EXPECT_EQ(standard.precision, -1);
    EXPECT_EQ(standard.max_width, 120);
    EXPECT_EQ(standard.output_path, "timemory-output");
    expect_environment({}, "", [] {
        for (const setting_info& row : setting_table()) {
            if (row.name == "config_file") continue;  // in the home folder
            EXPECT_EQ(get_setting(row.name), std::string(row.standard)) << row.name;
        }
    });
}

// ---- Booleans

TEST(parse_boolean, accepts_words_and_whole_numbers_in_any_case) {
    for (const char* text : {"on", "true", "yes", "y", "t", "1", "2", "007", "ON", "True", "yEs"})
        EXPECT_EQ(parse_boolean(text), true) << text;
    for (const char* text : {"off", "false", "no", "n", "f", "0", "00", "OFF", "False", "nO"})
        EXPECT_EQ(parse_boolean(text), false) << text;
    EXPECT_EQ(parse_boolean(" on "), true);
}

TEST(parse_boolean, rejects_the_rest) {
    for (const char* text : {"", " ", "maybe", "onn", "o", "tru", "-1", "1.0", "0x1", "yes no"})
        EXPECT_EQ(parse_boolean(text), std::nullopt) << text;
}

// ---- Assignment in code

TEST(set_setting, assigns_each_type_by_name_or_variable) {
    expect_environment({}, "", [] {
        EXPECT_EQ(set_setting("flat_profile", "on", setting_origin::code), "");
        EXPECT_EQ(set_setting("TIMEMORY_PRECISION", "6", setting_origin::code), "");
        EXPECT_EQ(set_setting("output_path", "a b/ü", setting_origin::code), "");
        EXPECT_EQ(set_setting("width", " +12 ", setting_origin::code), "");
        EXPECT_EQ(set_setting("max_width", "-3", setting_origin::code), "");
        EXPECT_EQ(get_setting("flat_profile"), "true");
        EXPECT_EQ(get_setting("TIMEMORY_FLAT_PROFILE"), "true");
        EXPECT_EQ(get_setting("precision"), "6");
        EXPECT_EQ(get_setting("output_path"), "a b/ü");
        const settings now = current_settings();
        EXPECT_TRUE(now.flat_profile);
        EXPECT_EQ(now.precision, 6);
        EXPECT_EQ(now.output_path, "a b/ü");
        EXPECT_EQ(now.width, 12);
        EXPECT_EQ(now.max_width, -3);
        EXPECT_EQ(set_setting("flat_profile", "F", setting_origin::code), "");
        EXPECT_EQ(get_setting("flat_profile"), "false");
        EXPECT_EQ(set_setting("output_path", "", setting_origin::code), "");
        EXPECT_EQ(get_setting("output_path"), "");
    });
}

TEST(set_setting, knows_the_names_of_units) {
    in_child_process({{"TIMEMORY_MEMORY_UNITS", "stone"}}, [] {
        for (const char* name : {"", "msec", "MS", "millisecond", "Minutes", "hr"})
            EXPECT_EQ(set_setting("timing_units", name, setting_origin::code), "") << name;
        EXPECT_EQ(
            set_setting("timing_units", "KiB", setting_origin::code),
            "setting 'timing_units': 'KiB' is not a unit; accepted are nsec, usec, msec, csec, "
            "dsec, sec, min, hr; keeping hr");
        testing::internal::CaptureStderr();
        read_environment();
        EXPECT_EQ(
            testing::internal::GetCapturedStderr(),
            "timemory: setting 'memory_units': 'stone' from TIMEMORY_MEMORY_UNITS is not a unit; "
            "accepted are byte, kb, mb, gb, tb, pb, kib, mib, gib, tib, pib; keeping \n");
        EXPECT_EQ(set_setting("memory_units", "KiB", setting_origin::code), "");
    });
}

TEST(set_setting, says_what_is_wrong_and_keeps_the_value) {
    expect_environment({}, "", [] {
        EXPECT_EQ(set_setting("precision", "4", setting_origin::code), "");
        for (const char* text : {"abc", "", "1.5", "12x", "+-3", "1 2", "0x10"})
            EXPECT_EQ(set_setting("precision", text, setting_origin::code),
                      "setting 'precision': '" + std::string(text) +
                          "' is not a whole number; keeping 4");
        EXPECT_EQ(set_setting("precision", "9223372036854775808", setting_origin::code),
                  "setting 'precision': '9223372036854775808' is not between "
                  "-32768 and 32767; keeping 4");
        EXPECT_EQ(get_setting("precision"), "4");
        EXPECT_EQ(set_setting("enabled", "maybe", setting_origin::code),
                  "setting 'enabled': 'maybe' is not a truth value (on, off, true, false, yes, no, "
                  "y, n, t, f or a whole number); keeping true");
        EXPECT_EQ(get_setting("enabled"), "true");
        EXPECT_NE(set_setting("enabled", "", setting_origin::code), "");
    });
}

TEST(set_setting, keeps_a_message_on_one_line) {
    EXPECT_EQ(set_setting("width", "1\n2\t", setting_origin::environment),
              "setting 'width': '1?2?' from TIMEMORY_WIDTH is not a whole number; keeping -1");
    EXPECT_EQ(set_setting("wid\nth", "1", setting_origin::code),
              "there is no setting 'wid?th'; the nearest name is 'width'");
}

TEST(set_setting, names_the_nearest_of_an_unknown_name) {
    const auto error = [](const char* name) {
        return set_setting(name, "1", setting_origin::code);
    };
    EXPECT_EQ(error("presicion"),
              "there is no setting 'presicion'; the nearest name is 'precision'");
    EXPECT_EQ(error("ENABLED"), "there is no setting 'ENABLED'; the nearest name is 'enabled'");
    EXPECT_EQ(error("TIMEMORY_FLAT_PROFIL"),
              "there is no setting 'TIMEMORY_FLAT_PROFIL'; the nearest name is "
              "'TIMEMORY_FLAT_PROFILE'");
    EXPECT_EQ(get_setting("presicion"), std::nullopt);
    EXPECT_EQ(get_setting(""), std::nullopt);
}

TEST(set_setting, says_once_what_the_build_does_not_support) {
    expect_environment({}, "", [] {
        testing::internal::CaptureStderr();
        EXPECT_EQ(set_setting("cupti_device", "1", setting_origin::code), "");
        EXPECT_EQ(set_setting("cupti_device", "2", setting_origin::code), "");
        EXPECT_EQ(set_setting("papi_quiet", "off", setting_origin::code), "") << "the default";
        EXPECT_EQ(testing::internal::GetCapturedStderr(),
                  "timemory: setting 'cupti_device' has no effect: this build has no CUPTI "
                  "counter and sampling support\n");
        EXPECT_EQ(get_setting("cupti_device"), "2");
        testing::internal::CaptureStderr();
        EXPECT_EQ(set_setting("max_thread_bookmarks", "9", setting_origin::file, "a.cfg:1"), "");
        EXPECT_EQ(testing::internal::GetCapturedStderr(),
                  "timemory: a.cfg:1: setting 'max_thread_bookmarks' has no effect: the trees of "
                  "threads need no bookmarks here\n");
    });
}

TEST(set_setting, accepts_the_choices_and_the_bounds_of_a_type) {
    expect_environment({}, "", [] {
        EXPECT_EQ(set_setting("mpi_thread_type", "funneled", setting_origin::code), "");
        EXPECT_EQ(set_setting("mpi_thread_type", "", setting_origin::code), "");
        for (const char* wrong : {"many", "single|multiple", "SINGLE"})
            EXPECT_EQ(set_setting("mpi_thread_type", wrong, setting_origin::code),
                      std::string("setting 'mpi_thread_type': '") + wrong +
                          "' is none of single|serialized|funneled|multiple; keeping ");
        EXPECT_EQ(set_setting("max_depth", "65535", setting_origin::code), "");
        EXPECT_EQ(set_setting("max_depth", "65536", setting_origin::code),
                  "setting 'max_depth': '65536' is not between 0 and 65535; keeping 65535");
        EXPECT_EQ(set_setting("throttle_count", "-1", setting_origin::code),
                  "setting 'throttle_count': '-1' is not between 0 and 9223372036854775807; "
                  "keeping 10000");
    });
}

TEST(set_setting, lets_the_later_of_command_line_and_code_win) {
    expect_environment({{"TIMEMORY_WIDTH", "3"}}, "", [] {
        EXPECT_EQ(setting_origin_of("width"), "environment");
        EXPECT_EQ(set_setting("width", "4", setting_origin::code), "");
        EXPECT_EQ(set_setting("width", "5", setting_origin::command_line), "");
        EXPECT_EQ(current_settings().width, 5);
        EXPECT_EQ(setting_origin_of("width"), "command line");
        EXPECT_EQ(set_setting("width", "6", setting_origin::code), "");
        EXPECT_EQ(set_setting("width", "7", setting_origin::file, "x.cfg:3"), "");
        EXPECT_EQ(current_settings().width, 6);
        EXPECT_EQ(setting_origin_of("width"), "code");
        EXPECT_EQ(setting_origin_of("precision"), "default");
        EXPECT_NE(explain_settings().find("width"), std::string::npos);
    });
}

// ---- Environment

TEST(read_environment, takes_every_type) {
    expect_environment({{"TIMEMORY_FLAT_PROFILE", "yes"},
                        {"TIMEMORY_COUT_OUTPUT", "0"},
                        {"TIMEMORY_DEBUG", ""},
                        {"TIMEMORY_MAX_PATHS", "250"},
                        {"TIMEMORY_OUTPUT_PATH", "out=put"},
                        {"TIMEMORY_OUTPUT_PREFIX", ""}},
                       "", [] {
                           const settings now = current_settings();
                           EXPECT_TRUE(now.flat_profile);
                           EXPECT_FALSE(now.cout_output);
                           EXPECT_TRUE(now.debug);
                           EXPECT_EQ(now.max_paths, 250);
                           EXPECT_EQ(now.output_path, "out=put");
                           EXPECT_EQ(now.output_prefix, "");
                       });
}

TEST(read_environment, reports_values_that_do_not_parse) {
    expect_environment({{"TIMEMORY_PRECISION", "abc"}},
                       "timemory: setting 'precision': 'abc' from TIMEMORY_PRECISION is not a "
                       "whole number; keeping -1\n",
                       [] { EXPECT_EQ(current_settings().precision, -1); });
    expect_environment({{"TIMEMORY_WIDTH", ""}},
                       "timemory: setting 'width': '' from TIMEMORY_WIDTH is not a whole number; "
                       "keeping -1\n");
    expect_environment({{"TIMEMORY_ENABLED", "maybe"}},
                       "timemory: setting 'enabled': 'maybe' from TIMEMORY_ENABLED is not a truth "
                       "value (on, off, true, false, yes, no, y, n, t, f or a whole number); "
                       "keeping true\n",
                       [] { EXPECT_TRUE(current_settings().enabled); });
}

TEST(read_environment, names_the_nearest_of_an_unknown_variable) {
    expect_environment({{"TIMEMORY_PRESICION", "3"}},
                       "timemory: TIMEMORY_PRESICION names no setting; the nearest name is "
                       "TIMEMORY_PRECISION\n",
                       [] { EXPECT_EQ(current_settings().precision, -1); });
}

TEST(read_environment, is_silent_about_variables_that_are_no_settings) {
    expect_environment({{"TIMEMORY_LIBRARY_CTOR", "0"},
                        {"TIMEMORY_PRINT_VARIANCE", "0"},
                        {"TIMEMORY_PEAK_RSS_ENABLED", "0"},
                        {"TIMEMORY_MPI_FINALIZE_COMM_KEYVAL", "1"},
                        {"TIMEMORY_ROOT", "/opt/timemory"},
                        {"NOT_TIMEMORY_PRECISION", "abc"}},
                       "");
}

TEST(read_environment, speaks_for_a_job_on_its_first_rank_only) {
    const std::string line =
        "timemory: setting 'precision': 'abc' from TIMEMORY_PRECISION is not a whole number; "
        "keeping -1\n";
    expect_environment({{"TIMEMORY_PRECISION", "abc"}, {"OMPI_COMM_WORLD_RANK", "0"}}, line);
    expect_environment({{"TIMEMORY_PRECISION", "abc"}, {"OMPI_COMM_WORLD_RANK", "3"}}, "");
}

TEST(read_environment, reads_once) {
    expect_environment({{"TIMEMORY_PRECISION", "2"}}, "", [] {
        setenv("TIMEMORY_PRECISION", "5", 1);
        read_environment();
        EXPECT_EQ(current_settings().precision, 2);
    });
}

TEST(read_environment, gives_way_to_code_before_and_after) {
    expect_environment({{"TIMEMORY_PRECISION", "2"}, {"TIMEMORY_WIDTH", "20"}}, "", [] {
        EXPECT_EQ(set_setting("precision", "7", setting_origin::code), "");
        EXPECT_EQ(set_setting("precision", "8", setting_origin::environment), "");
        EXPECT_EQ(current_settings().precision, 7);
        EXPECT_EQ(current_settings().width, 20);
    });
}

TEST(set_setting, shows_only_the_beginning_of_a_long_value) {
    const std::string wrong = set_setting("width", std::string(1 << 20, '1'), setting_origin::code);
    EXPECT_EQ(wrong, "setting 'width': '" + std::string(100, '1') +
                         "...' is not between -32768 and 32767; keeping -1");
    const std::string unknown = set_setting(std::string(1 << 20, 'x'), "1", setting_origin::code);
    EXPECT_LT(unknown.size(), 300u);
    EXPECT_EQ(set_setting("output_prefix", std::string("a\0b", 3), setting_origin::code),
              "setting 'output_prefix': 'a?b' has a zero byte; keeping ");
    EXPECT_EQ(set_setting("width", "\xFF\xC3", setting_origin::code),
              "setting 'width': '?\?' is not a whole number; keeping -1");
}

TEST(setting_of_option, takes_names_variables_and_long_options) {
    for (const char* option : {"flat_profile", "TIMEMORY_FLAT_PROFILE", "--flat-profile",
                               "--timemory-flat-profile", "flat-profile", "timemory-flat-profile"})
        EXPECT_EQ(setting_of_option(option), "flat_profile") << option;
    EXPECT_EQ(setting_of_option("--timemory-config"), "config_file");
    EXPECT_EQ(setting_of_option("--no-config"), "suppress_config");
    EXPECT_EQ(setting_of_option("--max-paths"), "max_paths") << "not under timemory-config";
    for (const char* option : {"", "-C", "C", "--", "--timemory-", "-flat-profile", "flat"})
        EXPECT_EQ(setting_of_option(option), "") << option;
}

// ---- Threads

TEST(settings, are_set_and_read_by_several_threads) {
    expect_environment({}, "", [] {
        constexpr int rounds = 2000;
        const std::string paths[] = {std::string(40, 'a'), std::string(60, 'b')};
        std::thread writer([&] {
            for (int i = 0; i < rounds; ++i) {
                EXPECT_EQ(set_setting("output_path", paths[i % 2], setting_origin::code), "");
                EXPECT_EQ(set_setting("width", std::to_string(i), setting_origin::code), "");
            }
        });
        std::int64_t last = -1;
        for (int i = 0; i < rounds; ++i) {
            const settings now = current_settings();
            EXPECT_TRUE(now.output_path == paths[0] || now.output_path == paths[1] ||
                        now.output_path == "timemory-output")
                << now.output_path;
            EXPECT_GE(now.width, last);
            last = now.width;
            EXPECT_TRUE(get_setting("output_path").has_value());
        }
        writer.join();
        EXPECT_EQ(current_settings().width, rounds - 1);
        EXPECT_EQ(current_settings().output_path, paths[(rounds - 1) % 2]);
    });
}

}  // namespace
}  // namespace tim
