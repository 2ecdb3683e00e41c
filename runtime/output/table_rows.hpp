// The rows of a table of a profile, by the columns that somebody needs.

#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "output/over_ranks.hpp"
#include "profile/profile.hpp"

namespace tim {

/// A table of the profile, with the columns that are asked for. Empty where it is not there or has
/// others: a file may hold anything.
class table_rows {
public:
    struct wanted {
        std::string_view name;
        key_kind kind;
    };
    table_rows(const profile& p, std::string_view name, std::initializer_list<wanted> columns);
    [[nodiscard]] std::size_t size() const noexcept {
        return table_ == nullptr ? 0 : table_->rows();
    }
    /// Key of the column that was asked for as number `i`.
    [[nodiscard]] std::int64_t key(std::size_t row, std::size_t i) const {
        return table_->keys_of(row)[columns_[i]];
    }
    [[nodiscard]] const std::string& text(std::size_t row, std::size_t i) const {
        return table_->text(row, columns_[i]);
    }
    [[nodiscard]] std::size_t texts() const noexcept {
        return table_ == nullptr ? 0 : table_->texts.size();
    }
    [[nodiscard]] std::uint64_t count(std::size_t row) const { return table_->count[row]; }
    [[nodiscard]] const statistics& values(std::size_t row) const { return table_->values[row]; }
    [[nodiscard]] std::int64_t sum(std::size_t row) const { return clamped(values(row).sum); }

private:
    const keyed_table* table_ = nullptr;
    std::vector<std::size_t> columns_;
};

/// What a key of kind `path` is to a reader: the names of the call path from the top, with slashes
/// between them.
std::string text_of_path(const profile& p, std::uint32_t index);

}  // namespace tim
