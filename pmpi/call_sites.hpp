// The places that MPI is called from, where mpip_callsite asks for them.

#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <unordered_map>

namespace tim::mpip {

class call_sites {
public:
    /// The setting mpip_callsite: how many frames of the stack a place is told by; 0: none.
    static inline std::atomic<unsigned> frames{0};

    /// A number for the place that a call returns to; 0 where no places are asked for. With one
    /// frame that is the address, with more they and three of ours take some 100 ns each.
    std::uint64_t find(const void* address) {
        const unsigned wanted = frames.load(std::memory_order_relaxed);
        if (wanted == 0) return 0;
        const auto here = reinterpret_cast<std::uintptr_t>(address);
        return wanted == 1 ? here : walk(here, wanted);
    }

    /// The number of the text of a place, as a key of a table: `<module>+0x<offset>@<build-id>` for
    /// each frame, the same in all processes wherever they have the module. Takes some
    /// microseconds the first time.
    std::int64_t label(std::uint64_t site) noexcept;

private:
    std::uint64_t walk(std::uintptr_t address, unsigned wanted);
    std::int64_t add(std::uint64_t site, std::span<const std::uintptr_t> addresses) noexcept;

    std::unordered_map<std::uint64_t, std::int64_t> labels_;
};

}  // namespace tim::mpip
