// The table of components: the built-in ones and those that users add, through the same door.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "measure/component.hpp"
#include "measure/source.hpp"

namespace tim {

/// How a component's fields follow from the readings at the two edges of a region.
enum class derivation : std::uint8_t {
    difference,  ///< end − begin of one value
    high_water,  ///< the value at the end; not read at the beginning
    ratio,       ///< differences of two values, and their quotient
};

/// One value of one source.
struct reading {
    source_kind source = source_kind::clock;
    std::uint8_t value = 0;  ///< which of the source's values
    user_source user = {};
};

/// A row of the table: a component, and where it comes from.
struct component {
    component_description what;
    derivation how = derivation::difference;
    reading from;
    reading over = {};  ///< denominator of a ratio
};

/// The row with this id, alias or label, in any case, with `-` for `_`; by value, since users may
/// add rows meanwhile.
std::optional<component> find_component(std::string_view name);

/// All ids, built-in first, then users' in the order they came.
std::vector<std::string> component_ids();

/// The row number `index`, or none past the last.
std::optional<component> component_at(std::size_t index);

/// Adds a row. Returns an empty string, or what is wrong with it.
std::string add_component(component row);

/// The rows named in a list (separated by comma, semicolon, colon or white space), in the table's
/// order, none twice. Each unknown name goes to `unknown`.
std::vector<component> parse_components(std::string_view list,
                                        const std::function<void(std::string_view)>& unknown);

/// The known id that is nearest to `name` by edit distance.
std::string nearest_component(std::string_view name);

}  // namespace tim
