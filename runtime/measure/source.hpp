// Sources: what can be read at the edge of a region.
//
// Reading is the cost, so an edge reads each source of its bundle once, however many components use
// it.

#pragma once

#include <cstdint>

namespace tim {

enum class source_kind : std::uint8_t {
    clock,        ///< ticks of the recorder's clock
    thread_cpu,   ///< CLOCK_THREAD_CPUTIME_ID, ns: a system call
    process_cpu,  ///< CLOCK_PROCESS_CPUTIME_ID, ns: a system call
    peak_memory,  ///< ru_maxrss of the process, bytes: a system call
    statm,  ///< two values, /proc/self/statm: virtual and resident memory, bytes: a system call
    user,   ///< a callback
};

/// A callback of the user's: exactly one of the two is set.
struct user_source {
    std::int64_t (*read)(void*) = nullptr;
    double (*read_real)(void*) = nullptr;
    void* context = nullptr;
};

/// How many values a reading has.
constexpr unsigned values_of(source_kind s) noexcept {
    return s == source_kind::statm ? 2 : 1;
}

/// Whether a reading belongs to the calling thread. The clock belongs to all.
constexpr bool is_per_thread(source_kind s) noexcept {
    return s == source_kind::thread_cpu;
}

/// Reads any source but the clock into `values`. Doubles of a user's source are stored as their
/// bits. A reading that fails gives 0.
void read_source(source_kind what, const user_source& user, std::int64_t* values) noexcept;

/// In the child of a fork: forgets descriptors that show the parent's process.
void sources_after_fork() noexcept;

}  // namespace tim
