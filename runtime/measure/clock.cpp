#include "measure/clock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string_view>

#if defined(__x86_64__)
#    include <cpuid.h>
#endif

namespace tim {

clock_calibration the_clock;

#if defined(__x86_64__)

namespace {

/// Invariant TSC: CPUID 80000007h, EDX bit 8 (AMD APM volume 3, Intel SDM volume 3B 18.17.1).
bool counter_is_invariant() noexcept {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d & (1U << 8)) != 0;
}

/// The kernel leaves the counter when it finds it unsynchronised between cores; then so do we.
bool kernel_keeps_time_with_counter() noexcept {
    const int file = open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
                          O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    char text[32];
    const ssize_t length = read(file, text, sizeof text);
    close(file);
    return length > 0 &&
           std::string_view{text, static_cast<std::size_t>(length)}.substr(0, 3) == "tsc";
}

struct anchor {
    std::int64_t ticks = 0;
    std::int64_t ns = 0;
};

anchor read_anchor() noexcept {
    anchor best;
    std::int64_t tightest = INT64_MAX;
    for (int attempt = 0; attempt < 32; ++attempt) {
        const auto before = static_cast<std::int64_t>(__rdtsc());
        const std::int64_t ns = monotonic_ns();
        const auto after = static_cast<std::int64_t>(__rdtsc());
        if (after - before >= tightest) continue;
        tightest = after - before;
        best = {.ticks = before + (after - before) / 2, .ns = ns};
    }
    return best;
}

}  // namespace

namespace {

void calibrate_counter() noexcept {
    if (!counter_is_invariant() || !kernel_keeps_time_with_counter()) return;
    const anchor first = read_anchor();
    timespec pause{.tv_sec = 0, .tv_nsec = 2'000'000};
    while (nanosleep(&pause, &pause) != 0) {
    }
    const anchor last = read_anchor();
    // A counter below 1 GHz would not fit the fraction; no CPU with an invariant one has that.
    if (last.ns <= first.ns || last.ticks - first.ticks <= last.ns - first.ns) return;
    const auto ns = static_cast<unsigned __int128>(last.ns - first.ns) << 64;
    the_clock.nanoseconds_per_tick =
        static_cast<std::uint64_t>(ns / static_cast<std::uint64_t>(last.ticks - first.ticks));
    the_clock.counter = true;
}

}  // namespace

#else

namespace {
void calibrate_counter() noexcept {}
}  // namespace

#endif

void calibrate_clock() noexcept {
    calibrate_counter();
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    the_clock.anchor_ticks = clock_ticks();
    the_clock.anchor_time = std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace tim
