// `timemory avail`: what can be measured, and what can be set.

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "cli/commands.hpp"
#include "measure/component_table.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim::cli {
namespace {

using json = nlohmann::ordered_json;

/// Whether one of the texts has what is looked for.
class search {
public:
    explicit search(const std::string& pattern)
        : expression_{pattern, std::regex::ECMAScript | std::regex::icase}, all_{pattern.empty()} {}
    [[nodiscard]] bool finds(std::initializer_list<std::string_view> texts) const {
        if (all_) return true;
        for (const std::string_view text : texts)
            if (std::regex_search(text.begin(), text.end(), expression_)) return true;
        return false;
    }

private:
    std::regex expression_;
    bool all_;
};

json components(const search& wanted) {
    json rows = json::array();
    for (const std::string& id : component_ids()) {
        const std::optional<component> row = find_component(id);
        if (!row) continue;
        std::string aliases;
        for (const std::string& alias : row->what.aliases)
            aliases += (aliases.empty() ? "" : ", ") + alias;
        if (!wanted.finds({id, row->what.label, aliases, row->what.description})) continue;
        rows.push_back({{"id", id},
                        {"aliases", row->what.aliases},
                        {"label", row->what.label},
                        {"unit", row->what.unit},
                        {"description", row->what.description},
                        {"available", row->needs.empty()},
                        {"needs", row->needs}});
    }
    return rows;
}

json all_settings(const search& wanted) {
    json rows = json::array();
    for (const setting_info& row : setting_table())
        if (wanted.finds({row.name, row.environment, row.description}))
            rows.push_back({{"name", row.name},
                            {"environment", row.environment},
                            {"type", type_name(row.type)},
                            {"default", row.standard},
                            {"value", get_setting(row.name).value_or("")},
                            {"group", row.group},
                            {"description", row.description}});
    return rows;
}

void show_components(const json& rows) {
    fmt::print("{:<30} {:<6} {:<9} {}\n", "COMPONENT", "UNIT", "AVAILABLE", "DESCRIPTION");
    for (const json& row : rows) {
        const bool available = row["available"];
        fmt::print("{:<30} {:<6} {:<9} {}\n", row["id"].get<std::string>(),
                   row["unit"].get<std::string>(), available ? "yes" : "no",
                   available ? row["description"].get<std::string>()
                             : "needs " + row["needs"].get<std::string>());
    }
}

void show_settings(const json& rows) {
    fmt::print("{:<42} {:<20} {}\n", "SETTING", "VALUE", "DESCRIPTION");
    for (const json& row : rows)
        fmt::print("{:<42} {:<20} {}\n", row["environment"].get<std::string>(),
                   row["value"].get<std::string>(), row["description"].get<std::string>());
}

}  // namespace

exit_code avail(const avail_request& request) {
    const bool both = request.components == request.settings;
    try {
        const search wanted{request.pattern};
        json found;
        if (both || request.components) found["components"] = components(wanted);
        if (both || request.settings) found["settings"] = all_settings(wanted);
        bool any = false;
        for (const json& rows : found) any |= !rows.empty();
        if (!any) {
            say(fmt::format("nothing has '{}' in its name or description", shown(request.pattern)));
            return failed;
        }
        if (request.json) {
            fmt::print("{}\n", found.dump(2));
            return ok;
        }
        if (found.contains("components") && !found["components"].empty())
            show_components(found["components"]);
        if (found.size() == 2 && !found["components"].empty() && !found["settings"].empty())
            fmt::print("\n");
        if (found.contains("settings") && !found["settings"].empty())
            show_settings(found["settings"]);
        return ok;
    } catch (const std::regex_error&) {
        say(fmt::format("'{}' is no regular expression", shown(request.pattern)));
        return wrong_usage;
    }
}

}  // namespace tim::cli
