#include "profile/path_tree.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <string_view>
#include <tuple>

#include <xxhash.h>

namespace tim {

path_tree::path_tree(std::size_t capacity) : table_(capacity) {
    paths_.reserve(capacity);
    names_.reserve(capacity);
}

std::uint32_t path_tree::add(const path& p, const shared_name& name) {
    const auto next = static_cast<std::uint32_t>(paths_.size());
    const std::uint32_t found = table_.find_or_insert(p.hash, next, [&](std::uint32_t i) {
        const path& other = paths_[i];
        return other.hash == p.hash && other.parent == p.parent && other.kind == p.kind &&
               *names_[i] == name;
    });
    if (found == next) {
        paths_.push_back(p);
        names_.push_back(&name);
    } else {
        path& known = paths_[found];
        if (std::tie(p.first_rank, p.order) < std::tie(known.first_rank, known.order)) {
            known.first_rank = p.first_rank;
            known.order = p.order;
        }
    }
    return found;
}

std::uint32_t path_tree::add_root(const path& p) {
    static const shared_name no_name;
    return add({.kind = path_kind::root,
                .hash = path_hash(0, path_kind::root, {}),
                .first_rank = p.first_rank,
                .order = p.order},
               no_name);
}

std::vector<std::uint32_t> path_tree::arrange(profile& out) {
    table_ = index_table(0);
    const std::size_t count = paths_.size();
    std::vector<std::uint32_t> position = preorder();
    std::vector<std::uint32_t> at(count);
    for (std::uint32_t i = 0; i < count; ++i) at[position[i]] = i;

    index_table table(count);
    out.paths.resize(count);
    out.names.clear();
    for (std::size_t i = 0; i < count; ++i) {
        const shared_name& shared = *names_[at[i]];
        const std::string_view name = shared;
        path& p = out.paths[i];
        p = paths_[at[i]];
        p.parent = position[p.parent];
        const auto next = static_cast<std::uint32_t>(out.names.size());
        p.name = table.find_or_insert(XXH3_64bits(name.data(), name.size()), next,
                                      [&](std::uint32_t n) { return out.names[n] == name; });
        if (p.name == next) out.names.push_back(shared);
    }
    return position;
}

bool path_tree::before(std::uint32_t a, std::uint32_t b) const {
    const auto key = [this](std::uint32_t i) {
        const path& p = paths_[i];
        return std::tuple(p.first_rank, p.order, p.hash, p.kind, std::string_view(*names_[i]));
    };
    return key(a) < key(b);
}

/// The canonical position of each path.
std::vector<std::uint32_t> path_tree::preorder() const {
    const std::size_t count = paths_.size();
    // children of i: child[first[i]] up to child[first[i + 1]]
    std::vector<std::uint32_t> first(count + 2, 0);
    std::vector<std::uint32_t> child(count);
    for (std::size_t i = 1; i < count; ++i) ++first[paths_[i].parent + 2];
    std::partial_sum(first.begin(), first.end(), first.begin());
    for (std::uint32_t i = 1; i < count; ++i) child[first[paths_[i].parent + 1]++] = i;

    std::vector<std::uint32_t> size(count, 1);
    for (std::size_t i = count; i-- > 1;) size[paths_[i].parent] += size[i];

    std::vector<std::uint32_t> position(count, 0);
    const auto less = [this](std::uint32_t a, std::uint32_t b) { return before(a, b); };
    for (std::size_t i = 0; i < count; ++i) {
        const std::span siblings(child.data() + first[i], child.data() + first[i + 1]);
        if (!std::is_sorted(siblings.begin(), siblings.end(), less)) {
            std::sort(siblings.begin(), siblings.end(), less);
        }
        std::uint32_t next = position[i] + 1;
        for (const std::uint32_t c : siblings) {
            position[c] = next;
            next += size[c];
        }
    }
    return position;
}

}  // namespace tim
