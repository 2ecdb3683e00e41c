// Sources: what can be read at the edge of a region.
//
// Reading is the cost, so an edge reads each source of its bundle once, however many components use
// it.

#pragma once

#include <cstdint>
#include <string_view>

namespace tim {

enum class source_kind : std::uint8_t {
    clock,          ///< ticks of the recorder's clock
    thread_cpu,     ///< CLOCK_THREAD_CPUTIME_ID, ns: a system call
    process_cpu,    ///< CLOCK_PROCESS_CPUTIME_ID, ns: a system call
    monotonic,      ///< CLOCK_MONOTONIC, ns
    monotonic_raw,  ///< CLOCK_MONOTONIC_RAW, ns
    calendar,       ///< µs since 1970
    thread_usage,   ///< getrusage of the calling thread, see usage_value: a system call
    process_usage,  ///< user_time and kernel_time of the process: a system call
    statm,          ///< /proc/<target>/statm: virtual and resident memory, bytes: a system call
    io,             ///< /proc/<target>/io, see io_value: a system call
    network,        ///< /proc/<target>/net/dev, see network_value: a system call
    user,           ///< a callback
    bracket,        ///< what a tool opened at the begin, see bracket.hpp
};

/// The values of thread_usage. All belong to the thread but peak_memory: ru_maxrss is the
/// process's in every scope, and the kernel answers for a thread in half the time.
enum usage_value : std::uint8_t {
    user_time,    ///< ns
    kernel_time,  ///< ns
    peak_memory,  ///< bytes
    minor_faults,
    major_faults,
    blocks_in,
    blocks_out,
    voluntary_switches,
    forced_switches,
    usage_values
};

/// The values of io: bytes through read and write calls less what we read ourselves, and bytes that
/// the storage moved.
enum io_value : std::uint8_t { read_calls, write_calls, read_storage, write_storage, io_values };

/// The values of network: bytes, packets, errors and drops, received and then sent, over all
/// interfaces that the process sees, or those that were chosen.
inline constexpr unsigned network_values = 8;

/// A callback of the user's: exactly one of the two is set.
struct user_source {
    std::int64_t (*read)(void*) = nullptr;
    double (*read_real)(void*) = nullptr;
    void* context = nullptr;
};

/// How many values a reading has.
constexpr unsigned values_of(source_kind s) noexcept {
    switch (s) {
        case source_kind::thread_usage:
            return usage_values;
        case source_kind::process_usage:
        case source_kind::statm:
            return 2;
        case source_kind::io:
            return io_values;
        case source_kind::network:
            return network_values;
        default:
            return 1;
    }
}

/// Reads any source but the clock into `values`. Doubles of a user's source are stored as their
/// bits. A reading that fails gives 0.
void read_source(source_kind what, const user_source& user, std::int64_t* values) noexcept;

/// The interfaces that network counts, separated by comma, semicolon or blank; empty for all.
void choose_interfaces(std::string_view names);

/// The process of whose files in /proc statm, io and network are read; 0: this one. One that can't
/// be read gives one line, when it is first read, and counts as 0.
void choose_process(int process) noexcept;

/// In the child of a fork: forgets descriptors that show the parent's process.
void sources_after_fork() noexcept;

}  // namespace tim
