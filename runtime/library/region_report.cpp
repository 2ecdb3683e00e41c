#include "library/region_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "library/results.hpp"
#include "timemory/timemory.h"

namespace tim {
namespace {

using nlohmann::json;

/// `a` of `>>>   |_a`.
std::string_view name_in(std::string_view prefix) {
    const std::size_t arrow = prefix.find(">>> ");
    if (arrow != std::string_view::npos) prefix.remove_prefix(arrow + 4);
    prefix.remove_prefix(std::min(prefix.find_first_not_of(" |_"), prefix.size()));
    return prefix;
}

/// One value of a component, or each of its values.
std::string shown_values(const json& data, const json& unit, const json& label) {
    if (label.is_array()) {
        std::string all;
        for (std::size_t i = 0; i < label.size(); ++i)
            all += (i > 0 ? ", " : "") + shown_values(data[i], unit[i], label[i]);
        return all;
    }
    const auto& in = unit.get_ref<const std::string&>();
    const auto& of = label.get_ref<const std::string&>();
    const auto value = data.get<double>();
    return in.empty() ? fmt::format("{:g} {}", value, of)
                      : fmt::format("{:.3f} {} {}", value, in, of);
}

}  // namespace

void print_region(region_id region) {
    std::string components;
    for (const component_description& what : bundle_of(region).components)
        components += what.id + ',';
    if (components.empty()) return;
    const std::string_view name = name_of(region).text;
    const json results = json::parse(local_text(TIMEMORY_JSON, components));
    std::string totals;
    std::int64_t laps = 0;
    for (const auto& metric : results.at("timemory"))
        for (const auto& rank : metric.at("ranks")) {
            // What it called of its own name is part of it.
            constexpr std::int64_t outside = std::numeric_limits<std::int64_t>::max();
            std::int64_t within = outside;
            for (const auto& row : rank.at("graph")) {
                const auto depth = row.at("depth").get<std::int64_t>();
                if (depth > within) continue;
                within = outside;
                if (name_in(row.at("prefix").get_ref<const std::string&>()) != name_in(name))
                    continue;
                within = depth;
                const auto& entry = row.at("entry");
                laps = std::max(laps, entry.at("laps").get<std::int64_t>());
                totals +=
                    (totals.empty() ? "" : ", ") +
                    shown_values(entry.at("repr_data"), metric.at("unit_repr"), metric.at("type"));
            }
        }
    if (totals.empty()) return;
    std::fputs(fmt::format("{}: {} [laps: {}]\n", name, totals, laps).c_str(), stdout);
    std::fflush(stdout);
}

}  // namespace tim
