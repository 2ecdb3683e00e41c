// What this process is called in the names of its results.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tim {

/// The name for a command line: that of the program without its folder; where the program is
/// Python, that of the script which it runs, or of the module (`python -m name`).
std::string program_name(std::string_view program, std::span<const std::string> arguments);

}  // namespace tim
