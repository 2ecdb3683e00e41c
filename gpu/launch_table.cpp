#include "launch_table.hpp"

#include <sys/mman.h>

namespace tim::gpu {

launch_table::launch_table() {
    void* memory = mmap(nullptr, calls * sizeof(slot), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    // Without the table all records stand at the top, and are counted.
    if (memory != MAP_FAILED) slots_.reset(static_cast<slot*>(memory));
}

void launch_table::unmap::operator()(slot* slots) const noexcept {
    munmap(slots, calls * sizeof(slot));
}

void launch_table::add(std::uint32_t correlation, const launch& what) noexcept {
    if (!slots_) return;
    slot& s = slots_[correlation % calls];
    // Who sees a new path or time sees that the number is gone, too.
    s.correlation.store(0, std::memory_order_relaxed);
    s.path.store(what.path, std::memory_order_release);
    s.time.store(what.time, std::memory_order_release);
    s.correlation.store(correlation, std::memory_order_release);
}

std::optional<launch> launch_table::find(std::uint32_t correlation) const noexcept {
    if (!slots_ || correlation == 0) return {};
    const slot& s = slots_[correlation % calls];
    if (s.correlation.load(std::memory_order_acquire) != correlation) return {};
    const launch found{s.path.load(std::memory_order_acquire),
                       s.time.load(std::memory_order_acquire)};
    if (s.correlation.load(std::memory_order_relaxed) != correlation) return {};
    return found;
}

}  // namespace tim::gpu
