// Putting results into files, and announcing them.

#pragma once

#include <cstdio>
#include <string>

#include "output/metadata.hpp"
#include "output/writers.hpp"
#include "profile/profile.hpp"
#include "settings/settings.hpp"

namespace tim {

/// What this process wrote last.
written_files last_written();

/// `<output_path>/<output_prefix>[-]<label>`: where the files of a component are.
std::string path_without_extension(const settings& s, std::string_view label);

/// Writes every output that the settings ask for, each to a temporary name in the output folder and
/// then renamed, so that a reader never sees half a file, and announces each on `announce` as
/// `[<label>]|0> Outputting '<path>'...`. Tables go to `announce` too where cout_output is on. What
/// cannot be written gives one line on stderr that names the file, the reason and what to do; the
/// other outputs are written all the same. Never throws. Returns how many outputs failed.
int write_outputs(const result& r, const settings& s, std::FILE* announce);

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
