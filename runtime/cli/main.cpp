// The command `timemory`: one grammar for everything that is done outside the measured program.

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "library/lifecycle.hpp"
#include "output/place.hpp"
#include "settings/command_line.hpp"
#include "settings/nearest.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim::cli {

std::string examples(std::initializer_list<std::string_view> lines) {
    std::string text = "Examples:";
    for (const std::string_view line : lines) text.append("\n  ").append(line);
    return text;
}

namespace {

/// How many words of the command line are ours: all, but what follows the first word that is no
/// option of a sub-command which runs another command.
int own_words(const CLI::App& app, int argc, char** argv) {
    if (argc < 2) return argc;
    const auto asked_for = app.get_subcommands([argv](const CLI::App* sub) {
        return sub->get_name() == argv[1] && sub->get_prefix_command();
    });
    if (asked_for.empty()) return argc;
    const CLI::App* command = asked_for.front();
    for (int i = 2; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (!word.starts_with("-") || word == "--") return i;
        const bool is_setting = word.starts_with("--timemory-");
        const CLI::Option* option = command->get_option_no_throw(std::string{word});
        const bool takes_value = is_setting ? word.find('=') == std::string_view::npos
                                            : option != nullptr && option->get_items_expected() > 0;
        if (takes_value) ++i;
    }
    return argc;
}

/// Assigns what `--timemory-<option>` words say and takes them out of the command line. False after
/// a line for each that is wrong.
bool assign_settings(std::vector<char*>& words) {
    int argc = static_cast<int>(words.size());
    const arguments taken = take_arguments(argc, words.data());
    words.resize(static_cast<std::size_t>(argc));
    std::vector<std::string> wrong = taken.wrong;
    for (const auto& [name, value] : taken.assignments)
        if (std::string line = set_setting(name, value, setting_origin::command_line);
            !line.empty())
            wrong.push_back(std::move(line));
    read_config_files();
    for (const std::string& line : wrong) say(line);
    return wrong.empty();
}

/// CLI11 only says that a sub-command is missing, also where the word for it is not known.
std::string what_is_wrong(const CLI::App& app, const std::vector<char*>& words,
                          const CLI::ParseError& e) {
    if (!app.get_subcommands().empty() || words.size() < 2 || words[1][0] == '-') return e.what();
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    const std::vector<std::string_view> known{names.begin(), names.end()};
    return fmt::format("there is no sub-command '{}'; the nearest is '{}'", shown(words[1]),
                       nearest(words[1], known));
}

int run(int argc, char** argv) {
    int status = ok;
    CLI::App app{"Measurement of programs: joins and shows results, and runs programs.",
                 "timemory"};
    app.set_version_flag("--version", "timemory " TIMEMORY_VERSION);
    app.require_subcommand(1);
    app.footer(
        "Every setting can be given as --timemory-<setting>=<value> behind the sub-command, as in\n"
        "the environment: see 'timemory settings'.\n"
        "Exit codes: 0 done; 1 nothing was found, or something that was found is broken; 2 wrong\n"
        "usage; 'timemory run' has that of its command.");
    std::vector<std::string> command;
    add_merge(app, status);
    add_recover(app, status);
    add_run(app, status, command);
    add_settings(app, status);
    add_top(app, status);

    note_command_line({argv, argv + argc});
    const int own = own_words(app, argc, argv);
    std::vector<char*> words{argv, argv + own};
    const bool marked = own < argc && std::string_view{argv[own]} == "--";
    command.assign(argv + own + (marked ? 1 : 0), argv + argc);
    read_environment();
    if (!assign_settings(words)) return wrong_usage;
    apply_settings();
    try {
        app.parse(static_cast<int>(words.size()), words.data());
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) return app.exit(e);  // --help and --version
        say(fmt::format("{}; see 'timemory --help'", what_is_wrong(app, words, e)));
        return wrong_usage;
    }
    return status;
}

}  // namespace
}  // namespace tim::cli

int main(int argc, char** argv) {
    try {
        return tim::cli::run(argc, argv);
    } catch (const std::exception& e) {
        tim::say(e.what());
        return tim::cli::failed;
    }
}
