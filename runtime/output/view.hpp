// The view: one component of one profile, as every writer shows it.
//
// A profile holds the paths of all components together. A view has only the paths on which its
// component was measured: paths without it dissolve into their parents, and siblings that are equal
// then become one, as laps of one path. Depth and self share follow from what is shown. The level
// of a thread is not a row; it says which thread its rows are of.

#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "profile/profile.hpp"
#include "settings/settings.hpp"

namespace tim {

inline constexpr std::uint32_t no_row = std::numeric_limits<std::uint32_t>::max();

struct view_row {
    std::uint32_t path = 0;         ///< index into profile::paths
    std::uint32_t parent = no_row;  ///< the row it is shown under
    std::uint32_t depth = 0;        ///< rows above it
    std::uint32_t thread = 0;       ///< number of its thread; 0 where threads are collapsed
    bool leaf = true;
};

/// One of the values that a row shows, in display units.
struct row_values {
    double total = 0;  ///< laps, threads and ranks combined as the component says: the SUM column
    double mean = 0;   ///< over laps, as the others
    double min = 0;
    double max = 0;
    double stddev = 0;
    double squares = 0;  ///< sum of the squares
};

/// Statistics of a row over ranks, in display units.
struct row_rank_values {
    std::uint64_t count = 0;  ///< ranks that have the row; the others are in the imbalance only
    double sum = 0;
    double mean = 0;
    double min = 0;
    double max = 0;
    double stddev = 0;
    std::uint32_t min_rank = 0;
    std::uint32_t max_rank = 0;
    double imbalance = 0;
};

/// Refers to the profile it is made of, which must outlive it. The rows stand in depth-first order.
class view {
public:
    view(const profile& p, std::string_view component_id, const settings& s = {});

    /// False if the profile has no row of the component; then only rows() may be called.
    [[nodiscard]] explicit operator bool() const noexcept { return columns_ != nullptr; }

    [[nodiscard]] const std::vector<view_row>& rows() const noexcept { return rows_; }
    [[nodiscard]] const component_description& what() const noexcept { return columns_->what; }
    [[nodiscard]] const profile& of() const noexcept { return *profile_; }
    /// What a row shows, one value or several, in the units that it is shown in. Wherever a value
    /// is asked for, `element` is its number here.
    [[nodiscard]] const std::vector<component_element>& elements() const noexcept {
        return elements_;
    }
    /// True for the quotient of a ratio.
    [[nodiscard]] bool is_quotient(std::size_t element) const noexcept {
        return what().ratio && what().field_of(element) == 2;
    }
    /// True if the rows are told apart by thread.
    [[nodiscard]] bool has_threads() const noexcept { return has_threads_; }

    [[nodiscard]] std::string_view name(std::size_t row) const;
    /// Identity of the path as it is shown.
    [[nodiscard]] std::uint64_t path_identity(std::size_t row) const;

    [[nodiscard]] std::uint64_t laps(std::size_t row) const { return columns_->laps[row]; }
    /// Raw value of a field, and the part of it that is not in the rows directly below. High-water
    /// marks have no parts: for them both are the same.
    [[nodiscard]] int128 inclusive(std::size_t row, std::size_t field) const;
    [[nodiscard]] int128 exclusive(std::size_t row, std::size_t field) const;

    /// Raw statistics of a field, with all digits: values() and over_ranks() say what holds of
    /// them.
    [[nodiscard]] const statistics& raw_over_laps(std::size_t row, std::size_t field) const {
        return columns_->fields[field].laps[row];
    }
    [[nodiscard]] const statistics& raw_over_ranks(std::size_t row, std::size_t field) const {
        return columns_->fields[field].ranks[row].values;
    }

    [[nodiscard]] row_values values(std::size_t row, std::size_t element = 0) const;
    /// `total` and `mean` without the rows directly below.
    [[nodiscard]] double exclusive_total(std::size_t row, std::size_t element = 0) const;
    /// 100 · (1 − Σ rows directly below / own), at least 0, 100 for a leaf, 0 where own is not
    /// positive; of the numerator for a quotient. None for high-water marks.
    [[nodiscard]] std::optional<double> self_share(std::size_t row, std::size_t element = 0) const;
    /// None before the profile is sealed, and for rows of several ranks that became one from
    /// several paths or are <capped>: the extremes of the sum of two paths over ranks do not follow
    /// from the extremes of each.
    [[nodiscard]] std::optional<row_rank_values> over_ranks(std::size_t row,
                                                            std::size_t element = 0) const;

    /// The total of a row in display units.
    [[nodiscard]] double total(std::size_t row, std::size_t element = 0) const;

private:
    void dissolve();
    void make_rows();
    void sum_children();
    /// A raw value of a shown field in display units.
    [[nodiscard]] double display(int128 raw, std::size_t element) const noexcept;

    const profile* profile_;
    const component_columns* columns_ = nullptr;
    std::unique_ptr<profile> dissolved_;
    std::vector<view_row> rows_;
    std::vector<component_element> elements_;
    std::vector<std::vector<int128>> children_;  // sum over the rows directly below, by field
    bool has_threads_ = false;
};

/// Number of ranks in a profile.
std::uint64_t rank_count(const profile& p) noexcept;

}  // namespace tim
