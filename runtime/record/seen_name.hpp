// A name that was seen at an address: tells quickly whether the same string is still there.

#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

// Address sanitizer rightly says that the quick comparison reads past the end of strings.
#if defined(__SSE2__) && !defined(__SANITIZE_ADDRESS__)
#    include <emmintrin.h>
#    define TIMEMORY_COMPARES_HEADS
#endif

#include "record/regions.hpp"

namespace tim {

struct alignas(64) seen_name {
    static constexpr std::size_t head_size = 32;
    static constexpr std::size_t page_size = 4096;

    const char* address = nullptr;
    region_id region = 0;
    char head[head_size] = {};    ///< the first bytes of the name
    std::uint32_t head_mask = 0;  ///< a bit for each byte up to the zero, or for all
    std::uint32_t generation = 0;
    const char* rest = nullptr;  ///< what follows the head; null if the zero is in it
    /// The generation where is_quickly_at() may look: the name ends in the head, and reading a
    /// whole head at its address stays in one page. Else 0, which no generation is.
    std::uint32_t quick_generation = 0;

    seen_name() = default;
    /// `kept` lives as long as the process.
    seen_name(const char* where, std::string_view kept, region_id r, std::uint32_t g) noexcept
        : address{where}, region{r}, generation{g} {
        // One byte more than the name: its zero counts.
        const std::size_t bytes = kept.size() + 1 < head_size ? kept.size() + 1 : head_size;
        std::memcpy(head, kept.data(), bytes);
        head_mask = bytes == head_size ? ~0U : (1U << bytes) - 1;
        if (kept.size() >= head_size)
            rest = kept.data() + head_size;
        else if (reinterpret_cast<std::uintptr_t>(where) % page_size <= page_size - head_size &&
                 (r & clock_only_bit) != 0)
            quick_generation = g;
    }

    /// Whether `name` is this one, short, and its region of wall_clock alone by the counter. No is
    /// not final: see is_at(). Reads past the end of the string, but never past the end of its
    /// page.
    [[nodiscard]] [[gnu::always_inline]] bool is_quickly_at(const char* name,
                                                            std::uint32_t now) const noexcept {
#if defined(TIMEMORY_COMPARES_HEADS)
        if (address != name || quick_generation != now) return false;
        const auto equal = [&](std::size_t at) {
            const auto* mine = reinterpret_cast<const __m128i*>(head + at);
            const auto* other = reinterpret_cast<const __m128i*>(name + at);
            return static_cast<std::uint32_t>(
                _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_load_si128(mine), _mm_loadu_si128(other))));
        };
        if ((~equal(0) & head_mask & 0xFFFF) != 0) return false;
        return head_mask >> 16 == 0 || (~equal(16) & head_mask >> 16) == 0;
#else
        return (region & clock_only_bit) != 0 && is_at(name, now);
#endif
    }

    [[nodiscard]] bool is_at(const char* name, std::uint32_t now) const noexcept {
        return address == name && generation == now &&
               (rest == nullptr ? std::strcmp(head, name) == 0
                                : std::strncmp(head, name, head_size) == 0 &&
                                      std::strcmp(rest, name + head_size) == 0);
    }
};
static_assert(sizeof(seen_name) <= 128);

}  // namespace tim
