// A hash table of 32-bit indices into somebody else's vector.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tim {

/// Open addressing with 4 bytes a slot, sized once and at most half full: merging profiles must not
/// cost much memory beside the profiles themselves. What an index stands for, and whether two are
/// equal, the caller knows.
class index_table {
public:
    explicit index_table(std::size_t capacity)
        : slots_(std::bit_ceil(2 * capacity + 1), empty), mask_(slots_.size() - 1) {}

    /// The index that was inserted with this hash and for which `equal(index)` holds; if there is
    /// none, inserts `next` and returns it. At most `capacity` insertions.
    template <class Equal>
    std::uint32_t find_or_insert(std::uint64_t hash, std::uint32_t next, Equal equal) {
        for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
            if (slots_[i] == empty) return slots_[i] = next;
            if (equal(slots_[i])) return slots_[i];
        }
    }

private:
    static constexpr std::uint32_t empty = UINT32_MAX;
    std::vector<std::uint32_t> slots_;
    std::size_t mask_;
};

}  // namespace tim
