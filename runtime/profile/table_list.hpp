// The tables that tools record, see timemory/tools.h, and what is made of them. A new table is one
// entry in table_list.cpp.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "profile/table.hpp"

namespace tim {

inline constexpr std::size_t no_key = SIZE_MAX;

/// A table in the profile: the rows of one that was recorded, with fewer keys.
struct table_part {
    std::string name;
    std::string description;
    std::vector<std::size_t>
        keys;  ///< which of the recorded keys, in this order; or of_rank, of_bucket
    /// A recorded key: rows in which this text is empty are left out; no_key for all rows.
    std::size_t unless_empty = no_key;
};

/// Stands for the rank of the process, which is no key when a table is recorded.
inline constexpr std::size_t of_rank = SIZE_MAX;
/// Stands for the bucket of a histogram, see timemory_bucket(). A row of its own for each; of such
/// rows only the count is known.
inline constexpr std::size_t of_bucket = SIZE_MAX - 1;

/// A component made of a table: at each path, and at those above it, one lap for each value, of the
/// rows in which the key number `key` is `value`. It has one field.
struct table_component {
    component_description what;
    std::size_t key = 0;
    std::int64_t value = 0;
};

/// A table as it is recorded. Its place in the list is its number in an arena: entries are only
/// appended, or layout_version is raised.
struct recorded_table {
    std::string name;
    quantity kind = quantity::count;
    bool squares = true;          ///< values are added by timemory_add_value()
    bool histogram = false;       ///< rows are histograms
    std::vector<table_key> keys;  ///< at most most_table_keys, no ranks
    std::vector<table_part> parts;
    std::vector<table_component> components = {};
    /// A key: rows in which it is 0 are nanoseconds that measuring took; no_key for none.
    std::size_t own_cost = no_key;
};

inline constexpr std::size_t most_table_keys = 12;

const std::vector<recorded_table>& recorded_tables();

}  // namespace tim
