#include "measure/clock.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tim {
namespace {

TEST(clock, agrees_with_the_kernels) {
    calibrate_clock();
    const std::int64_t ns_before = monotonic_ns();
    const std::int64_t first = clock_ticks();
    const std::int64_t ns_first = monotonic_ns();
    timespec pause{.tv_sec = 0, .tv_nsec = 50'000'000};
    nanosleep(&pause, nullptr);
    const std::int64_t ns_last = monotonic_ns();
    const std::int64_t last = clock_ticks();
    const std::int64_t ns_after = monotonic_ns();
    // However long the readings took on a busy machine, ours lies between the kernel's inner and
    // outer interval, give or take the error of the calibration: 200 parts per million is 40 times
    // what is usual.
    const double ns = static_cast<double>(ticks_to_ns(last - first));
    EXPECT_GE(ns, static_cast<double>(ns_last - ns_first) * (1 - 200e-6));
    EXPECT_LE(ns, static_cast<double>(ns_after - ns_before) * (1 + 200e-6));
}

TEST(clock, parts_never_exceed_the_whole) {
    calibrate_clock();
    std::int64_t parts = 0;
    std::int64_t from = clock_ticks();
    const std::int64_t begin = from;
    for (int i = 0; i < 1000; ++i) {
        const std::int64_t to = clock_ticks();
        parts += ticks_to_ns(to - from);
        from = to;
    }
    EXPECT_LE(parts, ticks_to_ns(from - begin));
    EXPECT_EQ(ticks_to_ns(-5), 0);
}

}  // namespace
}  // namespace tim
