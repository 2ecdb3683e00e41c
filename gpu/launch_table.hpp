// Which call path made which call of CUDA: written where the call is entered, read when its records
// arrive, up to seconds later.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

namespace tim::gpu {

struct launch {
    std::uint32_t path = 0;
    std::int64_t time = 0;  ///< when the call began, on the clock of wall_clock
};

/// CUPTI numbers calls upwards, so the table is a ring: a call is forgotten when `calls` later ones
/// were made. It takes 16 MiB of address space, of which pages are used as calls come. No lock:
/// any thread may write, one reads. Where a writer comes round meanwhile, the reader finds nothing.
class launch_table {
public:
    static constexpr std::uint32_t calls = 1U << 20;

    launch_table();

    void add(std::uint32_t correlation, const launch& what) noexcept;
    [[nodiscard]] std::optional<launch> find(std::uint32_t correlation) const noexcept;

private:
    struct slot {
        std::atomic<std::uint32_t> correlation;  ///< 0: empty, or being written
        std::atomic<std::uint32_t> path;
        std::atomic<std::int64_t> time;
    };
    struct unmap {
        void operator()(slot* slots) const noexcept;
    };
    std::unique_ptr<slot[], unmap> slots_;
};

}  // namespace tim::gpu
