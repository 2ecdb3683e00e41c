// Completion of command lines by bash, zsh and fish. The script for a shell only asks this command
// what may stand at the cursor, so that all of it follows from the grammar.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"

namespace CLI {
class App;
}

namespace tim::cli {

std::vector<std::string> shells();

/// The script for one of shells().
std::string_view completion_script(std::string_view shell);

/// `timemory completion SHELL` prints the script. `timemory completion SHELL WORDS...` prints what
/// may stand for the last of the words, which are those behind the program's name. The first line
/// says what that is:
///     words        the lines that follow, each a word, a tab and what the word means
///     files        the name of a file
///     folders      the name of a folder
///     command N    a part of the command that begins with word N, counted from 0
exit_code completion(const CLI::App& app, std::span<const std::string> arguments);

}  // namespace tim::cli
