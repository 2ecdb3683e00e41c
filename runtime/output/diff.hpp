// Comparing a result with an earlier one, read from its `<label>.json`: ours or timemory 3's.
//
// Rows belong together that have the same rank, thread and path of names, whatever their hashes;
// where a path occurs several times (a timeline), the first with the first and so on.

#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "output/writers.hpp"

namespace tim {

/// Thrown for what is not a `<label>.json`: the message says why, in one line.
struct malformed_document : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The numbers of one row, in display units; not-a-number where the file has none. A component of
/// several values has as many numbers in each.
struct flat_values {
    std::int64_t laps = 0;
    std::vector<double> total;
    std::vector<double> mean;
    std::vector<double> min;
    std::vector<double> max;
    std::vector<double> stddev;
    std::vector<double> own;  ///< raw; of a ratio the numerator: what % SELF is a share of
};

struct flat_row {
    std::string label;   ///< as the file has it: `|0>>>   |_inner`
    std::string holder;  ///< what stands before `>>> `, without padding: `|0|1`
    std::string name;    ///< `inner`
    std::uint32_t depth = 0;
    std::uint64_t rank = 0;  ///< place in the list of ranks
    std::uint64_t hash = 0;
    std::uint64_t path = 0;  ///< rolling hash
    flat_values values;
};

/// What a `<label>.json` says of its component.
struct flat_document {
    std::string id;
    std::string header;  ///< JSON: the members of the component other than its rows, in their order
    std::string description;
    std::vector<std::string> types;  ///< one for each value
    std::vector<std::string> units;
    std::vector<double> unit_values;
    std::vector<flat_row> rows;  ///< depth first, by rank
};

/// Reads a document. Trusts nothing in it. Throws malformed_document.
flat_document read_flat(std::string_view json);

/// The same from a file, which must be a regular one. Throws malformed_document, also if the file
/// can't be read.
flat_document read_flat_file(const std::string& path);

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
