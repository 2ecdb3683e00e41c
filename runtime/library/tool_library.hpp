// Libraries of tools that are opened when a component of theirs is asked for.

#pragma once

#include "measure/component_table.hpp"

namespace tim {

/// Opens the library that measures this component and starts it, once. Says in one line why it
/// can't.
void open_tool_of(const component& row) noexcept;

}  // namespace tim
