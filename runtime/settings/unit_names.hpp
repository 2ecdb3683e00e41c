// Names of units: what the settings timing_units and memory_units accept.

#pragma once

#include <span>
#include <string_view>

namespace tim {

struct unit {
    std::string_view shown;
    std::string_view other;      ///< another short name
    std::string_view long_name;  ///< its plural has an s
    double value;                ///< raw units (nanoseconds, bytes) in one
};

std::span<const unit> time_units() noexcept;
std::span<const unit> memory_units() noexcept;

/// The unit of that name, in any case; null if there is none.
const unit* find_unit(std::span<const unit> units, std::string_view name);

}  // namespace tim
