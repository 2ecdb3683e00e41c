// Units: what the values of a component are shown in.

#pragma once

#include <vector>

#include "measure/component.hpp"
#include "settings/settings.hpp"

namespace tim {

/// The values that a component shows, as the settings ask for them. One for a component of one
/// value.
std::vector<component_element> shown_elements(const component_description& what, const settings& s);

}  // namespace tim
