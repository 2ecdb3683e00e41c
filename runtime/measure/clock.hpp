// The recorder's clock.
//
// The time stamp counter where it is invariant and the kernel itself keeps time with it, calibrated
// against CLOCK_MONOTONIC; else CLOCK_MONOTONIC. Readings are ticks; only differences mean
// anything, and ticks_to_ns() turns them into nanoseconds.

#pragma once

#include <cstdint>
#include <ctime>

#if defined(__x86_64__)
#    include <x86intrin.h>
#endif

namespace tim {

struct clock_calibration {
    /// Nanoseconds in a tick of the counter, less than one, in units of 2^-64.
    std::uint64_t nanoseconds_per_tick = 0;
    bool counter = false;  ///< ticks are the time stamp counter's; else they are nanoseconds
    // The same moment twice.
    std::int64_t anchor_ticks = 0;
    std::int64_t anchor_time = 0;  ///< nanoseconds since 1970
};

/// Set once by calibrate_clock(), before the first region.
[[gnu::visibility("hidden")]] extern clock_calibration the_clock;

/// Chooses the clock and calibrates it: takes about 2 ms. An anchor is the tightest of several
/// readings of CLOCK_MONOTONIC between two of the counter, good to some 5 ns, so the rate is good
/// to a few parts per million.
void calibrate_clock() noexcept;

/// CLOCK_MONOTONIC in nanoseconds: 22 ns.
inline std::int64_t monotonic_ns() noexcept {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// The time stamp counter, for callers who know that it is the clock.
inline std::int64_t counter_ticks() noexcept {
#if defined(__x86_64__)
    return static_cast<std::int64_t>(__rdtsc());
#else
    return 0;
#endif
}

/// A reading of the clock, in ticks: 10 ns where it is the counter.
inline std::int64_t clock_ticks() noexcept {
    return __builtin_expect(the_clock.counter, 1) ? counter_ticks() : monotonic_ns();
}

/// The nanoseconds in a number of the counter's ticks. Rounds down. One multiplication.
inline std::uint64_t counter_to_ns(std::uint64_t ticks) noexcept {
    const auto product = static_cast<unsigned __int128>(ticks) * the_clock.nanoseconds_per_tick;
    return static_cast<std::uint64_t>(product >> 64);
}

/// The nanoseconds in a difference of two readings. Rounds down, so the parts of an interval never
/// add up to more than the whole. Not negative: a thread that moves between cores may see the
/// counter a few ticks back.
inline std::int64_t ticks_to_ns(std::int64_t ticks) noexcept {
    if (ticks < 0) return 0;
    if (!the_clock.counter) return ticks;
    return static_cast<std::int64_t>(counter_to_ns(static_cast<std::uint64_t>(ticks)));
}

/// When a reading was taken, in nanoseconds since 1970.
inline std::int64_t time_of(std::int64_t ticks) noexcept {
    const std::int64_t after = ticks - the_clock.anchor_ticks;
    return the_clock.anchor_time + (after < 0 ? -ticks_to_ns(-after) : ticks_to_ns(after));
}

}  // namespace tim
