// The bytes of an arena, of this process or of another, as its reader sees them: trusted by nobody.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "record/layout.hpp"

namespace tim {

class arena_view {
public:
    explicit arena_view(std::span<const std::byte> bytes) noexcept : bytes_{bytes} {}

    /// The record at a place; null if it is none, or if it does not lie wholly in the arena.
    /// `bytes` where the record is longer than its structure.
    template <class Record>
    [[nodiscard]] const Record* find(ref r, std::size_t bytes = sizeof(Record)) const noexcept {
        constexpr std::size_t alignment = alignof(Record) > ref_unit ? alignof(Record) : ref_unit;
        const std::size_t offset = std::size_t{r} * ref_unit;
        if (r == 0 || offset % alignment != 0 || bytes > bytes_.size() ||
            offset > bytes_.size() - bytes)
            return nullptr;
        return reinterpret_cast<const Record*>(bytes_.data() + offset);
    }

    /// A string; its `data()` is null if there is none.
    [[nodiscard]] std::string_view text(ref r) const noexcept {
        constexpr std::size_t header = offsetof(string_record, text);
        const auto* record = find<string_record>(r, header);
        if (record == nullptr) return {};
        const std::size_t length = record->length;
        if (find<string_record>(r, header + length) == nullptr) return {};
        return {record->text, length};
    }

    /// What lies at the beginning. Only of a view of at least so many bytes.
    [[nodiscard]] const arena_record& header() const noexcept {
        return *reinterpret_cast<const arena_record*>(bytes_.data());
    }

    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

private:
    std::span<const std::byte> bytes_;
};

}  // namespace tim
