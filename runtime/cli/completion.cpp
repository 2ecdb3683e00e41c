#include "cli/completion.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/grammar.hpp"
#include "measure/component_table.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim::cli {
namespace {

struct candidate {
    std::string word;
    std::string meaning;
};

struct answer {
    std::string kind = "words";  ///< the first line of what is printed
    std::vector<candidate> candidates{};
};

std::vector<std::string> pieces(std::string_view text, char separator) {
    std::vector<std::string> all;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        all.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return all;
}

/// `--timemory-flat-profile=`
std::string option_of(const setting_info& setting) {
    std::string option{setting_prefix};
    for (const char c : setting.name) option += c == '_' ? '-' : c;
    return option + '=';
}

/// CLI11 keeps the values of IsMember only as `TEXT:{text,json}`.
std::vector<std::string> choices_of(const std::string& type) {
    const std::size_t begin = type.find('{');
    const std::size_t end = type.find('}');
    if (begin == std::string::npos || end == std::string::npos) return {};
    return pieces(std::string_view{type}.substr(begin + 1, end - begin - 1), ',');
}

void add_components(std::vector<candidate>& to) {
    for (const std::string& id : component_ids())
        if (const auto row = find_component(id); row && row->needs.empty())
            to.push_back({id, row->what.description});
}

/// The values that an option's type stands for: its choices, or what main.cpp calls it.
answer values_of(const CLI::Option& option, std::string_view typed) {
    answer a;
    const std::string type = option.get_type_name();
    for (const std::string& choice : choices_of(type)) a.candidates.push_back({choice, ""});
    for (const std::string& name : pieces(type, '|')) {
        if (name == "FILE") a.kind = "files";
        if (name == "DIR" && a.kind != "files") a.kind = "folders";
        if (name.starts_with("COMPONENT")) add_components(a.candidates);
        if (name == "COMPONENT,...")
            for (candidate& c : a.candidates)
                c.word.insert(0, typed.substr(0, typed.rfind(',') + 1));
        if (name == "SETTING")
            for (const setting_info& row : setting_table())
                a.candidates.push_back({std::string{row.name}, std::string{row.description}});
    }
    return a;
}

/// `--timemory-<setting>=<value>`
std::vector<candidate> settings_words(std::string_view typed) {
    std::vector<candidate> words;
    for (const setting_info& row : setting_table()) {
        const std::string option = option_of(row);
        if (!typed.starts_with(option)) {
            words.push_back({option, std::string{row.description}});
            continue;
        }
        words.clear();
        std::vector<std::string> values = pieces(row.choices, '|');
        if (row.type == setting_type::boolean) values = {"on", "off"};
        for (const std::string& value : values) words.push_back({option + value, ""});
        break;
    }
    return words;
}

/// The long options; the short ones only where there is no other.
std::vector<candidate> options_of(const CLI::App& command) {
    std::vector<candidate> words;
    for (const CLI::Option* option : command.get_options()) {
        if (!option->nonpositional() || option->get_group().empty()) continue;
        const bool is_long = !option->get_lnames().empty();
        for (const std::string& name : is_long ? option->get_lnames() : option->get_snames())
            words.push_back({(is_long ? "--" : "-") + name, option->get_description()});
    }
    return words;
}

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
    const auto found =
        app.get_subcommands([&](const CLI::App* sub) { return sub->get_name() == name; });
    return found.empty() ? nullptr : found.front();
}

/// Sub-commands, without those that are not shown.
std::vector<candidate> commands_of(const CLI::App& app) {
    std::vector<candidate> words;
    for (const CLI::App* sub : app.get_subcommands({}))
        if (!sub->get_group().empty()) words.push_back({sub->get_name(), sub->get_description()});
    return words;
}

/// What takes the positional word number `index`; none if there may be no such word.
const CLI::Option* positional(const CLI::App& command, std::size_t index) {
    const auto all =
        command.get_options([](const CLI::Option* option) { return option->get_positional(); });
    if (all.empty()) return nullptr;
    if (index < all.size()) return all[index];
    return all.back()->get_items_expected_max() > 1 ? all.back() : nullptr;
}

/// The values of `--option=`, with that in front of each.
answer values_behind_equals(const CLI::App& command, const std::string& word, std::size_t equals) {
    const CLI::Option* option = command.get_option_no_throw(word.substr(0, equals));
    if (option == nullptr) return {};
    answer a = values_of(*option, std::string_view{word}.substr(equals + 1));
    for (candidate& c : a.candidates) c.word.insert(0, word.substr(0, equals + 1));
    return a;
}

answer options_for(const CLI::App& command, const std::string& word) {
    if (word.starts_with(setting_prefix)) return {.candidates = settings_words(word)};
    if (const std::size_t equals = word.find('='); equals != std::string::npos)
        return values_behind_equals(command, word, equals);
    answer a{.candidates = options_of(command)};
    if (!word.starts_with("--")) return a;
    a.candidates.push_back({std::string{setting_prefix}, "A setting"});
    return a;
}

/// What may stand for the last of a sub-command's words, of which the first is its name.
answer candidates_of(const CLI::App& command, std::span<const std::string> words) {
    const std::size_t last = words.size() - 1;
    std::size_t positionals = 0;
    bool has_options = true;
    for (std::size_t i = 1; i < last; ++i) {
        if (has_options && words[i] == "--") {
            has_options = false;
        } else if (!has_options || !words[i].starts_with("-")) {
            ++positionals;
        } else if (takes_next_word(command, words[i]) && ++i == last) {
            const CLI::Option* option = command.get_option_no_throw(words[i - 1]);
            return option != nullptr ? values_of(*option, words[last]) : answer{};
        }
    }
    if (has_options && words[last].starts_with("-")) return options_for(command, words[last]);
    const CLI::Option* option = positional(command, positionals);
    return option != nullptr ? values_of(*option, words[last]) : answer{};
}

answer candidates_of_all(const CLI::App& app, std::span<const std::string> words) {
    if (words.size() < 2) {
        const bool is_option = !words.empty() && words[0].starts_with("-");
        return {.candidates = is_option ? options_of(app) : commands_of(app)};
    }
    const CLI::App* command = find_command(app, words[0]);
    if (command == nullptr) return {};
    std::size_t own = own_words(app, words);
    if (own < words.size() - 1 && words[own] == "--") ++own;
    // A word that only begins as `--` does may become an option.
    if (own < words.size() && words[own] != "--") return {.kind = fmt::format("command {}", own)};
    return candidates_of(*command, words);
}

void print_candidates(const CLI::App& app, std::span<const std::string> words) {
    const answer a = candidates_of_all(app, words);
    print(a.kind + '\n');
    for (const candidate& c : a.candidates) {
        const std::string_view meaning = c.meaning;
        print(fmt::format("{}\t{}\n", c.word, meaning.substr(0, meaning.find('\n'))));
    }
}

}  // namespace

exit_code completion(const CLI::App& app, std::span<const std::string> arguments) {
    const std::vector<std::string> known = shells();
    if (arguments.empty() || std::find(known.begin(), known.end(), arguments[0]) == known.end()) {
        say(fmt::format("completion is for one of {}", fmt::join(known, ", ")));
        return wrong_usage;
    }
    if (arguments.size() == 1)
        print(completion_script(arguments[0]));
    else
        print_candidates(app, arguments.subspan(1));
    return ok;
}

}  // namespace tim::cli
