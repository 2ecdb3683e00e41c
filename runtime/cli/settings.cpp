// `timemory settings`: what is in force, and why.

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>

#include "cli/commands.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim::cli {
namespace {

/// `wanted` empty: all.
int show(const std::string& wanted) {
    if (wanted.empty()) {
        std::fputs(explain_settings().c_str(), stdout);
        return ok;
    }
    const std::string_view name = setting_of_option(wanted);
    if (name.empty()) {
        say(set_setting(wanted, {}, setting_origin::code));
        return failed;
    }
    for (const setting_info& row : setting_table())
        if (row.name == name)
            fmt::print("{} = {}  {}\n\n{}\nenvironment {}, default '{}'{}\n", name,
                       shown(get_setting(name).value_or("")), setting_origin_of(name),
                       row.description, row.environment, row.standard,
                       row.choices.empty() ? "" : fmt::format(", choices {}", row.choices));
    return ok;
}

}  // namespace

void add_settings(CLI::App& app, int& status) {
    CLI::App* command = app.add_subcommand(
        "settings", "Show every setting, its value in force and where that came from");
    const auto name = std::make_shared<std::string>();
    command->add_option("name", *name, "Only this setting, with its description");
    command->footer(examples({
        "timemory settings                        all of them, here and now",
        "timemory settings flat_profile           one, with what it does",
        "TIMEMORY_CONFIG_FILE=job.cfg timemory settings | grep -v default",
    }));
    command->callback([name, &status] { status = show(*name); });
}

}  // namespace tim::cli
