// `timemory settings`: what is in force, and why.

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "cli/commands.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim::cli {

exit_code show_settings(const std::string& wanted) {
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

}  // namespace tim::cli
