// The places that MPI is called from, where mpip_callsite asks for them.

#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

struct dl_phdr_info;

namespace tim::mpip {

class call_sites {
public:
    /// The setting mpip_callsite: how many frames of the stack a place is told by; 0: none.
    static void set_frames(unsigned wanted) noexcept {
        frames_ = wanted;
        address_bits_ = wanted == 1 ? ~std::uintptr_t{0} : 0;
    }

    /// The same as find() where at most one frame is wanted; 0 else, which find() never gives then.
    static std::uint64_t address_of(const void* address) noexcept {
        return reinterpret_cast<std::uintptr_t>(address) &
               address_bits_.load(std::memory_order_relaxed);
    }

    /// A number for the place that a call returns to; 0 where no places are asked for. With one
    /// frame that is the address, with more they and three of ours take some 100 ns each.
    std::uint64_t find(const void* address) {
        const unsigned wanted = frames_.load(std::memory_order_relaxed);
        if (wanted == 0) return 0;
        const auto here = reinterpret_cast<std::uintptr_t>(address);
        return wanted == 1 ? here : walk(here, wanted);
    }

    /// The number of the text of a place, as a key of a table: `<module>+0x<offset>@<build-id>` for
    /// each frame, the same in all processes wherever they have the module. Takes some
    /// microseconds the first time.
    std::int64_t label(std::uint64_t site) noexcept;

private:
    static inline std::atomic<unsigned> frames_{0};
    static inline std::atomic<std::uintptr_t> address_bits_{0};

    /// A program or library.
    struct module {
        struct segment {
            std::uintptr_t begin;
            std::size_t size;
        };
        std::uintptr_t address;  ///< that was looked for
        std::uintptr_t base = 0;
        std::vector<segment> segments;
        std::string path;
        std::string build_id;

        [[nodiscard]] bool has(std::uintptr_t a) const {
            return std::any_of(segments.begin(), segments.end(),
                               [a](const segment& s) { return a - s.begin < s.size; });
        }
    };

    std::uint64_t walk(std::uintptr_t address, unsigned wanted);
    std::int64_t add(std::uint64_t site, std::span<const std::uintptr_t> addresses) noexcept;
    std::string text_of_frame(std::uintptr_t address);
    /// Null for code that is in none.
    const module* module_of(std::uintptr_t address);
    static int visit_module(dl_phdr_info* info, std::size_t size, void* data);
    /// Forgets all places if a module was unloaded since: another may be where it was.
    void forget_unloaded();

    std::vector<module> modules_;      ///< those of places, as far as they were asked for
    unsigned long long unloaded_ = 0;  ///< how many modules had been, then
    std::unordered_map<std::uint64_t, std::int64_t> labels_;
};

}  // namespace tim::mpip
