// What the outputs that draw stacks have in common: a stack is a call path, as high as its own part
// of a component, without what is below it.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "output/view.hpp"

namespace tim {

/// Whether the rows of a component can be drawn as stacks: one integer each, of which the parts add
/// up to the whole.
bool has_stacks(const component_description& what);

/// Those of the components of which it holds.
std::vector<std::string> with_stacks(const result& r,
                                     const std::vector<std::string>& component_ids);

/// The row without what is below it, in raw units. 0 where the rows below exceed it.
std::uint64_t own_part(const view& v, std::size_t row);

/// From the first to the last rank of a profile, where the job had ranks that were kept apart.
std::optional<rank_range> ranks_of(const result& r, const profile& p);

/// `rank 3`, `thread 1`, `rank 3 thread 1`: whose the row is, as far as they were kept apart; else
/// empty.
std::string owner_of(const result& r, const view& v, std::size_t row);

/// Names as numbers, each name once.
class name_numbers {
public:
    std::uint64_t of(std::string_view name);
    [[nodiscard]] const std::vector<const std::string*>& names() const { return names_; }

private:
    std::map<std::string, std::uint64_t, std::less<>> numbers_;
    std::vector<const std::string*> names_;
};

/// Goes through the rows of a view with the rows above each.
class stack_walk {
public:
    explicit stack_walk(const view& v) : view_(v) {}

    /// The rows from the outermost down to `row`. Rows must be asked for in their order.
    const std::vector<std::uint32_t>& to(std::uint32_t row) {
        rows_.resize(view_.rows()[row].depth);
        rows_.push_back(row);
        return rows_;
    }

    /// Their names, with a separator between two.
    std::string names_to(std::uint32_t row, std::string_view separator) {
        std::string names;
        for (const std::uint32_t above : to(row)) {
            if (!names.empty()) names += separator;
            names += view_.name(above);
        }
        return names;
    }

private:
    const view& view_;
    std::vector<std::uint32_t> rows_;
};

}  // namespace tim
