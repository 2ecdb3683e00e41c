// What the flat and the tree JSON have in common.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "output/stream.hpp"
#include "output/view.hpp"
#include "output/writers.hpp"

namespace tim {

/// The profiles of a result that have rows of the component.
std::vector<const profile*> profiles_with(const result& r, std::string_view component_id);

/// Everything that is equal for all rows of a component: `"properties":{…},…,"concurrency":n`, and
/// `"losses":{…}` where something was not recorded. Without braces around it.
void write_header(stream& out, const result& r, const component_description& what,
                  const settings& s);

/// Threads of the process that recorded most of them; at least 1.
std::uint32_t thread_count(const result& r);

/// The values that a row shows: one number, or a list where the component has elements.
class json_values {
public:
    /// `value_of(element)` is a double.
    template <class Get>
    json_values(const view& v, Get value_of) : list_(!v.what().elements.empty()) {
        for (std::size_t i = 0; i < v.elements().size(); ++i) numbers_.emplace_back(value_of(i));
    }
    void write(stream& out) const;

private:
    bool list_;
    std::vector<json_real> numbers_;
};

/// `"entry":{…}` of a row: `value` and `accum` raw (both fields of a ratio), `repr_*` in display
/// units, `shown`.
enum class part : std::uint8_t { inclusive, exclusive };
void write_entry(stream& out, const view& v, std::size_t row, part which, const json_values& shown);

/// `"entry":{…},"stats":{…}` of a row with all that is below it. The statistics are over the laps,
/// in display units; their `sum` is the row's total, as in the SUM column: for high-water marks and
/// process-wide quantities that is not the sum over laps.
void write_inclusive(stream& out, const view& v, std::size_t row);

}  // namespace tim
