// Losses: what happened and was not recorded, counted by cause.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace tim {

enum class loss : std::uint8_t {
    pop_without_push,
    open_at_finalize,
    after_finalize,
    out_of_memory,
    other_thread,
    dropped_at_finalize,
    timeline_full,
    throttled,
    capped,
    open_at_end,  ///< of a process that was recovered
    unreadable,
    device_dropped,    ///< CUPTI had no buffer left for a record
    device_no_launch,  ///< the launch of a record is not known: it stands at the top
    device_no_time,    ///< CUPTI could not take a record's times
    device_broken,     ///< a buffer could not be read to its end
    device_late,       ///< a record came too late for the shares of its device
    mpi_requests,      ///< libtimemory-mpip could not follow
    count              ///< how many causes there are
};

/// How a loss is named in results and in the line on stderr.
constexpr std::string_view loss_name(loss cause) noexcept {
    constexpr std::array<std::string_view, static_cast<std::size_t>(loss::count)> names = {
        "pops without a push",
        "regions open at finalize",
        "regions after finalize",
        "regions beyond the memory limit",
        "per-thread components of regions that ended on another thread",
        "dropped regions open at finalize",
        "laps beyond max_timeline",
        "calls of throttled regions",
        "calls in <capped>",
        "regions open when their process ended",
        "parts of arenas that could not be read",
        "GPU records that CUPTI dropped",
        "GPU records whose launch is not known",
        "GPU records without times",
        "buffers of GPU records that could not be read to their end",
        "GPU records too late for the shares of their device",
        "MPI requests that were not followed",
    };
    return names[static_cast<std::size_t>(cause)];
}

extern std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(loss::count)> loss_counts;

/// Counts in this process and in its arena.
void count_loss(loss cause, std::uint64_t events = 1) noexcept;

}  // namespace tim
