// The memory under the recorders: one mapping a process, taken in chunks by the threads.
//
// It is a file that this process shares with whoever reads it, so that what was recorded outlives
// the process: `timemory recover` and `timemory top` read it. Where no folder can hold it, it is
// anonymous memory: everything works but these two.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "record/layout.hpp"

namespace tim {

inline constexpr std::size_t chunk_size = 64 * 1024;

/// What the arena is to be.
struct arena_options {
    std::string folder;         ///< where its file goes; empty: nowhere
    bool folder_given = false;  ///< by the user, who is told where it can't be had
    std::uint64_t most_bytes = 0;
    std::uint64_t job = 0;
    std::uint64_t run = 0;
    std::uint64_t started = 0;
    std::uint32_t rank = no_rank;
    std::uint32_t world_size = 1;
    std::string program;
    std::string output;
};

/// Asked when a thread records its first region.
extern arena_options (*arena_wishes)();

/// Where the arena is mapped; null before open_arena(). Aligned to chunk_size. A thread that has no
/// recorder asks has_arena() first.
[[gnu::visibility("hidden")]] extern std::byte* arena_base;

/// Whether there is one: another thread may just be making it.
inline bool has_arena() noexcept {
    return std::atomic_ref{arena_base}.load(std::memory_order_acquire) != nullptr;
}

template <class Record>
Record* at(ref r) noexcept {
    return reinterpret_cast<Record*>(arena_base + std::size_t{r} * ref_unit);
}

inline ref ref_of(const void* p) noexcept {
    return static_cast<ref>(
        static_cast<std::size_t>(static_cast<const std::byte*>(p) - arena_base) / ref_unit);
}

/// Makes the arena as it was prepared. False if no memory can be had. One caller at a time; leaves
/// errno alone.
bool open_arena() noexcept;

/// Takes a chunk, zeroed, with its pages populated; null when the arena is full. Thread-safe,
/// lock-free. Leaves errno alone.
std::byte* take_chunk() noexcept;

/// Whether so little is left that new call paths are put together.
bool arena_is_nearly_full() noexcept;

/// In the child of a fork: forgets the parent's arena, which is not mapped there. The next region
/// opens a new one.
void abandon_arena() noexcept;

/// Once MPI says which rank this is.
void place_arena(std::uint32_t rank, std::uint32_t world_size) noexcept;

/// Says in the arena how far the process has come. With `delivered` its file is removed; the
/// mapping stays.
void mark_arena(arena_state state) noexcept;

/// Says in the arena that a signal ends the process. Async-signal-safe.
void mark_end(int signal) noexcept;

/// The file of this process's arena; empty where it has none.
const std::string& own_arena_file() noexcept;

inline arena_record* arena() noexcept {
    return reinterpret_cast<arena_record*>(arena_base);
}

/// Hands out pieces of chunks. One owner at a time.
class allocator {
public:
    allocator() = default;
    allocator(std::byte* begin, std::byte* end) noexcept : next_{begin}, end_{end} {}

    /// `bytes` zeroed bytes, aligned to `alignment` (16 or 64); null when the arena is full or
    /// `bytes` exceeds a chunk.
    std::byte* take(std::size_t bytes, std::size_t alignment) noexcept;

    /// A copy of a string; 0 when the arena is full. Strings longer than 32 KiB are cut.
    ref take_string(const char* text, std::size_t length) noexcept;

private:
    std::byte* next_ = nullptr;
    std::byte* end_ = nullptr;
};

}  // namespace tim
