// What the words of a command line are, as the grammar (CLI11) has it.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace tim::cli {

inline constexpr std::string_view setting_prefix = "--timemory-";

/// Whether the word is an option, ours or a setting's, whose value is the next word.
bool takes_next_word(const CLI::App& command, std::string_view word);

/// How many words, of those behind the program's name, are ours: all, but what follows the first
/// word that is no option of a sub-command which runs another command.
std::size_t own_words(const CLI::App& app, std::span<const std::string> words);

}  // namespace tim::cli
