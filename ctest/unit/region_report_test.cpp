// The lines of destructor_report, from C and from C++. Each test runs in a process of its own.

#include <gtest/gtest.h>

#include <string>

#include "timemory/timemory.hpp"

namespace tim {
namespace {

void start(const char* value) {
    setenv("TIMEMORY_AUTO_OUTPUT", "off", 1);
    timemory_set_setting("destructor_report", value);
    ::timemory_init(0, nullptr);
}

/// What is printed while each way to end a region is gone through once.
std::string printed() {
    testing::internal::CaptureStdout();
    timemory_push_region("by name");
    timemory_pop_region("by name");
    const timemory_region_t region = timemory_region("by handle", "trip_count");
    for (int i = 0; i < 2; ++i) {
        timemory_enter(region);
        timemory_leave(region);
    }
    timemory_end_record(timemory_get_begin_record_types("record", "trip_count"));
    timemory_end(timemory_begin(region));
    { TIMEMORY_MARKER("scope", "trip_count,data_tracker_integer"); }
    { const marker m{std::string{"made at run time"}, "trip_count"}; }
    return testing::internal::GetCapturedStdout();
}

TEST(region_report, each_region_that_ends_is_a_line) {
    start("on");
    const std::string text = printed();
    const std::size_t first = text.find('\n') + 1;
    EXPECT_TRUE(text.starts_with("by name: 0.000 sec wall [laps: 1]\n")) << text;
    EXPECT_EQ(text.substr(first),
              "by handle: 1 trip_count [laps: 1]\n"
              "by handle: 2 trip_count [laps: 2]\n"
              "record: 1 trip_count [laps: 1]\n"
              "scope: 1 trip_count [laps: 1]\n"
              "made at run time: 1 trip_count [laps: 1]\n");
}

TEST(region_report, nothing_is_printed_without_it) {
    start("off");
    EXPECT_EQ(printed(), "");
    timemory_set_setting("destructor_report", "on");
    EXPECT_NE(printed(), "") << "it can be switched on later";
    timemory_set_setting("destructor_report", "off");
    EXPECT_EQ(printed(), "");
}

TEST(region_report, nothing_is_printed_while_nothing_is_recorded) {
    start("on");
    timemory_pause();
    EXPECT_EQ(printed(), "");
    timemory_resume();
    timemory_finalize();
    EXPECT_EQ(printed(), "");
}

}  // namespace
}  // namespace tim
