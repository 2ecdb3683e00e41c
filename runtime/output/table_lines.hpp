// The lines above the rows of a text table.

#pragma once

#include <cstddef>
#include <string_view>

#include "output/stream.hpp"

namespace tim {

/// A text in the middle of a table of `total` columns, broken between words where it is too long.
void write_banner(std::string_view text, std::size_t total, stream& out);

/// A header in a cell of `width` columns, with the bar before it.
void write_header(std::string_view header, std::size_t width, stream& out);

}  // namespace tim
