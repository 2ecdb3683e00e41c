// Paths that are too many for a profile, and where their rows go.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "profile/profile.hpp"

namespace tim {

/// Where the paths go that are too many. They are numbered from 0 on in canonical order; where a
/// path of a source goes to is `first` + its number if it is one of them.
struct cut_paths {
    static constexpr std::uint32_t none = UINT32_MAX;

    std::uint32_t first = none;        ///< the number of paths that are left; `none`: none is cut
    std::vector<std::uint32_t> above;  ///< the parent, if it is cut; else size() + its <capped>

    [[nodiscard]] std::size_t size() const { return above.size(); }
    [[nodiscard]] bool has(std::uint32_t to) const { return to >= first; }
    [[nodiscard]] bool parent_is_cut(std::size_t i) const { return above[i] < size(); }
    /// The path that takes a row of the path `i`.
    [[nodiscard]] std::uint32_t target(std::size_t i) const {
        while (parent_is_cut(i)) i = above[i];
        return above[i] - static_cast<std::uint32_t>(size());
    }
};

/// Cuts the paths of `out`, which has no rows yet, down to `max_paths`: what exceeds them goes into
/// <capped>, under the path it belonged to. `to` says where paths of one or two sources went, and
/// is brought up to date.
cut_paths cut(profile& out, std::uint32_t max_paths, std::array<std::vector<std::uint32_t>, 2>& to);

}  // namespace tim
