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
    /// Nanoseconds in one tick, as a fixed-point number with `fraction_bits` binary places.
    std::uint64_t nanoseconds_per_tick = std::uint64_t{1} << fraction_bits;
    bool counter = false;  ///< ticks are the time stamp counter's

    static constexpr int fraction_bits = 44;
};

/// Set once by calibrate_clock(), before the first region.
extern clock_calibration the_clock;

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

/// A reading of the clock, in ticks: 10 ns where it is the counter.
inline std::int64_t clock_ticks() noexcept {
#if defined(__x86_64__)
    if (__builtin_expect(the_clock.counter, 1)) return static_cast<std::int64_t>(__rdtsc());
#endif
    return monotonic_ns();
}

/// The nanoseconds in a difference of two readings. Rounds down, so the parts of an interval never
/// add up to more than the whole. Not negative: a thread that moves between cores may see the
/// counter a few ticks back.
inline std::int64_t ticks_to_ns(std::int64_t ticks) noexcept {
    const std::uint64_t positive = ticks < 0 ? 0 : static_cast<std::uint64_t>(ticks);
    const auto product = static_cast<unsigned __int128>(positive) * the_clock.nanoseconds_per_tick;
    return static_cast<std::int64_t>(product >> clock_calibration::fraction_bits);
}

}  // namespace tim
