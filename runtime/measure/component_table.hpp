// The table of components: the built-in ones and those that users add, through the same door.

#pragma once

#include <functional>
#include <initializer_list>
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
    edges,       ///< the value at the beginning and the value at the end
    at_begin,    ///< the value at the beginning
    laps,        ///< 1, without a reading
    stored,      ///< nothing at the edges: the program stores values, see store_value()
    bracketed,   ///< what a tool says at the end of what it opened at the begin
    booked,      ///< nothing at the edges: a tool books laps, see timemory_book_below()
};

/// One value of one source.
struct reading {
    source_kind source = source_kind::clock;
    std::uint8_t value = 0;  ///< which of the source's values
    user_source user = {};
};

/// A row of the table: a component, and where it comes from. The other fields of a `difference` of
/// several are the values of the source that follow `from`.
struct component {
    component_description what;
    derivation how = derivation::difference;
    reading from = {};
    reading over = {};            ///< denominator of a ratio
    std::string needs = {};       ///< what is missing to measure it here; empty: it can be measured
    const char* start = nullptr;  ///< the function of libtimemory-cupti that makes it work
    bool switched_off = false;    ///< by `TIMEMORY_<LABEL>_ENABLED=off`
};

/// The variable that switches a component off: its label in capitals, with `_` for spaces and
/// dashes and without `:`, `<` and `>`.
std::string switch_of(std::string_view label);

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
/// order, none twice, without those that are switched off. Each name that is unknown or can't be
/// measured goes to `unknown`.
std::vector<component> parse_components(std::string_view list,
                                        const std::function<void(std::string_view)>& unknown);

/// What an interface measures that has several settings for it: the first of these lists that is
/// not empty. The word `none` ends the search; a list with the word `fallthrough` counts, and so
/// does the next one. "," if it comes to nothing.
std::string first_given(std::initializer_list<std::string_view> lists);

/// One sentence on a name that parse_components() left out: the nearest name, or what is missing.
std::string why_left_out(std::string_view name);

/// The known id that is nearest to `name` by edit distance.
std::string nearest_component(std::string_view name);

}  // namespace tim
