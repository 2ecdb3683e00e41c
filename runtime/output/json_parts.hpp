// What the flat and the tree JSON have in common.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "output/stream.hpp"
#include "output/view.hpp"
#include "output/writers.hpp"

namespace tim {

/// The profiles of a result that have rows of the component.
std::vector<const profile*> profiles_with(const result& r, std::string_view component_id);

/// A component as an object, `{}` if it has no rows; or a document of it. First in it is what is
/// equal for all rows: `"properties":{…},…,"concurrency":n`, and `"losses":{…}` where something was
/// not recorded. Then comes what `write_rows` writes of the profiles that have rows.
void write_component(
    const result& r, std::string_view component_id, const settings& s, bool document,
    const sink& sink_of_text,
    const std::function<void(stream&, std::span<const profile* const>)>& write_rows);

/// Threads of the process that recorded most of them; at least 1.
std::uint32_t thread_count(const result& r);

/// The values that a row shows: one number, or a list where the component has elements.
/// `value_of(element)` is a double.
template <class Get>
void write_values(stream& out, const view& v, Get value_of) {
    const bool list = !v.what().elements.empty();
    if (list) out.write('[');
    for (std::size_t i = 0; i < v.elements().size(); ++i) {
        if (i > 0) out.write(',');
        out.json(value_of(i));
    }
    if (list) out.write(']');
}

/// `"entry":{…}` of a row: `value` and `accum` raw (both fields of a ratio), `repr_*` in display
/// units, of the element what `shown(element)` says.
enum class part : std::uint8_t { inclusive, exclusive };
void write_raw_entry(stream& out, const view& v, std::size_t row, part which);
template <class Get>
void write_entry(stream& out, const view& v, std::size_t row, part which, Get shown) {
    write_raw_entry(out, v, row, which);
    out.write(R"(,"repr_data":)");
    write_values(out, v, shown);
    out.write(R"(,"repr_display":)");
    write_values(out, v, shown);
    out.write('}');
}

/// `"entry":{…},"stats":{…}` of a row with all that is below it. The statistics are over the laps,
/// in display units; their `sum` is the row's total, as in the SUM column: for high-water marks and
/// process-wide quantities that is not the sum over laps.
void write_inclusive(stream& out, const view& v, std::size_t row);

}  // namespace tim
