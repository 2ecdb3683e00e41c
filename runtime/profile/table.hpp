// Tables: what is counted beside the call tree, such as messages between ranks. A row is a tuple of
// keys and a distribution of one quantity.
//
// Canonical form. Texts are ascending, no text twice, each is used; rows are ascending by their
// keys, the first key first, no keys twice, none without values. So equal measurements are equal
// tables, in whatever order they were merged.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "measure/component.hpp"
#include "profile/statistics.hpp"

namespace tim {

/// What a column of keys holds.
enum class key_kind : std::uint8_t {
    number,
    text,  ///< index into keyed_table::texts
    path,  ///< index into profile::paths; 0, the root, where the path is not known
    rank,  ///< 0 before seal()
};

struct table_key {
    std::string name;
    key_kind kind = key_kind::number;
    bool operator==(const table_key&) const = default;
};

struct keyed_table {
    std::string name;
    std::string description;           ///< one sentence, no full stop: what a value is
    quantity kind = quantity::count;   ///< nanoseconds for `time`, bytes for `memory`
    std::vector<table_key> keys;       ///< at least one
    std::vector<std::string> texts;    ///< of all keys that are texts
    std::vector<std::int64_t> key;     ///< keys.size() a row, row after row
    std::vector<std::uint64_t> count;  ///< how many values, more than 0
    std::vector<statistics> values;    ///< of these values

    [[nodiscard]] std::size_t rows() const noexcept { return count.size(); }
    [[nodiscard]] std::span<const std::int64_t> keys_of(std::size_t row) const noexcept {
        return std::span(key).subspan(row * keys.size(), keys.size());
    }
    /// The column of this name; keys.size() if there is none.
    [[nodiscard]] std::size_t column(std::string_view key_name) const noexcept;
    /// The text of a key that is one.
    [[nodiscard]] const std::string& text(std::size_t row, std::size_t column) const noexcept {
        return texts[static_cast<std::size_t>(key[row * keys.size() + column])];
    }
    bool operator==(const keyed_table&) const = default;
};

/// Adds a row, anywhere; put_in_order() comes afterwards.
void add_row(keyed_table& t, std::span<const std::int64_t> keys, std::uint64_t count,
             const statistics& values);

/// Brings a table into canonical form; rows of equal keys become one.
void put_in_order(keyed_table& t);

/// Where a path of a table goes; see merge.cpp.
using path_map = std::function<std::uint32_t(std::uint32_t)>;

/// The union of tables of the same name, each with where its paths go. At most `max_rows` rows of a
/// table are kept, the first ones; what is left out, and what differs in its keys, is counted in
/// `losses`. Both lists are ascending by name.
std::vector<keyed_table> merge_tables(std::span<const std::vector<keyed_table>* const> sources,
                                      std::span<const path_map> to, std::uint64_t max_rows,
                                      std::map<std::string, std::uint64_t>& losses);

/// Sets what is a rank: keys, and the values of the table of processes.
void set_rank(std::vector<keyed_table>& tables, std::uint32_t rank);

}  // namespace tim
