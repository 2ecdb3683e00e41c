// Libraries of tools that are opened when a component of theirs is asked for.

#pragma once

#include <string_view>

namespace tim {

/// Opens the library that measures this component and starts it, once. Says in one line why it
/// can't.
void open_tool_of(std::string_view component) noexcept;

}  // namespace tim
