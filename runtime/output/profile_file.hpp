// Serialised profiles in files, for `timemory merge`.

#pragma once

#include <cstdint>
#include <string>

#include "output/writers.hpp"
#include "profile/profile.hpp"
#include "settings/settings.hpp"

namespace tim {

/// The bytes of serialise().
void write_serialised(const profile& p, const sink& out);

/// Writes a serialised profile for `timemory merge`, as
/// `<output_path>/<prefix>profile-<name>.timemory`. The line on stderr where that fails says that
/// `what` is not written. Returns whether it is written; `path` is where.
bool write_profile(const profile& p, const settings& s, const std::string& name,
                   const std::string& what, std::string& path);

/// The same, to a file of any name.
bool write_profile_to(const profile& p, const std::string& path, const std::string& what);

/// Writes what rank `rank` could not deliver as write_profile(), named after the ranks in it (`3`,
/// `2-3`), and says so in one line on stderr with `reason`.
bool write_fallback(const profile& p, const settings& s, std::uint32_t rank,
                    const std::string& reason);

/// The ranks in a profile as part of a file's name: `0-2+5`; of very many ranges only the first,
/// and how many ranks there are.
std::string name_of_ranks(const profile& p);

}  // namespace tim
