// What is in a `<label>.json`: ours or timemory 3's.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

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
    std::vector<double> squares;  ///< sum of the squares
    /// Raw. Of a ratio there are two more than values, or one: its numerator, which is what % SELF
    /// is a share of, and its denominator.
    std::vector<double> own;
};

/// Statistics over ranks, in display units: only ours.
struct flat_rank_values {
    std::uint64_t count = 0;
    std::vector<double> sum;
    std::vector<double> mean;
    std::vector<double> min;
    std::vector<double> max;
    std::vector<double> stddev;
    std::vector<double> min_rank;
    std::vector<double> max_rank;
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
    std::optional<flat_rank_values> over_ranks;
};

/// What a `<label>.json` says of its component.
struct flat_document {
    std::string id;
    std::string header;  ///< JSON: the members of the component other than its rows, in their order
    std::string description;
    std::vector<std::string> types;  ///< one for each value
    std::vector<std::string> units;
    std::vector<double> unit_values;
    std::uint32_t world_size = 1;  ///< ranks of MPI
    std::uint32_t threads = 1;
    bool of_version_3 = false;
    std::map<std::string, std::uint64_t> losses;  ///< only ours
    std::vector<flat_row> rows;                   ///< depth first, by rank

    /// Raw units in one display unit. What timemory 3 says in its header is its default, whatever
    /// its rows are shown in, so a row decides where one can.
    [[nodiscard]] double unit_of(std::size_t value) const;
};

/// Reads a document of one component. Trusts nothing in it. Throws malformed_document.
flat_document read_flat(std::string_view json);

/// The same from a file, which must be a regular one. Throws malformed_document, also if the file
/// can't be read.
flat_document read_flat_file(const std::string& path);

/// As these, of a document of several components; at least one.
std::vector<flat_document> read_flats(std::string_view json);
std::vector<flat_document> read_flats_file(const std::string& path);

}  // namespace tim
