// Who sends to whom, when: the binomial tree of the fold over ranks, as pure functions.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tim {

/// The part of one rank in the fold: it first receives from each of `children`, in this order, then
/// sends to `parent` (none for rank 0). Rounds: ⌈log2 size⌉.
struct fold_schedule {
    std::vector<std::uint32_t> children;  ///< ascending
    std::optional<std::uint32_t> parent;
};

fold_schedule schedule(std::uint32_t rank, std::uint32_t size);

}  // namespace tim
