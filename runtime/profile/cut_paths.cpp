#include "profile/cut_paths.hpp"

#include <algorithm>
#include <utility>

#include "profile/path_tree.hpp"

namespace tim {
namespace {

const shared_name capped_name{"<capped>"};
constexpr const char* capped_loss = "capped paths";

/// How many paths, from the first on, are kept so that these and the <capped> paths that are needed
/// for the others are at most `limit`.
std::uint32_t kept_paths(const profile& p, std::uint32_t limit) {
    const auto count = static_cast<std::uint32_t>(p.paths.size());
    std::vector<std::uint32_t> last_child(count, 0);
    std::vector<std::uint32_t> capped_child(count, cut_paths::none);
    for (std::uint32_t i = 1; i < count; ++i) {
        last_child[p.paths[i].parent] = i;
        if (p.paths[i].kind == path_kind::capped) capped_child[p.paths[i].parent] = i;
    }
    // What is cut begins under the last path that is kept, or under one above it.
    for (std::uint32_t kept = limit;; --kept) {
        std::uint32_t needed = 0;
        for (std::uint32_t i = kept - 1;; i = p.paths[i].parent) {
            if (last_child[i] >= kept && capped_child[i] >= kept) ++needed;
            if (i == 0) break;
        }
        if (kept + needed <= limit || kept == 1) return kept;
    }
}

}  // namespace

cut_paths cut(profile& out, std::uint32_t max_paths,
              std::array<std::vector<std::uint32_t>, 2>& to) {
    const std::uint32_t limit = std::max<std::uint32_t>(max_paths, 2);  // the root and its <capped>
    const auto count = static_cast<std::uint32_t>(out.paths.size());
    if (count <= limit) return {};
    const std::uint32_t kept = kept_paths(out, limit);
    path_tree tree(limit);
    std::vector<std::uint32_t> place;  // in the tree
    place.reserve(count);
    std::uint64_t lost = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        path here = out.paths[i];
        if (i < kept) {
            if (i != 0) here.parent = place[here.parent];
            place.push_back(tree.add(here, out.names[here.name]));
            continue;
        }
        if (here.kind != path_kind::capped) ++lost;
        const std::uint32_t above = place[here.parent];
        if (here.parent >= kept) {
            place.push_back(above);
            continue;
        }
        here.hash = path_hash(tree.hash(above), path_kind::capped, capped_name);
        here.parent = above;
        here.kind = path_kind::capped;
        place.push_back(tree.add(here, capped_name));
    }
    out.losses[capped_loss] += lost;
    profile left;  // apart: the tree has the names of `out`
    const std::vector<std::uint32_t> position = tree.arrange(left);

    cut_paths result{.first = static_cast<std::uint32_t>(left.paths.size()), .above = {}};
    result.above.reserve(count - kept);
    for (std::uint32_t i = kept; i < count; ++i) {
        const std::uint32_t parent = out.paths[i].parent;
        result.above.push_back(parent >= kept ? parent - kept : count - kept + position[place[i]]);
    }
    for (std::vector<std::uint32_t>& of_source : to) {
        for (std::uint32_t& t : of_source) {
            t = t < kept ? position[place[t]] : result.first + (t - kept);
        }
    }
    out.paths = std::move(left.paths);
    out.names = std::move(left.names);
    return result;
}

}  // namespace tim
