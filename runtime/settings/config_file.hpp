// Configuration files: settings in a file, one assignment a line, or as JSON.

#pragma once

#include <string>
#include <string_view>

#include "settings/settings.hpp"

namespace tim {

/// Assigns what the file says, as `from`, with `<path>:<line>` as its place. Values and names that
/// are wrong are said in one line each, and the rest of the file is read all the same. A file that
/// can't be read is an error only if it is `required`. Returns false if anything was wrong.
bool read_config_file(const std::string& path, bool required, setting_origin from);

}  // namespace tim
