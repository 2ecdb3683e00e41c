#include "record/row_table.hpp"

#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "record/arena.hpp"

namespace tim {
namespace {

std::span<const std::int64_t> keys_of(const row_record& row) noexcept {
    return {row.key, row.keys};
}

}  // namespace

std::uint64_t row_table::hash_of(std::uint16_t table, std::span<const std::int64_t> keys) noexcept {
    return XXH3_64bits_withSeed(keys.data(), keys.size_bytes(), table);
}

ref row_table::find(std::uint16_t table, std::span<const std::int64_t> keys) const noexcept {
    if (slots_.empty()) return 0;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = hash_of(table, keys) & mask; slots_[i] != 0; i = (i + 1) & mask) {
        const auto& row = *at<row_record>(slots_[i]);
        const auto its = keys_of(row);
        if (row.table == table && std::equal(its.begin(), its.end(), keys.begin(), keys.end()))
            return slots_[i];
    }
    return 0;
}

void row_table::insert(ref row) {
    const auto place = [this](ref r) {
        const auto& record = *at<row_record>(r);
        const std::size_t mask = slots_.size() - 1;
        std::size_t i = hash_of(record.table, keys_of(record)) & mask;
        while (slots_[i] != 0) i = (i + 1) & mask;
        slots_[i] = r;
    };
    if ((used_ + 1) * 2 > slots_.size()) {
        std::vector<ref> old(std::max<std::size_t>(slots_.size() * 2, 64));
        old.swap(slots_);
        for (const ref r : old)
            if (r != 0) place(r);
    }
    place(row);
    ++used_;
}

}  // namespace tim
