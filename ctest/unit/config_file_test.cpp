#include "settings/config_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "child_process.hpp"
#include "settings/settings.hpp"

namespace tim {
namespace {

using lines = std::vector<std::string>;

lines read_text(const std::string& text) {
    return read_config(text, config_format::text, "job.cfg", setting_origin::file);
}
lines read_json(const std::string& text) {
    return read_config(text, config_format::json, "job.json", setting_origin::file);
}

/// In a process that has read nothing.
void alone(const std::function<void()>& check) {
    in_child_process({}, check);
}

/// A folder with files for one test, and the home folder.
class folder {
public:
    folder() {
        char name[] = "/tmp/timemory-config-XXXXXX";
        path_ = mkdtemp(name);
        setenv("HOME", path_.c_str(), 1);
    }
    ~folder() { std::filesystem::remove_all(path_); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    std::string file(const std::string& name, const std::string& text) const {
        std::ofstream(path_ + "/" + name) << text;
        return path_ + "/" + name;
    }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

// ---- Text

TEST(config_text, takes_a_setting_a_line_with_any_separators) {
    alone([] {
        EXPECT_EQ(read_text("flat_profile = on\n"
                            "TIMEMORY_PRECISION,4\n"
                            "  --timemory-width 12\r\n"
                            "max-width;;33 # a comment\n"
                            "# precision = 9\n"
                            "\n"
                            "   \t\n"
                            "output_prefix\ta#b\n"
                            "output_path ="),
                  lines{});
        const settings now = current_settings();
        EXPECT_TRUE(now.flat_profile);
        EXPECT_EQ(now.precision, 4);
        EXPECT_EQ(now.width, 12);
        EXPECT_EQ(now.max_width, 33);
        EXPECT_EQ(now.output_prefix, "a#b");
        EXPECT_EQ(now.output_path, "");
        EXPECT_EQ(setting_origin_of("width"), "job.cfg:3");
        EXPECT_EQ(setting_origin_of("max_width"), "job.cfg:4");
    });
}

TEST(config_text, joins_several_values_with_commas) {
    alone([] {
        EXPECT_EQ(read_text("components = wall_clock, cpu_clock;peak_rss # the default ones\n"),
                  lines{});
        EXPECT_EQ(current_settings().components, "wall_clock,cpu_clock,peak_rss");
    });
}

TEST(config_text, lets_the_later_line_win) {
    alone([] {
        EXPECT_EQ(read_text("\xEF\xBB\xBFwidth = 3\nwidth = 4"), lines{});
        EXPECT_EQ(current_settings().width, 4);
        EXPECT_EQ(setting_origin_of("width"), "job.cfg:2");
    });
}

TEST(config_text, replaces_variables) {
    in_child_process({{"TIMEMORY_WIDTH", "20"}, {"SCRATCH", "/scratch/me"}}, [] {
        setenv("RUN", "$env:SCRATCH/run", 1);
        read_environment();
        EXPECT_EQ(read_text("$BASE = $env:RUN\n"
                            "$LATER = $NAME\n"
                            "$NAME = job\n"
                            "$BASE = $BASE/more\n"
                            "output_path = $BASE/$LATER\n"
                            "max_width = $width\n"
                            "separator_frequency = $TIMEMORY_WIDTH\n"
                            "output_prefix = a$-5$\n"
                            "$LIST = wall_clock cpu_clock\n"
                            "components = $LIST peak_rss\n"),
                  lines{});
        const settings now = current_settings();
        EXPECT_EQ(now.output_path, "/scratch/me/run/more/job");
        EXPECT_EQ(now.max_width, 20);
        EXPECT_EQ(now.separator_frequency, 20);
        EXPECT_EQ(now.output_prefix, "a$-5$");
        EXPECT_EQ(now.components, "wall_clock,cpu_clock,peak_rss");
    });
}

TEST(config_text, says_what_is_wrong_with_a_variable) {
    alone([] {
        unsetenv("NOT_THERE");
        EXPECT_EQ(read_text("output_path = $SCRATHC/x\n"
                            "output_path = $env:NOT_THERE\n"
                            "$A = $B\n"
                            "$B = $A\n"
                            "output_path = $A\n"
                            "$a-b = 3\n"
                            "$ = 3\n"
                            "$env:HOME = 3\n"),
                  (lines{"job.cfg:1: '$SCRATHC' is neither a variable of this file nor a setting; "
                         "write $env:SCRATHC for a variable of the environment",
                         "job.cfg:2: '$env:NOT_THERE': the environment has no such variable",
                         "job.cfg:5: '$B' stands for itself, or for too many others",
                         "job.cfg:6: '$a-b' can't be defined: the name of a variable is letters, "
                         "digits and underscores",
                         "job.cfg:7: '$' can't be defined: the name of a variable is letters, "
                         "digits and underscores",
                         "job.cfg:8: '$env:HOME' can't be defined: the name of a variable is "
                         "letters, digits and underscores"}));
        EXPECT_EQ(current_settings().output_path, "timemory-output");
    });
}

TEST(config_text, bounds_what_variables_grow_to) {
    alone([] {
        std::string twice = "$V0 = xxxxxxxxxx\n";
        std::string nothing = "$N0 =\n";
        std::string later;
        for (int i = 1; i < 26; ++i) {
            const std::string n = std::to_string(i);
            const std::string before = std::to_string(i - 1);
            twice += "$V" + n + " = $V" + before + "$V" + before + "\n";
            later = "$L" + n + " = $L" + before + "$L" + before + "\n" + later;
        }
        EXPECT_EQ(read_text(twice).at(0), "job.cfg:14: the value is longer than 65536 bytes");
        const lines empty_pieces = read_text(later + "$L0 =\noutput_path = $L25");
        ASSERT_EQ(empty_pieces.size(), 1u) << "2^25 of them";
        EXPECT_TRUE(empty_pieces[0].ends_with("stands for itself, or for too many others"));
        setenv("LOOP", "$env:LOOP$env:LOOP", 1);
        EXPECT_EQ(read_text("output_path = $env:LOOP"),
                  (lines{"job.cfg:1: '$env:LOOP' stands for itself, or for too many others"}));
        EXPECT_EQ(read_text("output_path = " + std::string(1 << 20, 'x')),
                  (lines{"job.cfg:1: the value of 'output_path' is longer than 65536 bytes"}));
        EXPECT_EQ(current_settings().output_path, "timemory-output");
    });
}

TEST(config_text, says_each_wrong_line_and_reads_the_rest) {
    alone([] {
        EXPECT_EQ(read_text("presicion = 3\n"
                            "precision = many\n"
                            "TIMEMORY_PRESICION = 3\n"
                            "flat_profile\n"
                            "-C x.cfg\n"
                            "width = 9\n"),
                  (lines{"job.cfg:1: there is no setting 'presicion'; the nearest name is "
                         "'precision'",
                         "job.cfg:2: setting 'precision': 'many' is not a whole number; keeping -1",
                         "job.cfg:3: there is no setting 'TIMEMORY_PRESICION'; the nearest name is "
                         "'TIMEMORY_PRECISION'",
                         "job.cfg:4: setting 'flat_profile': '' is not a truth value (on, off, "
                         "true, false, yes, no, y, n, t, f or a whole number); keeping false",
                         "job.cfg:5: there is no setting '-C'; the nearest name is 'debug'"}));
        EXPECT_EQ(current_settings().width, 9);
    });
}

TEST(config_text, says_at_most_ten_lines_and_how_many_more) {
    alone([] {
        std::string text;
        for (int i = 0; i < 1000; ++i) text += "wrong" + std::to_string(i) + " = 1\n";
        const lines said = read_text(text + "width = 7");
        ASSERT_EQ(said.size(), 11u);
        EXPECT_TRUE(said[9].starts_with("job.cfg:10: there is no setting 'wrong9'")) << said[9];
        EXPECT_EQ(said[10], "job.cfg: 990 more lines are wrong");
        EXPECT_EQ(current_settings().width, 7);
        EXPECT_EQ(read_text(text.substr(0, text.find("wrong11"))).back(),
                  "job.cfg: 1 more line is wrong");
    });
}

TEST(config_text, refuses_what_is_no_text) {
    alone([] {
        EXPECT_EQ(read_text(std::string("width = 3\n\0\1\2", 13)),
                  (lines{"job.cfg: is not a text file: it has zero bytes; nothing of it is used"}));
        EXPECT_EQ(current_settings().width, -1);
        EXPECT_EQ(read_text("\xFF\xFE = 1\n").size(), 1u);
    });
}

TEST(config_text, keeps_variables_that_are_no_settings) {
    in_child_process({{"TIMEMORY_PRINT_MIN", "1"}}, [] {
        EXPECT_EQ(read_text("TIMEMORY_PRINT_MAX = 0\nTIMEMORY_PRINT_MIN = 0\n"
                            "TIMEMORY_PEAK_RSS_ENABLED = off\n"),
                  lines{});
        EXPECT_EQ(find_variable("TIMEMORY_PRINT_MAX"), "0");
        EXPECT_EQ(find_variable("TIMEMORY_PRINT_MIN"), "1") << "the environment wins";
        EXPECT_EQ(find_variable("TIMEMORY_PEAK_RSS_ENABLED"), "off");
        EXPECT_EQ(find_variable("TIMEMORY_PRINT_SUM"), std::nullopt);
        EXPECT_NE(set_setting("TIMEMORY_PRINT_MAX", "0", setting_origin::code), "");
    });
}

// ---- JSON

TEST(config_json, takes_both_shapes_and_any_subset) {
    alone([] {
        EXPECT_EQ(read_json("{\"timemory\": {\"settings\": {\n"
                            "  \"TIMEMORY_WIDTH\": {\"value\": 7, \"name\": \"width\"},\n"
                            "  \"flat_profile\": true,\n"
                            "  \"--timemory-precision\": \"3\",\n"
                            "  \"components\": [\"wall_clock\", \"cpu_clock\"],\n"
                            "  \"output_path\": {\"cmdline\": [\"x\"], \"value\": \"a b\"},\n"
                            "  \"global_components\": {\"value\": [\"a\", 1, true]},\n"
                            "  \"input_extensions\": []\n"
                            "}}}"),
                  lines{});
        const settings now = current_settings();
        EXPECT_EQ(now.width, 7);
        EXPECT_TRUE(now.flat_profile);
        EXPECT_EQ(now.precision, 3);
        EXPECT_EQ(now.components, "wall_clock,cpu_clock");
        EXPECT_EQ(now.output_path, "a b");
        EXPECT_EQ(now.global_components, "a,1,true");
        EXPECT_EQ(now.input_extensions, "");
        EXPECT_EQ(setting_origin_of("width"), "job.json:2");
        EXPECT_EQ(setting_origin_of("output_path"), "job.json:6");
    });
}

TEST(config_json, takes_the_metadata_of_a_run) {
    alone([] {
        EXPECT_EQ(
            read_json(R"({"timemory":{"metadata":{"info":{"settings":{"width":"no"}},"settings":{
"command_line":["a"],"environment":[{"x":"y"}],
"TIMEMORY_CONFIG_FILE":{"value":"/not/there.cfg"},
"TIMEMORY_WIDTH":{"name":"width","environ":"TIMEMORY_WIDTH","description":"d","count":-1,
 "max_count":1,"cmdline":["--timemory-width"],"data_type":"short","initial":-1,"value":5}
},"output":{}}}})"),
            lines{});
        EXPECT_EQ(current_settings().width, 5);
        EXPECT_EQ(setting_origin_of("width"), "job.json:4");
        EXPECT_EQ(setting_origin_of("config_file"), "default");
    });
}

TEST(config_json, says_what_is_wrong_with_an_entry) {
    alone([] {
        EXPECT_EQ(read_json("{\"timemory\":{\"settings\":{\n\"presicion\":3,\n\"width\":1.5,\n"
                            "\"precision\":null,\n\"debug\":{\"name\":\"debug\"},\n"
                            "\"components\":[[1]],\n\"banner\":{\"value\":{\"x\":1}},\n"
                            "\"output_prefix\":\"a\\u0000b\",\n\"max_width\":7}}}"),
                  (lines{"job.json:2: there is no setting 'presicion'; the nearest name is "
                         "'precision'",
                         "job.json:3: setting 'width': '1.5' is not a whole number; keeping -1",
                         "job.json:4: setting 'precision' has no value that can be read",
                         "job.json:5: setting 'debug' has no value that can be read",
                         "job.json:6: setting 'components' has no value that can be read",
                         "job.json:7: setting 'banner' has no value that can be read",
                         "job.json:8: setting 'output_prefix': 'a?b' has a zero byte; keeping "}));
        EXPECT_EQ(current_settings().max_width, 7);
    });
}

TEST(config_json, uses_nothing_of_what_is_no_json) {
    alone([] {
        EXPECT_EQ(read_json("{\"timemory\":{\"settings\":{\n\"width\":3,\n}}}"),
                  (lines{"job.json:3: is not JSON: syntax error while parsing object key - "
                         "unexpected '}'; expected string literal; nothing of the file is used"}));
        EXPECT_EQ(read_json("").size(), 1u);
        EXPECT_EQ(read_json("{\"timemory\":{\"settings\":{\"width\":3}}} x").size(), 1u);
        EXPECT_EQ(read_json("{\"timemory\":{\"settings\":{\"width\":1e999}}}").size(), 1u);
        EXPECT_EQ(read_json("{\"timemory\":{\"settings\":{\"output_path\":\"\xFF\"}}}").size(), 1u);
        const std::string neither =
            "job.json: has neither timemory.metadata.settings nor timemory.settings";
        for (const char* text : {"[]", "3", "{}", "{\"timemory\":[{\"settings\":{}}]}",
                                 "{\"timemory\":{\"settings\":[]}}", "{\"settings\":{\"width\":3}}",
                                 "{\"timemory\":{\"x\":{\"settings\":{\"width\":3}}}}"})
            EXPECT_EQ(read_json(text), (lines{neither})) << text;
        EXPECT_EQ(current_settings().width, -1);
    });
}

TEST(config_json, bounds_its_nesting) {
    alone([] {
        const std::string wrong =
            "job.json:1: is not JSON: it is nested deeper than 1000 levels; nothing of the file is "
            "used";
        EXPECT_EQ(read_json(std::string(10'000'000, '[')), (lines{wrong}));
        std::string objects;
        for (int i = 0; i < 100'000; ++i) objects += "{\"timemory\":";
        EXPECT_EQ(read_json(objects), (lines{wrong}));
        EXPECT_EQ(read_json("{\"timemory\":{\"settings\":{\"width\":3,\"components\":" +
                            std::string(900, '[') + std::string(900, ']') + "}}}"),
                  (lines{"job.json:1: setting 'components' has no value that can be read"}));
        EXPECT_EQ(current_settings().width, 3);
    });
}

// ---- Files

TEST(config_files, are_read_in_order_below_the_environment) {
    in_child_process({{"TIMEMORY_PRECISION", "2"}}, [] {
        const folder home;
        home.file(".timemory.cfg", "width = 3\nprecision = 5\nmax_width = 50\n");
        home.file(".timemory.json", R"({"timemory":{"settings":{"width":4}}})");
        testing::internal::CaptureStderr();
        read_environment();
        EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
        EXPECT_EQ(current_settings().width, 4);
        EXPECT_EQ(current_settings().max_width, 50);
        EXPECT_EQ(current_settings().precision, 2);
        EXPECT_EQ(setting_origin_of("max_width"), home.path() + "/.timemory.cfg:3");
    });
}

TEST(config_files, name_others_and_stop_those_after_them) {
    alone([] {
        const folder home;
        home.file(".timemory.cfg", "config_file = $env:HOME/a.cfg:$env:HOME/b.cfg:$env:HOME/a.cfg");
        home.file("a.cfg", "width = 3\nsuppress_config = on\nconfig_file = $env:HOME/c.cfg");
        home.file("b.cfg", "width = 4");
        home.file("c.cfg", "width = 5");
        read_environment();
        EXPECT_EQ(current_settings().width, 3);
    });
    in_child_process({{"TIMEMORY_SUPPRESS_CONFIG", "on"}}, [] {
        const folder home;
        home.file(".timemory.cfg", "width = 3");
        read_environment();
        EXPECT_EQ(current_settings().width, -1);
    });
    in_child_process({{"TIMEMORY_WIDTH", "3"}}, [] {
        const folder home;
        home.file(".timemory.cfg", "suppress_parsing = on");
        read_environment();
        EXPECT_EQ(current_settings().width, -1);
    });
}

TEST(config_files, are_missed_only_if_they_were_named) {
    in_child_process({{"TIMEMORY_CONFIG_FILE", "/not/there.cfg;/"}}, [] {
        testing::internal::CaptureStderr();
        read_environment();
        EXPECT_EQ(testing::internal::GetCapturedStderr(),
                  "timemory: configuration file /not/there.cfg: No such file or directory; it is "
                  "left out\n"
                  "timemory: configuration file /: Is a directory; it is left out\n");
    });
    alone([] {
        setenv("HOME", "/dev/null", 1);
        testing::internal::CaptureStderr();
        read_environment();
        EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
        const folder home;
        const std::string big = home.file("big.cfg", std::string((16 << 20) + 1, '#'));
        EXPECT_EQ(read_config_file(big, true, setting_origin::code),
                  (lines{"configuration file " + big + ": File too large; it is left out"}));
        EXPECT_EQ(read_config_file("/not/there.cfg", false, setting_origin::file), lines{});
    });
}

}  // namespace
}  // namespace tim
