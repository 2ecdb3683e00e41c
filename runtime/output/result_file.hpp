// Reading results again, whatever form they are in.

#pragma once

#include <string>
#include <string_view>

#include "output/record.hpp"

namespace tim {

/// A profile in its serialised form. Throws std::runtime_error, with the reason in one line.
profile read_profile(const std::string& path);

/// The result in a file (timemory.h5, or a profile in its serialised form), or in the timemory.h5
/// of a folder. Throws std::runtime_error, with the reason in one line.
record read_result(const std::string& path);

/// Whether a list of names, apart by `,`, `;`, `:` or spaces, has the component, by its id, its
/// label or an alias.
bool is_listed(const component_description& what, std::string_view list);

/// Keeps the components of a list; an empty list keeps all. Empty, or what is wrong.
std::string keep_components(std::vector<profile>& profiles, std::string_view list);

}  // namespace tim
