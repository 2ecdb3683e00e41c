#include "requests.hpp"

#include <sys/mman.h>

#include "timemory/tools.h"

namespace tim::mpip::requests {
namespace {

/// A place that is free now, as one that is taken.
place* claim(std::uint64_t handle) noexcept {
    place* const places = table.load(std::memory_order_acquire);
    if (places == nullptr) return nullptr;
    for (std::size_t i = 0, at = first_place(handle); i < most_steps; ++i) {
        std::uint64_t name = places[at].name.load(std::memory_order_relaxed);
        if ((name == never_used || name == no_longer_used) &&
            places[at].name.compare_exchange_strong(name, taken, std::memory_order_acquire))
            return &places[at];
        at = (at + 1) % place_count;
    }
    return nullptr;
}

}  // namespace

std::atomic<place*> table{nullptr};

void prepare() noexcept {
    if (table.load(std::memory_order_relaxed) != nullptr) return;
    // Pages that are not touched take no memory.
    void* memory = mmap(nullptr, place_count * sizeof(place), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) table.store(static_cast<place*>(memory), std::memory_order_release);
}

void count_lost() noexcept {
    timemory_count_loss("MPI requests that were not followed", 1);
}

void follow(std::uint64_t handle, const operation& of) noexcept {
    place* p = take(handle);  // of an earlier request, whose completion was not to be seen
    if (p == nullptr) p = claim(handle);
    if (p == nullptr) return count_lost();
    p->of = of;
    p->name.store(handle, std::memory_order_release);
}

}  // namespace tim::mpip::requests
