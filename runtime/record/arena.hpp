// The memory under the recorders: one mapping a process, taken in chunks by the threads.

#pragma once

#include <cstddef>
#include <cstdint>

#include "record/layout.hpp"

namespace tim {

inline constexpr std::size_t chunk_size = 64 * 1024;

/// Where the arena is mapped; null before open_arena(). Aligned to chunk_size.
extern std::byte* arena_base;

template <class Record>
Record* at(ref r) noexcept {
    return reinterpret_cast<Record*>(arena_base + std::size_t{r} * ref_unit);
}

inline ref ref_of(const void* p) noexcept {
    return static_cast<ref>(
        static_cast<std::size_t>(static_cast<const std::byte*>(p) - arena_base) / ref_unit);
}

/// Reserves the address range and writes the arena_record. False if no memory can be had.
bool open_arena() noexcept;

/// Takes a chunk, zeroed, with its pages populated; null when the arena is full. Thread-safe,
/// lock-free.
std::byte* take_chunk() noexcept;

/// In the child of a fork: unmaps the parent's arena. The next region opens a new one.
void abandon_arena() noexcept;

inline arena_record* arena() noexcept {
    return reinterpret_cast<arena_record*>(arena_base);
}

/// Hands out pieces of chunks. One owner at a time.
class allocator {
public:
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
