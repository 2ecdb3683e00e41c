#include "record/arena.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "measure/clock.hpp"

namespace tim {

std::byte* arena_base = nullptr;

namespace {

/// Address space, not memory: a chunk costs memory when it is taken. A ref reaches 64 GiB.
constexpr std::size_t wanted_range = std::size_t{16} << 30;
constexpr std::size_t least_range = std::size_t{16} << 20;

std::size_t range = 0;

std::byte* reserve(std::size_t bytes) noexcept {
    void* p = mmap(nullptr, bytes + chunk_size, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p != MAP_FAILED ? static_cast<std::byte*>(p) : nullptr;
}

}  // namespace

bool open_arena() noexcept {
    std::byte* p = nullptr;
    for (range = wanted_range; range >= least_range; range /= 4)
        if ((p = reserve(range)) != nullptr) break;
    if (p == nullptr) return false;
    const auto address = reinterpret_cast<std::uintptr_t>(p);
    p += (chunk_size - address % chunk_size) % chunk_size;
    if (mprotect(p, chunk_size, PROT_READ | PROT_WRITE) != 0) return false;
    auto* record = new (p) arena_record{};
    record->magic = layout_magic;
    record->version = layout_version;
    record->process = static_cast<std::uint32_t>(getpid());
    record->nanoseconds_per_tick = the_clock.nanoseconds_per_tick;
    record->used.store(chunk_size, std::memory_order_relaxed);
    arena_base = p;
    return true;
}

std::byte* take_chunk() noexcept {
    const std::uint64_t offset = arena()->used.fetch_add(chunk_size, std::memory_order_relaxed);
    if (offset + chunk_size > range) {
        arena()->used.fetch_sub(chunk_size, std::memory_order_relaxed);
        return nullptr;
    }
    std::byte* chunk = arena_base + offset;
    if (mprotect(chunk, chunk_size, PROT_READ | PROT_WRITE) != 0) return nullptr;
        // Otherwise each page's first touch would be a fault of 1 µs inside somebody's region. Old
        // kernels lack it.
#ifdef MADV_POPULATE_WRITE
    madvise(chunk, chunk_size, MADV_POPULATE_WRITE);
#else
    std::memset(chunk, 0, chunk_size);
#endif
    return chunk;
}

void abandon_arena() noexcept {
    if (arena_base != nullptr) munmap(arena_base, range);
    arena_base = nullptr;
}

std::byte* allocator::take(std::size_t bytes, std::size_t alignment) noexcept {
    if (bytes > chunk_size) return nullptr;
    const auto aligned = [&](std::byte* p) {
        return p + (alignment - reinterpret_cast<std::uintptr_t>(p) % alignment) % alignment;
    };
    if (next_ == nullptr || aligned(next_) + bytes > end_) {
        std::byte* chunk = take_chunk();
        if (chunk == nullptr) return nullptr;
        next_ = chunk;
        end_ = chunk + chunk_size;
    }
    std::byte* p = aligned(next_);
    next_ = p + bytes;
    return p;
}

ref allocator::take_string(const char* text, std::size_t length) noexcept {
    length = std::min(length, chunk_size / 2);
    const std::size_t header = offsetof(string_record, text);
    std::byte* p = take(header + length + 1, ref_unit);
    if (p == nullptr) return 0;
    auto* record = reinterpret_cast<string_record*>(p);
    record->length = static_cast<std::uint32_t>(length);
    std::memcpy(p + header, text, length);
    return ref_of(p);
}

}  // namespace tim
