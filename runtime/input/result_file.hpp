// Reading results again, whatever form they are in.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "output/record.hpp"

namespace tim {

/// A profile in its serialised form. Throws std::runtime_error, with the reason in one line.
profile read_profile(const std::string& path);

/// The serialised profiles (*.timemory) in a folder, in the order of their names. Says in one line
/// why it can't be read.
std::vector<std::string> profiles_in(const std::string& folder);

/// The result in a file: timemory.h5, a profile in its serialised form, the arena of a process, or
/// a `<label>.json` of ours or timemory 3's. Of a folder its timemory.h5; else what ranks left in
/// it, profiles and arenas, joined as `timemory merge` does without writing; else its
/// `<label>.json` files together. Throws std::runtime_error, with the reason in one line.
record read_result(const std::string& path);

/// Whether a list of names, apart by `,`, `;`, `:` or spaces, has the component, by its id, its
/// label or an alias.
bool is_listed(const component_description& what, std::string_view list);

/// Keeps the components of a list; an empty list keeps all. Empty, or what is wrong.
std::string keep_components(std::vector<profile>& profiles, std::string_view list);

}  // namespace tim
