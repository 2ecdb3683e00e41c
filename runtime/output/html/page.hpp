// The page of `timemory report --format html`, as the build puts it together from page.html,
// page.css, page.js and d3 (page.cpp.in).

#pragma once

#include <string_view>

namespace tim {

/// Empty where no d3 was found.
extern const std::string_view html_page;

/// Where the data belong in it.
inline constexpr std::string_view html_data_mark = "<!-- data -->";

}  // namespace tim
