// The one way in which the library speaks to the user.

#pragma once

#include <string_view>

namespace tim {

/// One line on stderr, with `timemory: ` in front. A stderr that is closed or full is not the
/// program's problem: never throws.
void say(std::string_view line) noexcept;

}  // namespace tim
