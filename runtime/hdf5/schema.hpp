// What the writer and the reader share of how a result looks as HDF5: docs/outputs/hdf5.md
// describes it.

#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "hdf5/file.hpp"
#include "profile/profile.hpp"

namespace tim::hdf5 {

inline constexpr const char* format_name = "timemory result";
inline constexpr std::uint32_t schema_version = 1;

/// The texts that stand for the values of an enumeration.
template <class Enum, std::size_t size>
struct names_of {
    std::array<const char*, size> names;
    [[nodiscard]] std::string name(Enum value) const {
        return names.at(static_cast<std::size_t>(value));
    }
    [[nodiscard]] Enum value(std::string_view name) const {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) throw error("'" + std::string{name} + "' is not known");
        return static_cast<Enum>(found - names.begin());
    }
};

inline constexpr names_of<quantity, 6> quantities{
    {"time", "memory", "percent", "count", "other", "rate"}};
inline constexpr names_of<number, 2> numbers{{"integer", "real"}};
inline constexpr names_of<combine, 2> rules{{"sum", "maximum"}};

}  // namespace tim::hdf5
