// Requests whose bytes are known only later, from their start to their completion: receives,
// accesses to files, persistent and partitioned requests; and messages that a probe has found.
//
// A table of bounded size without locks. MPI gives a handle away again as soon as its request is
// complete, before the completing call returns to us. So whoever may complete a request takes it
// before the call, that nobody else finds it by its handle, and gives it back afterwards. Taking
// needs no more than a store: only one thread at a time may complete a request, or free or start
// it.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "mpi_header.hpp"
#include "operation.hpp"

namespace tim::mpip::requests {

/// A place of the table, a line of the cache.
struct alignas(64) place {
    std::atomic<std::uint64_t> name;  ///< the handle, or one of these
    operation of;
};
inline constexpr std::uint64_t never_used = 0;
inline constexpr std::uint64_t taken = 1;
inline constexpr std::uint64_t no_longer_used = 2;

inline constexpr int place_bits = 17;
inline constexpr std::size_t place_count = std::size_t{1} << place_bits;  // pending at once
inline constexpr std::size_t most_steps = 16;

/// Null before prepare(), and where there is no memory.
extern std::atomic<place*> table;

inline std::size_t first_place(std::uint64_t handle) noexcept {
    return static_cast<std::size_t>(handle * 0x9E3779B97F4A7C15 >> (64 - place_bits));
}

/// Before the first call that is recorded.
void prepare() noexcept;

/// Follows a request, or a message. Where there is no room it is counted as lost.
void follow(std::uint64_t handle, const operation& of) noexcept;

/// Where a request is; null if it is not followed.
inline place* find(std::uint64_t handle) noexcept {
    place* const places = table.load(std::memory_order_acquire);
    if (places == nullptr) return nullptr;
    for (std::size_t i = 0, at = first_place(handle); i < most_steps; ++i) {
        const std::uint64_t name = places[at].name.load(std::memory_order_acquire);
        if (name == handle) return &places[at];
        if (name == never_used) return nullptr;
        at = (at + 1) % place_count;
    }
    return nullptr;
}

/// The same; and nobody else finds it until it is given back or let go.
inline place* take(std::uint64_t handle) noexcept {
    place* const found = find(handle);
    if (found != nullptr) found->name.store(taken, std::memory_order_relaxed);
    return found;
}
inline void let_go(place& p) noexcept {
    p.name.store(no_longer_used, std::memory_order_release);
}

/// Counts one that could not be followed, or was freed before its bytes were known, among the
/// losses of the result.
void count_lost() noexcept;

/// Requests and messages are different things of which some MPIs number with the same handles.
inline std::uint64_t bits_of_message(MPI_Message m) noexcept {
    return bits_of(m) | std::uint64_t{1} << 62;
}

}  // namespace tim::mpip::requests
