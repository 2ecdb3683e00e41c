#include "output/place.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <regex>

#include "output/notes.hpp"

namespace tim {
namespace {

const run_facts facts{.rank = 3, .size = 16, .arguments = {"../bin/my_app.py", "-n", "a b/c"}};

TEST(place, substitutions) {
    unsetenv("SLURM_JOB_ID");
    const std::string pid = std::to_string(getpid());
    const auto is = [](const char* text, const std::string& expected) {
        EXPECT_EQ(substituted(text, facts), expected) << text;
    };
    is("run-%p", "run-" + pid);
    is("%pid%%rank%", pid + "3");
    is("%r_of_%s/%rank%-%size%", "3_of_16/3-16");
    is("%j-%job%", "0-0");
    is("%tag%", "my_app");
    is("%arg0%", "bin_my_app.py");
    is("%argv%", "bin_my_app.py");
    is("%arg2%|%arg9%", "a_b_c|");
    is("%args%", "-n_a_b_c");
    is("%argt%", "my_app_-n_a_b_c");
    is("%m", md5("my_app -n a b/c"));
    is("%tag_hash%", md5("my_app"));
    is("100% sure, %q %unknown% %", "100% sure, %q %unknown% %");
    setenv("SLURM_JOB_ID", "4711", 1);
    is("%j", "4711");
    unsetenv("SLURM_JOB_ID");
}

TEST(place, names_process) {
    for (const char* yes : {"out-%p", "%pid%"}) EXPECT_TRUE(names_process(yes));
    for (const char* yes : {"%r", "x%rank%"}) EXPECT_TRUE(names_rank(yes));
    for (const char* no : {"", "out", "%j", "%tag%"})
        EXPECT_FALSE(names_process(no) || names_rank(no));
}

TEST(place, md5_of_rfc_1321) {
    EXPECT_EQ(md5(""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(
        md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
        "57edf4a22be3c955ac49da2e2107b67a");
    EXPECT_EQ(md5(std::string(55, 'x')).size(), 32U);
    EXPECT_EQ(md5(std::string(56, 'x')).size(), 32U);
}

TEST(place, time_folder) {
    settings s;
    s.output_path = "out";
    s.time_output = true;
    EXPECT_TRUE(std::regex_match(placed(s, facts).output_path,
                                 std::regex{R"(out/\d{4}-\d\d-\d\d_\d\d\.\d\d_[^ /]*)"}))
        << placed(s, facts).output_path;
    s.time_format = "%Y";
    const std::string year = launch_time("%Y");
    EXPECT_EQ(placed(s, facts).output_path, "out/" + year);
    s.output_path = "out/" + year;
    EXPECT_EQ(placed(s, facts).output_path, "out/" + year);  // it is there already
    s.time_output = false;
    s.output_path = "out";
    EXPECT_EQ(placed(s, facts).output_path, "out");
}

TEST(place, inputs_are_the_outputs_unless_given) {
    settings s;
    s.output_path = "out-%r";
    s.output_prefix = "p%s";
    s.time_output = true;
    EXPECT_EQ(placed(s, facts).input_path, "out-3");
    EXPECT_EQ(placed(s, facts).input_prefix, "p16");
    s.input_path = "in/%tag%";
    EXPECT_EQ(placed(s, facts).input_path, "in/my_app");
}

TEST(notes, each_file_once) {
    const std::string one = with_note("", "/no/such \"file\".txt");
    EXPECT_EQ(one,
              "LIST(APPEND CTEST_NOTES_FILES \"/no/such \\\"file\\\".txt\")\n"
              "LIST(REMOVE_DUPLICATES CTEST_NOTES_FILES)\n");
    EXPECT_EQ(with_note(one, "/no/such \"file\".txt"), one);
    EXPECT_EQ(with_note(one, "/b"),
              "LIST(APPEND CTEST_NOTES_FILES \"/no/such \\\"file\\\".txt\")\n"
              "LIST(APPEND CTEST_NOTES_FILES \"/b\")\n"
              "LIST(REMOVE_DUPLICATES CTEST_NOTES_FILES)\n");
}

}  // namespace
}  // namespace tim
