// Configuration files: settings in a file, one assignment a line, or as JSON. docs/settings.md says
// what they may contain.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "settings/settings.hpp"

namespace tim {

enum class config_format : std::uint8_t { text, json };

/// Assigns what `bytes` say, as `from`, with `<path>:<line>` as its place. Returns a line for each
/// thing that is wrong, the rest is read all the same; past ten of them one line says how many more
/// there are. JSON that is not well-formed is left out as a whole.
std::vector<std::string> read_config(std::string_view bytes, config_format format,
                                     const std::string& path, setting_origin from);

/// The same with the bytes of a file: JSON if the path ends with `.json`. A file that can't be read
/// is wrong only if it is `required`, or if it is there.
std::vector<std::string> read_config_file(const std::string& path, bool required,
                                          setting_origin from);

}  // namespace tim
