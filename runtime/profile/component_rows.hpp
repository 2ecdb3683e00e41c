// The rows of a component of several profiles as those of one.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "profile/cut_paths.hpp"
#include "profile/merge.hpp"

namespace tim {

/// Rows of one component, and where each path of its profile went.
struct row_source {
    const component_columns* columns = nullptr;
    std::span<const std::uint32_t> to;
};

/// Adds the component that `sources` (all of one id) make up to `out`, whose paths are final. Rows
/// that are cut are added to <capped> as over laps, after those of two sources were combined.
void combine_component(profile& out, std::span<row_source> sources, dimension over,
                       const cut_paths& cut = {});

/// Sets the statistics over ranks to those of one rank: of the row's total.
void seal_row(component_columns& c, std::size_t row, std::uint32_t rank) noexcept;

/// Whether all rows are of one rank, or of none yet.
bool is_one_rank(const profile& p) noexcept;

}  // namespace tim
