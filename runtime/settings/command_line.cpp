#include "settings/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "settings/nearest.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim {
namespace {

constexpr std::string_view option_prefix = "--timemory-";

/// The option that is nearest to one that does not exist.
std::string nearest_option(std::string_view option) {
    std::vector<std::string> options{"args"};
    for (const setting_info& row : setting_table()) {
        options.emplace_back(row.name);
        std::replace(options.back().begin(), options.back().end(), '_', '-');
    }
    const std::vector<std::string_view> names{options.begin(), options.end()};
    return fmt::format("{}{}", option_prefix, nearest(option.substr(option_prefix.size()), names));
}

/// `a=1;b=2`: a piece without `=` belongs to the value in front of it.
void split_items(std::string_view text, arguments& to) {
    constexpr std::string_view separators = " \t;:";
    while (!text.empty()) {
        std::size_t end = text.find_first_of(separators);
        while (end < text.size()) {
            const std::size_t next = std::min(text.find_first_of(separators, end + 1), text.size());
            if (text.substr(end, next - end).find('=') != std::string_view::npos) break;
            end = next;
        }
        const std::string_view item = text.substr(0, end);
        text.remove_prefix(std::min(item.size() + 1, text.size()));
        if (item.empty()) continue;
        const std::size_t equals = item.find('=');
        const std::string_view key = item.substr(0, equals);
        const std::string_view name = setting_of_option(key);
        to.assignments.push_back(
            {.name = std::string{name.empty() ? key : name},
             .value = std::string{equals < item.size() ? item.substr(equals + 1) : ""}});
    }
}

}  // namespace

arguments take_arguments(int& argc, char** argv) {
    arguments taken;
    int kept = std::min(argc, 1);
    int i = kept;
    while (i < argc && argv[i] != nullptr) {
        const std::string_view word = argv[i];
        if (word == "--") break;
        const std::size_t equals = word.find('=');
        const std::string_view option = word.substr(0, equals);
        const bool has_value = equals < word.size();
        if (!word.starts_with(option_prefix)) {
            argv[kept++] = argv[i++];
            continue;
        }
        if (option == "--timemory-args") {
            if (has_value) split_items(word.substr(equals + 1), taken);
            for (++i; !has_value && i < argc && argv[i] != nullptr; ++i) {
                const std::string_view item = argv[i];
                if (item.starts_with("-") || item.find('=') == std::string_view::npos) break;
                split_items(item, taken);
            }
            continue;
        }
        const std::string_view name = setting_of_option(option);
        const char* next = i + 1 < argc ? argv[i + 1] : nullptr;
        if (name.empty()) {
            taken.wrong.push_back(fmt::format("there is no option {}; the nearest is {}",
                                              shown(option), nearest_option(option)));
            argv[kept++] = argv[i++];
        } else if (has_value) {
            taken.assignments.push_back({std::string{name}, std::string{word.substr(equals + 1)}});
            ++i;
        } else if (next == nullptr || std::string_view{next} == "--" ||
                   std::string_view{next}.starts_with(option_prefix)) {
            taken.wrong.push_back(fmt::format("option {} needs a value", shown(option)));
            argv[kept++] = argv[i++];
        } else {
            taken.assignments.push_back({std::string{name}, next});
            i += 2;
        }
    }
    while (i < argc) argv[kept++] = argv[i++];
    // Where something was taken, there is room for the null that ends a command line.
    if (kept < argc) argv[kept] = nullptr;
    argc = kept;
    return taken;
}

}  // namespace tim
