// What is known of handles that are alive, by handle: found without a lock. Of bounded size.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace tim::mpip {

template <class Info>
class handle_table {
public:
    /// Null if it is not there.
    Info* find(std::uint64_t handle) noexcept {
        for (std::size_t i = 0, at = slot_of(handle); i < most_steps; ++i, at = (at + 1) % size) {
            const std::uint64_t found = handles_[at].load(std::memory_order_acquire);
            if (found == handle) return &infos_[at];
            if (found == never_used) return nullptr;
        }
        return nullptr;
    }

    /// `fill(info)` is called before others find it, under a lock. What is there already wins. Null
    /// if there is no room.
    template <class Fill>
    Info* insert(std::uint64_t handle, Fill fill) {
        const std::lock_guard guard{lock_};
        if (Info* there = find(handle)) return there;
        for (std::size_t i = 0, at = slot_of(handle); i < most_steps; ++i, at = (at + 1) % size) {
            const std::uint64_t found = handles_[at].load(std::memory_order_relaxed);
            if (found != never_used && found != no_longer_used) continue;
            fill(infos_[at]);
            handles_[at].store(handle, std::memory_order_release);
            return &infos_[at];
        }
        return nullptr;
    }

    /// `empty(info)` is called if it was there, under a lock.
    template <class Empty>
    void remove(std::uint64_t handle, Empty empty) {
        const std::lock_guard guard{lock_};
        Info* there = find(handle);
        if (there == nullptr) return;
        empty(*there);
        handles_[static_cast<std::size_t>(there - infos_.data())].store(no_longer_used,
                                                                        std::memory_order_release);
    }

private:
    static constexpr std::size_t bits = 12;
    static constexpr std::size_t size = std::size_t{1} << bits;
    static constexpr std::size_t most_steps = 64;
    static constexpr std::uint64_t never_used = 0;
    static constexpr std::uint64_t no_longer_used = 1;

    static std::size_t slot_of(std::uint64_t handle) noexcept {
        return static_cast<std::size_t>(handle * 0x9E3779B97F4A7C15 >> (64 - bits));
    }

    std::mutex lock_;
    std::array<std::atomic<std::uint64_t>, size> handles_{};
    std::array<Info, size> infos_{};
};

}  // namespace tim::mpip
