// The rows of tables that one thread has: where the row with some keys is.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "record/layout.hpp"

namespace tim {

/// Private memory: it can be rebuilt from the rows.
class row_table {
public:
    /// The row with these keys; 0 if there is none.
    [[nodiscard]] ref find(std::uint16_t table, std::span<const std::int64_t> keys) const noexcept;
    /// Adds one that is not there. Throws std::bad_alloc.
    void insert(ref row);

private:
    static std::uint64_t hash_of(std::uint16_t table, std::span<const std::int64_t> keys) noexcept;

    std::vector<ref> slots_;  ///< a power of two, at most half of them used
    std::size_t used_ = 0;
};

}  // namespace tim
