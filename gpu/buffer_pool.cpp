#include "buffer_pool.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <chrono>

namespace tim::gpu {

void buffer_pool::unmap::operator()(std::uint8_t* buffer) const noexcept {
    munmap(buffer, buffer_size);
}

std::uint8_t* buffer_pool::take() noexcept {
    const std::lock_guard guard{lock_};
    if (free_.empty() && all_.size() < most_buffers) {
        void* memory =
            mmap(nullptr, buffer_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory != MAP_FAILED) {
            if (all_.empty()) {
                all_.reserve(most_buffers);
                free_.reserve(most_buffers);
                filled_.reserve(most_buffers);
            }
            all_.emplace_back(static_cast<std::uint8_t*>(memory));
            free_.push_back(all_.back().get());
        }
    }
    if (free_.empty()) {
        ++refused_;
        return nullptr;
    }
    std::uint8_t* const buffer = free_.back();
    free_.pop_back();
    return buffer;
}

void buffer_pool::give(std::uint8_t* buffer, std::size_t size) noexcept {
    {
        const std::lock_guard guard{lock_};
        const bool ours = std::any_of(all_.begin(), all_.end(),
                                      [&](const auto& known) { return known.get() == buffer; });
        if (!ours) return;
        if (size == 0) {
            free_.push_back(buffer);
            return;
        }
        filled_.push_back({buffer, size});
    }
    filled_some_.notify_one();
}

std::optional<buffer_pool::filled> buffer_pool::next(std::int64_t most_ns) {
    std::unique_lock guard{lock_};
    filled_some_.wait_for(guard, std::chrono::nanoseconds{most_ns},
                          [this] { return woken_ || !filled_.empty(); });
    woken_ = false;
    if (filled_.empty()) return {};
    const filled first = filled_.front();
    filled_.erase(filled_.begin());
    return first;
}

void buffer_pool::wake() noexcept {
    {
        const std::lock_guard guard{lock_};
        woken_ = true;
    }
    filled_some_.notify_one();
}

void buffer_pool::free(std::uint8_t* buffer) noexcept {
    const std::lock_guard guard{lock_};
    free_.push_back(buffer);
}

std::uint64_t buffer_pool::refused() const noexcept {
    const std::lock_guard guard{lock_};
    return refused_;
}

}  // namespace tim::gpu
