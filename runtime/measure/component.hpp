// What a component is, as data: its names, its unit and how its values combine.
//
// A component is a named quantity. It is derived from one or more sources (source.hpp) and has one
// or more fields. This header holds the part that everything after the recorder needs (profile,
// fold, writers); how the fields are computed from the sources is in bundle.hpp.

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tim {

/// The family of units a component's raw values belong to. Raw values are nanoseconds, bytes, parts
/// per million, plain counts or bytes per second; the display unit is chosen when a result is
/// written.
enum class quantity : std::uint8_t { time, memory, percent, count, other, rate };

/// How values of the same call path combine: over the threads of a process, and over ranks.
enum class combine : std::uint8_t { sum, maximum };

/// Built-in components are integers, so that sums are exact and merging is associative. Only
/// components that a user defines may be real numbers.
enum class number : std::uint8_t { integer, real };

/// One of the values that a component of several shows.
struct component_element {
    std::string label;        ///< METRIC column; `type` in JSON
    std::string description;  ///< one sentence, no full stop
    quantity kind = quantity::count;
    std::string unit;
    double unit_value = 1.0;
    auto operator<=>(const component_element&) const = default;
};

/// Everything a writer, a reader or a tool needs to know of a component.
struct component_description {
    std::string id;                    ///< `wall_clock`: the key in JSON and the name a user types
    std::string label;                 ///< `wall`: file names and the METRIC column
    std::string description;           ///< one sentence, no full stop: the banner of the text table
    std::vector<std::string> aliases;  ///< other names that are accepted
    std::int32_t enum_value =
        -1;  ///< number in timemory 3's enumeration; -1 for a component of the user's
    quantity kind = quantity::count;
    std::string unit;  ///< display unit (`sec`, `MB`, `%`, empty for counts)
    double unit_value =
        1.0;  ///< raw units in one display unit (1e9 for `sec`, 1e6 for `MB`, 1e4 for `%`)
    number type = number::integer;
    combine over_laps = combine::sum;
    combine over_threads = combine::sum;
    combine over_ranks = combine::sum;
    bool per_thread =
        false;  ///< read per thread: rows of different threads are never one measurement
    /// A utilisation or a rate: field 0 over field 1, both summed; field 2 holds the quotient of
    /// each lap, times quotient_scale(). Other components have one field for each value shown.
    bool ratio = false;
    /// False for absolute readings: no SUM column. There the greatest of a row is its MAX.
    bool has_sum = true;
    /// The values shown, where they are not one with the component's own label and unit. They may
    /// be known only when the program runs. A ratio has one, its quotient, or two: its numerator
    /// and its quotient.
    std::vector<component_element> elements = {};

    [[nodiscard]] std::size_t shown() const noexcept {
        return elements.empty() ? 1 : elements.size();
    }
    [[nodiscard]] std::size_t fields() const noexcept { return ratio ? 3 : shown(); }
    /// The field that a shown value is the total of.
    [[nodiscard]] std::size_t field_of(std::size_t element) const noexcept {
        return ratio && element + 1 == shown() ? 2 : element;
    }
    /// The value shown as number `i`.
    [[nodiscard]] component_element element(std::size_t i) const {
        return elements.empty() ? component_element{label, description, kind, unit, unit_value}
                                : elements[i];
    }
    /// Quotients are integers: parts per million, or per second where the denominator is in ns.
    [[nodiscard]] std::int64_t quotient_scale() const noexcept {
        return !elements.empty() && elements.back().kind == quantity::rate ? 1'000'000'000
                                                                           : 1'000'000;
    }
    bool operator==(const component_description&) const = default;
};

}  // namespace tim
