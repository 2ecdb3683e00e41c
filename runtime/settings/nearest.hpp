// The nearest of some names: what an error line about an unknown one suggests.

#pragma once

#include <span>
#include <string_view>

namespace tim {

/// The name with the least Levenshtein distance to `wanted`, the first of equals; empty if there
/// are none.
std::string_view nearest(std::string_view wanted, std::span<const std::string_view> names);

}  // namespace tim
