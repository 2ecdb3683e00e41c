#include "settings/command_line.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tim {
namespace {

using words = std::vector<std::string>;

struct outcome {
    words left;
    words assigned;  ///< `name=value`
    words wrong;
};

outcome take(words line) {
    line.insert(line.begin(), "program");
    std::vector<char*> argv;
    for (std::string& word : line) argv.push_back(word.data());
    argv.push_back(nullptr);
    int argc = static_cast<int>(line.size());
    const arguments taken = take_arguments(argc, argv.data());
    outcome result;
    for (int i = 0; i < argc; ++i) result.left.emplace_back(argv[static_cast<std::size_t>(i)]);
    EXPECT_EQ(argv[static_cast<std::size_t>(argc)], nullptr);
    EXPECT_EQ(result.left.at(0), "program");
    result.left.erase(result.left.begin());
    for (const argument& one : taken.assignments)
        result.assigned.push_back(one.name + "=" + one.value);
    result.wrong = taken.wrong;
    return result;
}

TEST(take_arguments, takes_options_with_their_values) {
    const outcome all = take({"-n", "3", "--timemory-flat-profile=on", "input", "--timemory-width",
                              "-1", "--timemory-output-path", "a b", "--timemory-config=x.cfg",
                              "--timemory-max-paths=7", "--timemory-output-prefix=", "--timemory"});
    EXPECT_EQ(all.left, (words{"-n", "3", "input", "--timemory"}));
    EXPECT_EQ(all.assigned, (words{"flat_profile=on", "width=-1", "output_path=a b",
                                   "config_file=x.cfg", "max_paths=7", "output_prefix="}));
    EXPECT_EQ(all.wrong, words{});
}

TEST(take_arguments, stops_at_two_dashes) {
    const outcome all = take({"--timemory-width=3", "--", "--timemory-width=4", "x"});
    EXPECT_EQ(all.left, (words{"--", "--timemory-width=4", "x"}));
    EXPECT_EQ(all.assigned, (words{"width=3"}));
}

TEST(take_arguments, splits_args) {
    const outcome all =
        take({"--timemory-args", "width=3", "precision=2;TIMEMORY_DEBUG=on flat-profile=1",
              "output_path=/a:/b:debug=off", "rest", "width=9"});
    EXPECT_EQ(all.left, (words{"rest", "width=9"}));
    EXPECT_EQ(all.assigned, (words{"width=3", "precision=2", "debug=on", "flat_profile=1",
                                   "output_path=/a:/b", "debug=off"}));
    EXPECT_EQ(take({"--timemory-args=width=3;debug=on", "x=1"}).left, (words{"x=1"}));
    EXPECT_EQ(take({"--timemory-args=width=3;debug=on"}).assigned, (words{"width=3", "debug=on"}));
    EXPECT_EQ(take({"--timemory-args"}).assigned, words{});
    EXPECT_EQ(take({"--timemory-args", "no_setting=1"}).assigned, (words{"no_setting=1"}))
        << "said where it is assigned";
}

TEST(take_arguments, leaves_what_is_wrong_and_says_it) {
    const outcome all = take({"--timemory-presicion", "3", "--timemory-width", "--timemory-debug=1",
                              "--timemory-banner"});
    EXPECT_EQ(all.left,
              (words{"--timemory-presicion", "3", "--timemory-width", "--timemory-banner"}));
    EXPECT_EQ(all.assigned, (words{"debug=1"}));
    EXPECT_EQ(
        all.wrong,
        (words{"there is no option --timemory-presicion; the nearest is --timemory-precision",
               "option --timemory-width needs a value", "option --timemory-banner needs a value"}));
    EXPECT_EQ(take({"--timemory-arg=x"}).wrong,
              (words{"there is no option --timemory-arg; the nearest is --timemory-args"}));
    EXPECT_EQ(take({"--timemory-width", "--"}).left, (words{"--timemory-width", "--"}));
}

TEST(take_arguments, takes_an_empty_command_line) {
    int argc = 0;
    char* none[] = {nullptr};
    EXPECT_TRUE(take_arguments(argc, none).assignments.empty());
    EXPECT_EQ(argc, 0);
    EXPECT_EQ(take({}).left, words{});
}

}  // namespace
}  // namespace tim
