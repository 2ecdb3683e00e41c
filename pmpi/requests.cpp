#include "requests.hpp"

#include <sys/mman.h>

#include <atomic>

namespace tim::mpip::requests {
namespace {

// The words are apart from the operations: eight of them are a line of the cache.
constexpr int bits = 17;
constexpr std::size_t places = std::size_t{1} << bits;  // requests that are pending at once
constexpr std::size_t steps = 16;
constexpr int count_bits = 20;

struct storage {
    std::atomic<std::uint64_t> words[places];
    operation operations[places];
    std::uint32_t times_used[places];
};

storage* table = nullptr;
std::atomic<std::uint64_t> losses{0};

/// The handle without bits that are always 0, above the number.
std::uint64_t word_of(std::uint64_t handle) noexcept {
    if constexpr (std::is_pointer_v<MPI_Request>) {
        const std::uint64_t is_message = handle >> 62 & 1;
        return ((handle >> 4 & 0x7FFFFFFFFFF) | is_message << 43) << count_bits;
    } else {
        const std::uint64_t is_message = handle >> 62 & 1;
        return ((handle & 0xFFFFFFFF) | is_message << 43 | std::uint64_t{1} << 42) << count_bits;
    }
}
std::uint64_t handle_part(std::uint64_t word) noexcept {
    return word >> count_bits;
}
std::size_t first_place(std::uint64_t word) noexcept {
    const std::uint64_t hash = handle_part(word) * 0x9E3779B97F4A7C15 >> (64 - bits);
    return static_cast<std::size_t>(hash) & ~std::size_t{7};
}

}  // namespace

void prepare() noexcept {
    if (table != nullptr) return;
    // Pages that are not touched take no memory.
    void* memory = mmap(nullptr, sizeof(storage), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) table = static_cast<storage*>(memory);
}

std::uint64_t lost() noexcept {
    return losses.load(std::memory_order_relaxed);
}
void count_lost() noexcept {
    losses.fetch_add(1, std::memory_order_relaxed);
}

void follow(std::uint64_t handle, const operation& of) noexcept {
    if (table == nullptr) return count_lost();
    const std::uint64_t word = word_of(handle);
    const std::size_t first = first_place(word);
    for (std::size_t i = 0; i < steps; ++i) {  // what its last owner has not cleared away yet
        auto& at = table->words[(first + i) % places];
        std::uint64_t there = at.load(std::memory_order_relaxed);
        if (there != 0 && handle_part(there) == handle_part(word))
            at.compare_exchange_strong(there, 0, std::memory_order_relaxed);
    }
    for (std::size_t i = 0; i < steps; ++i) {
        const std::size_t slot = (first + i) % places;
        std::uint64_t empty = 0;
        if (table->words[slot].load(std::memory_order_relaxed) != 0) continue;
        // Taken by a word that nobody looks for, then filled, then named.
        if (!table->words[slot].compare_exchange_strong(empty, 1, std::memory_order_acquire))
            continue;
        table->operations[slot] = of;
        const std::uint64_t number = ++table->times_used[slot];
        table->words[slot].store(word | (number & ((std::uint64_t{1} << count_bits) - 1)),
                                 std::memory_order_release);
        return;
    }
    count_lost();
}

watched_operation find(std::uint64_t handle) noexcept {
    if (table == nullptr) return {};
    const std::uint64_t wanted = handle_part(word_of(handle));
    const std::size_t first = first_place(word_of(handle));
    for (std::size_t i = 0; i < steps; ++i) {
        const std::size_t slot = (first + i) % places;
        const std::uint64_t word = table->words[slot].load(std::memory_order_acquire);
        if (handle_part(word) == wanted)
            return {.word = word,
                    .slot = static_cast<std::uint32_t>(slot),
                    .of = table->operations[slot]};
    }
    return {};
}

operation* kept(std::uint64_t handle) noexcept {
    const watched_operation w = find(handle);
    return w.word != 0 ? &table->operations[w.slot] : nullptr;
}

void end(const watched_operation& w) noexcept {
    if (w.of.persistent) {
        table->operations[w.slot].active = false;
        return;
    }
    std::uint64_t word = w.word;
    table->words[w.slot].compare_exchange_strong(word, 0, std::memory_order_release);
}

}  // namespace tim::mpip::requests
