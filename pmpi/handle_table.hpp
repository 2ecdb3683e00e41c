// What is known of handles that are alive, by handle: found without a lock, unless there are
// thousands at once.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <new>
#include <vector>

namespace tim::mpip {

template <class Info>
class handle_table {
public:
    /// Null if it is not there.
    [[gnu::always_inline]] Info* find(std::uint64_t handle) noexcept {
        const std::size_t at = slot_of(handle);
        if (handles_[at].load(std::memory_order_acquire) == handle) [[likely]]
            return &infos_[at];
        return find_further(handle);
    }

    /// `fill(info)` is called before others find it, under a lock. What is there already wins. Null
    /// if there is no memory.
    template <class Fill>
    Info* insert(std::uint64_t handle, Fill fill) {
        const std::lock_guard guard{lock_};
        if (Info* there = find_locked(handle)) return there;
        for (std::size_t i = 0, at = slot_of(handle); i < most_steps; ++i, at = (at + 1) % size) {
            const std::uint64_t found = handles_[at].load(std::memory_order_relaxed);
            if (found != never_used && found != no_longer_used) continue;
            fill(infos_[at]);
            handles_[at].store(handle, std::memory_order_release);
            return &infos_[at];
        }
        return insert_other(handle, fill);
    }

    /// `change(info)` is called if it is there, under a lock.
    template <class Change>
    void change(std::uint64_t handle, Change change) {
        const std::lock_guard guard{lock_};
        if (Info* there = find_locked(handle)) change(*there);
    }

    /// `empty(info)` is called if it was there, under a lock.
    template <class Empty>
    void remove(std::uint64_t handle, Empty empty) {
        const std::lock_guard guard{lock_};
        Info* there = find_locked(handle);
        if (there == nullptr) return;
        empty(*there);
        if (there < infos_.data() || there >= infos_.data() + size) {
            others* const all = others_.load(std::memory_order_relaxed);
            all->free.push_back(there);
            all->alive.erase(handle);
            return;
        }
        handles_[static_cast<std::size_t>(there - infos_.data())].store(no_longer_used,
                                                                        std::memory_order_release);
    }

private:
    /// One that is not where it is looked for first.
    [[gnu::noinline]] Info* find_further(std::uint64_t handle) noexcept {
        for (std::size_t i = 0, at = slot_of(handle); i < most_steps; ++i, at = (at + 1) % size) {
            const std::uint64_t found = handles_[at].load(std::memory_order_acquire);
            if (found == handle) return &infos_[at];
            if (found == never_used) return nullptr;
        }
        if (others_.load(std::memory_order_acquire) == nullptr) return nullptr;
        const std::lock_guard guard{lock_};
        return find_other(handle);
    }

    static constexpr std::size_t bits = 12;
    static constexpr std::size_t size = std::size_t{1} << bits;
    static constexpr std::size_t most_steps = 64;
    static constexpr std::uint64_t never_used = 0;
    static constexpr std::uint64_t no_longer_used = 1;

    static std::size_t slot_of(std::uint64_t handle) noexcept {
        return static_cast<std::size_t>(handle * 0x9E3779B97F4A7C15 >> (64 - bits));
    }

    /// Those that found no place in the arrays. Their infos stay where they are, since whoever has
    /// found one may still look at it when its handle is gone.
    struct others {
        std::map<std::uint64_t, Info*> alive;
        std::deque<Info> infos;
        std::vector<Info*> free;
    };

    // With the lock held.

    Info* find_other(std::uint64_t handle) const noexcept {
        const others* const all = others_.load(std::memory_order_relaxed);
        if (all == nullptr) return nullptr;
        const auto found = all->alive.find(handle);
        return found != all->alive.end() ? found->second : nullptr;
    }
    Info* find_here(std::uint64_t handle) noexcept {
        for (std::size_t i = 0, at = slot_of(handle); i < most_steps; ++i, at = (at + 1) % size)
            if (handles_[at].load(std::memory_order_relaxed) == handle) return &infos_[at];
        return nullptr;
    }
    Info* find_locked(std::uint64_t handle) noexcept {
        Info* const there = find_here(handle);
        return there != nullptr ? there : find_other(handle);
    }
    template <class Fill>
    Info* insert_other(std::uint64_t handle, Fill fill) {
        try {
            others* all = others_.load(std::memory_order_relaxed);
            if (all == nullptr) {
                all = new others;  // never destroyed: MPI may end at exit
                others_.store(all, std::memory_order_release);
            }
            if (all->free.empty()) {
                all->free.reserve(all->infos.size() + 1);  // so that remove() needs no memory
                all->free.push_back(&all->infos.emplace_back());
            }
            Info* const made = all->free.back();
            fill(*made);
            all->alive.emplace(handle, made);
            all->free.pop_back();
            return made;
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }

    std::mutex lock_;
    std::atomic<others*> others_{nullptr};
    std::array<std::atomic<std::uint64_t>, size> handles_{};
    std::array<Info, size> infos_{};
};

}  // namespace tim::mpip
