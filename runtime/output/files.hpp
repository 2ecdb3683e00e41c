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

}  // namespace tim
