// Comparing a result with an earlier one, read from its `<label>.json`: ours or timemory 3's.
//
// Rows belong together that have the same rank, thread and path of names, whatever their hashes;
// where a path occurs several times (a timeline), the first with the first and so on.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "input/flat_document.hpp"
#include "output/writers.hpp"

namespace tim {

enum class change : std::uint8_t { changed, added, removed };

struct diff_row {
    flat_row row;  ///< labels and hashes of the new row; of the old one where it was removed
    change what = change::changed;
    flat_values values;        ///< new − old, each; a row that is missing counts as 0
    std::vector<double> self;  ///< new − old share of the row itself, in percentage points
};

struct comparison {
    flat_document now;  ///< its rows are in `rows`
    std::vector<diff_row> rows;
};

/// `now` less `before`. `parts_add_up` is false for high-water marks, which have no self share.
/// Throws malformed_document if the two are not of the same component.
comparison compare(const flat_document& before, flat_document now, bool parts_add_up);

/// `<label>.diff.json`: the schema of `<label>.json`, with `change` in each row.
void write_diff_json(const comparison& c, const sink& out);

/// `<label>.diff.txt`: the table of `<label>.txt` under the banner `<DESCRIPTION> vs. <input>`.
void write_diff_text(const comparison& c, const component_description& what, const settings& s,
                     std::string_view input, const sink& out);

}  // namespace tim
