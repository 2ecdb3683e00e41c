// Ten thousand malformed configuration files: whatever is in them, each gives lines that a person
// can read, few of them, and nothing else happens.

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "child_process.hpp"
#include "settings/config_file.hpp"
#include "settings/utf8.hpp"

namespace tim {
namespace {

const std::vector<std::string> valid_text = {
    "# a job\nflat_profile = on\nTIMEMORY_PRECISION = 4\n--timemory-width 12\n",
    "$NAME = out\n$PATH = $NAME/$env:HOME\noutput_path = $PATH\ncomponents = "
    "wall_clock,cpu_clock\n",
    "max_depth = 12\nthrottle_count=100;\nmpi_thread_type = funneled\ncupti_device 1\n"
    "TIMEMORY_PRINT_MIN = 0\ntime_format %F_%H.%M\nenabled y\n",
};
const std::vector<std::string> valid_json = {
    R"({"timemory":{"settings":{"TIMEMORY_WIDTH":{"value":7},"flat_profile":true,
"components":["wall_clock","cpu_clock"],"output_prefix":"\u00fc\n"}}})",
    R"({"timemory":{"metadata":{"info":{"a":[1,2,{"b":null}]},"settings":{"command_line":["x"],
"TIMEMORY_MAX_DEPTH":{"name":"max_depth","count":-1,"initial":65535,"value":3e0},
"TIMEMORY_DEBUG":{"value":false}}}}})",
};

const std::vector<std::string> pieces = {
    "$",
    "$env:",
    "=",
    ",",
    "\n",
    "\"",
    "{",
    "}",
    "[",
    "]",
    ":",
    "\\u0000",
    "\\ud800",
    "1e999",
    "99999999999999999999999999",
    "-0",
    "null",
    "true",
    "\xFF",
    "\xC3\x28",
    "\xF4\x90\x80\x80",
    std::string(1, '\0'),
    "TIMEMORY_",
    "--timemory-",
    "value",
    "settings",
    "timemory",
    "\x1b[31m",
    "\r",
    "\t",
    "#",
    "width",
    "mpi_thread_type",
    "$NAME",
    "%s%n",
    "\xEF\xBB\xBF",
};

/// Changes `text` in one to eight places.
std::string mutated(std::string text, const std::vector<std::string>& others,
                    std::mt19937& random) {
    const auto below = [&](std::size_t n) {
        return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
    };
    for (std::size_t left = 1 + below(8); left > 0; --left) {
        const std::size_t at = below(text.size() + 1);
        switch (below(7)) {
            case 0:
                text.insert(at, pieces[below(pieces.size())]);
                break;
            case 1:
                if (at < text.size()) text[at] = static_cast<char>(below(256));
                break;
            case 2:
                text.erase(at, 1 + below(10));
                break;
            case 3:
                text.resize(at);
                break;
            case 4:
                text.insert(at, text.substr(below(text.size() + 1), below(40)));
                break;
            case 5:
                if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
                break;
            default:
                text.insert(at, others[below(others.size())]);
        }
    }
    return text;
}

void expect_readable(const std::vector<std::string>& lines, const std::string& path,
                     const std::string& input) {
    const std::string shown_input = testing::PrintToString(input.substr(0, 2000));
    ASSERT_LE(lines.size(), 11u) << shown_input;
    for (const std::string& line : lines) {
        ASSERT_TRUE(line.starts_with(path + ":")) << line << '\n' << shown_input;
        ASSERT_GT(line.size(), path.size() + 10) << line;
        ASSERT_LT(line.size(), 500u) << line;
        for (std::size_t i = 0; i < line.size();) {
            const std::size_t length = utf8_length(std::string_view{line}.substr(i));
            ASSERT_GT(length, 0u) << line;
            ASSERT_FALSE((line[i] >= 0 && line[i] < ' ') || line[i] == 127)
                << testing::PrintToString(line);
            i += length;
        }
    }
}

constexpr std::size_t wanted = 5000;  // malformed ones of each format

void feed_mutations(config_format format, const std::vector<std::string>& valid,
                    const std::string& path) {
    in_child_process({}, [&] {
        std::mt19937 random{20240229};
        std::size_t malformed = 0, said = 0, tried = 0;
        for (; malformed < wanted; ++tried) {
            ASSERT_LT(tried, 4 * wanted) << "the mutations hardly break anything";
            const std::string input = mutated(valid[tried % valid.size()], valid, random);
            testing::internal::CaptureStderr();
            const auto lines = read_config(input, format, path, setting_origin::file);
            const std::string besides = testing::internal::GetCapturedStderr();
            expect_readable(lines, path, input);
            if (testing::Test::HasFatalFailure()) return;
            // All else that may be said: that this build has no support for what was set.
            for (std::size_t at = 0; at < besides.size(); at = besides.find('\n', at) + 1)
                ASSERT_NE(besides.find("has no effect", at), std::string::npos) << besides;
            malformed += lines.empty() ? 0 : 1;
            said += lines.size();
        }
        EXPECT_EQ(malformed, wanted);
        std::printf("%zu inputs, %zu of them malformed, %zu lines about them\n", tried, malformed,
                    said);
        std::fflush(stdout);
    });
}

TEST(malformed_config, five_thousand_texts) {
    feed_mutations(config_format::text, valid_text, "job.cfg");
}

TEST(malformed_config, five_thousand_documents) {
    feed_mutations(config_format::json, valid_json, "job.json");
}

TEST(malformed_config, the_valid_ones_are_valid) {
    in_child_process({}, [] {
        testing::internal::CaptureStderr();
        for (const std::string& text : valid_text)
            EXPECT_EQ(read_config(text, config_format::text, "a", setting_origin::file),
                      std::vector<std::string>{});
        for (const std::string& text : valid_json)
            for (const std::string& line :
                 read_config(text, config_format::json, "a", setting_origin::file))
                EXPECT_NE(line.find("3e0"), std::string::npos) << line;
        testing::internal::GetCapturedStderr();
    });
}

TEST(malformed_config, large_and_nasty_ones_end) {
    in_child_process({}, [] {
        const std::string many = [] {
            std::string text;
            for (int i = 0; i < 250'000; ++i) text += "x=1\n";
            return text;
        }();
        const std::string deep = std::string(1 << 18, '[') + std::string(1 << 18, ']');
        std::string keys;
        for (int i = 0; i < 50'000; ++i) keys += "{\"a\":";
        const std::string row = "{\"timemory\":{\"settings\":{\"width\":";
        for (const std::string& input : {
                 many,
                 deep,
                 keys,
                 std::string(1 << 18, 'x'),
                 std::string(1 << 18, '$'),
                 std::string(1 << 18, '\0'),
                 std::string(1 << 18, '\xFF'),
                 std::string(1 << 18, '"'),
                 "width = " + std::string(1 << 18, '9'),
                 "output_path = " + std::string(1 << 18, '='),
                 std::string{"$A = $A\n$A = $A$A\nwidth = $A"},
                 row + std::string(1 << 18, '9') + "}}}",
                 row + "\"" + std::string(1 << 18, '\x01') + "\"}}}",
                 row + deep + "}}}",
                 row + "1e99999999}}}",
                 row + "-}}}",
                 row,
                 std::string("{\"timemory\":{\"settings\":{\"\":\"\"}}}"),
             }) {
            expect_readable(read_config(input, config_format::text, "n.cfg", setting_origin::file),
                            "n.cfg", input);
            const auto lines =
                read_config(input, config_format::json, "n.json", setting_origin::file);
            expect_readable(lines, "n.json", input);
            EXPECT_EQ(lines.size(), 1u) << testing::PrintToString(input.substr(0, 200));
        }
    });
}

}  // namespace
}  // namespace tim
