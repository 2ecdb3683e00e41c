// Paths of several profiles, or of one that is not in canonical form, on their way to be those of
// one profile.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "profile/index_table.hpp"
#include "profile/profile.hpp"

namespace tim {

/// A tree of paths in any order that has parents before children; no two siblings are equal.
class path_tree {
public:
    explicit path_tree(std::size_t capacity);

    /// The index of the path; `p.parent` is an index in this tree. A path that was there keeps the
    /// least (first_rank, order). `name` must outlive the tree.
    std::uint32_t add(const path& p, const shared_name& name);

    /// As add(), of a root: where it comes from and its place are those of `p`.
    std::uint32_t add_root(const path& p = {});
    [[nodiscard]] std::uint64_t hash(std::uint32_t i) const { return paths_[i].hash; }

    /// Puts the tree into canonical order as the paths and names of `out`. Returns where each path
    /// went. No path can be added afterwards.
    std::vector<std::uint32_t> arrange(profile& out);

private:
    [[nodiscard]] bool before(std::uint32_t a, std::uint32_t b) const;
    [[nodiscard]] std::vector<std::uint32_t> preorder() const;

    std::vector<path> paths_;  // path::name is not used here
    std::vector<const shared_name*> names_;
    index_table table_;
};

}  // namespace tim
