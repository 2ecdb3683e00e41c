// What a component is, as data: its names, its unit and how its values combine.
//
// A component is a named quantity. It is derived from one or more sources (source.hpp) and has one
// or more fields. This header holds the part that everything after the recorder needs (profile,
// fold, writers); how the fields are computed from the sources is in bundle.hpp.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tim {

/// The family of units a component's raw values belong to. Raw values are nanoseconds, bytes, parts
/// per million or plain counts; the display unit is chosen when a result is written.
enum class quantity : std::uint8_t { time, memory, percent, count, other };

/// How values of the same call path combine: over the threads of a process, and over ranks.
enum class combine : std::uint8_t { sum, maximum };

/// Built-in components are integers, so that sums are exact and merging is associative. Only
/// components that a user defines may be real numbers.
enum class number : std::uint8_t { integer, real };

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
    /// A utilisation: field 0 over field 1, both summed; field 2 holds the quotient of each lap in
    /// parts per million. Other components have one field.
    bool ratio = false;

    [[nodiscard]] std::size_t fields() const noexcept { return ratio ? 3 : 1; }
    bool operator==(const component_description&) const = default;
};

}  // namespace tim
