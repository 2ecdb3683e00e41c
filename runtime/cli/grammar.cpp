#include "cli/grammar.hpp"

#include <CLI/CLI.hpp>

namespace tim::cli {

bool takes_next_word(const CLI::App& command, std::string_view word) {
    if (word.starts_with(setting_prefix)) return word.find('=') == std::string_view::npos;
    const CLI::Option* option = command.get_option_no_throw(std::string{word});
    return option != nullptr && option->get_items_expected() > 0;
}

std::size_t own_words(const CLI::App& app, std::span<const std::string> words) {
    if (words.empty()) return 0;
    const auto asked_for = app.get_subcommands([&](const CLI::App* sub) {
        return sub->get_name() == words[0] && sub->get_prefix_command();
    });
    if (asked_for.empty()) return words.size();
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (!words[i].starts_with("-") || words[i] == "--") return i;
        if (takes_next_word(*asked_for.front(), words[i])) ++i;
    }
    return words.size();
}

}  // namespace tim::cli
