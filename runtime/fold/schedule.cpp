#include "fold/schedule.hpp"

namespace tim {

// A rank's parent is the rank without its lowest set bit; its children are the ranks that have one
// more bit, below that one. So the subtree of a rank is a block of consecutive ranks, and the depth
// of a rank is the number of its set bits.
fold_schedule schedule(std::uint32_t rank, std::uint32_t size) {
    fold_schedule part;
    if (rank >= size) return part;
    const std::uint64_t lowest_bit = rank == 0 ? size : rank & (~rank + 1);
    for (std::uint64_t bit = 1; bit < lowest_bit && rank + bit < size; bit *= 2) {
        part.children.push_back(static_cast<std::uint32_t>(rank + bit));
    }
    if (rank != 0) part.parent = rank & (rank - 1);
    return part;
}

}  // namespace tim
