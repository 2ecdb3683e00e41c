// Text as tables and messages show it: numbers of one column, and names that can't do any harm.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "measure/component.hpp"
#include "settings/settings.hpp"

namespace tim {

/// How the numbers of one table look.
struct number_format {
    bool scientific = false;
    int precision = 3;      // at most 60
    std::size_t width = 8;  // least width of every column

    /// Replaces `text`.
    void write(double value, std::string& text) const;
};

/// The format of values of a kind as the settings ask for it. Times get more digits where `least`,
/// the least mean of the table that is not 0, is less than a tenth of a unit.
number_format format_for(quantity kind, const settings& s, double least);

/// Characters that a terminal shows for UTF-8 text, each taken as one column wide.
std::size_t shown_width(std::string_view text);

/// Appends a name so that it can neither break the row nor steer the terminal.
void append_printable(std::string_view name, std::string& text);

/// Cuts UTF-8 text to `max_width` characters, the last three of which are dots where there is room
/// for them.
void cut(std::string& text, std::int64_t max_width);

}  // namespace tim
