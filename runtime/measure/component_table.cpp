#include "measure/component_table.hpp"

#include <algorithm>
#include <cctype>
#include <mutex>

#include "settings/nearest.hpp"

namespace tim {
namespace {

constexpr double second = 1e9;    // ns
constexpr double megabyte = 1e6;  // bytes: decimal, as timemory's default display unit
constexpr double percent = 1e4;   // parts per million

component time_component(std::string id, std::string label, std::string description,
                         std::vector<std::string> aliases, int number, source_kind source,
                         bool per_thread, combine over_threads) {
    return {.what = {.id = std::move(id),
                     .label = std::move(label),
                     .description = std::move(description),
                     .aliases = std::move(aliases),
                     .enum_value = number,
                     .kind = quantity::time,
                     .unit = "sec",
                     .unit_value = second,
                     .over_threads = over_threads,
                     .per_thread = per_thread},
            .from = {.source = source}};
}

component memory_component(const std::string& id, std::string description, int number,
                           derivation how, reading from) {
    const combine rule = how == derivation::high_water ? combine::maximum : combine::sum;
    return {.what = {.id = id,
                     .label = id,
                     .description = std::move(description),
                     .enum_value = number,
                     .kind = quantity::memory,
                     .unit = "MB",
                     .unit_value = megabyte,
                     .over_laps = rule,
                     .over_threads = combine::maximum,
                     .over_ranks = rule},
            .how = how,
            .from = from};
}

/// The enumeration's numbers are those in timemory 3's files, where one is known; scripts find
/// components by key.
std::vector<component> built_in() {
    std::vector<component> rows;
    rows.push_back(time_component("wall_clock", "wall", "Real-clock timer (i.e. wall-clock timer)",
                                  {"real_clock", "virtual_clock"}, 78, source_kind::clock, false,
                                  combine::sum));
    rows.push_back(time_component(
        "cpu_clock", "cpu", "Total CPU time spent in both user- and kernel-mode by the process", {},
        -1, source_kind::process_cpu, false, combine::maximum));
    rows.push_back(time_component("thread_cpu_clock", "thread_cpu",
                                  "CPU time spent by the calling thread", {"cpu_thread_clock"}, -1,
                                  source_kind::thread_cpu, true, combine::sum));
    rows.push_back(
        {.what = {.id = "cpu_util",
                  .label = "cpu_util",
                  .description = "Percentage of CPU-clock time divided by wall-clock time",
                  .aliases = {"cpu_utilization"},
                  .kind = quantity::percent,
                  .unit = "%",
                  .unit_value = percent,
                  .over_threads = combine::maximum,
                  .ratio = true},
         .how = derivation::ratio,
         .from = {.source = source_kind::process_cpu},
         .over = {.source = source_kind::clock}});
    rows.push_back(memory_component(
        "peak_rss", "High-water mark of the process's resident memory when the region ended", 47,
        derivation::high_water, {.source = source_kind::peak_memory}));
    rows.push_back(memory_component("page_rss", "Change of the process's resident memory", -1,
                                    derivation::difference,
                                    {.source = source_kind::statm, .value = 1}));
    rows.push_back(memory_component("virtual_memory", "Change of the process's virtual memory", -1,
                                    derivation::difference,
                                    {.source = source_kind::statm, .value = 0}));
    return rows;
}

struct table {
    std::mutex lock;
    std::vector<component> rows = built_in();
};

table& the_table() {
    static auto* const t = new table;  // never destroyed: regions may end during exit
    return *t;
}

std::string normal_form(std::string_view name) {
    std::string form{name};
    for (char& c : form)
        c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return form;
}

const component* find_in(const std::vector<component>& rows, std::string_view name) {
    const std::string form = normal_form(name);
    for (const component& row : rows) {
        const auto& what = row.what;
        if (normal_form(what.id) == form || normal_form(what.label) == form ||
            std::find(what.aliases.begin(), what.aliases.end(), form) != what.aliases.end())
            return &row;
    }
    return nullptr;
}

bool is_identifier(std::string_view id) {
    if (id.empty() || std::isdigit(static_cast<unsigned char>(id[0])) != 0) return false;
    return std::all_of(id.begin(), id.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    });
}

}  // namespace

std::optional<component> find_component(std::string_view name) {
    table& t = the_table();
    const std::lock_guard guard{t.lock};
    const component* row = find_in(t.rows, name);
    return row != nullptr ? std::optional{*row} : std::nullopt;
}

std::vector<std::string> component_ids() {
    table& t = the_table();
    const std::lock_guard guard{t.lock};
    std::vector<std::string> ids;
    for (const component& row : t.rows) ids.push_back(row.what.id);
    return ids;
}

std::optional<component> component_at(std::size_t index) {
    table& t = the_table();
    const std::lock_guard guard{t.lock};
    return index < t.rows.size() ? std::optional{t.rows[index]} : std::nullopt;
}

std::string add_component(component row) {
    if (!is_identifier(row.what.id))
        return "the id '" + row.what.id + "' is not a name of letters, digits and _";
    if (row.what.label.empty() || row.what.label.find_first_of("/\n") != std::string::npos)
        return "the label '" + row.what.label + "' can't be part of a file name";
    table& t = the_table();
    const std::lock_guard guard{t.lock};
    for (const auto& name : {row.what.id, row.what.label})
        if (const component* other = find_in(t.rows, name); other != nullptr)
            return "'" + name + "' already names the component " + other->what.id;
    t.rows.push_back(std::move(row));
    return {};
}

std::vector<component> parse_components(std::string_view list,
                                        const std::function<void(std::string_view)>& unknown) {
    constexpr std::string_view separators = ",;: \t\n\"'";
    table& t = the_table();
    std::vector<bool> chosen;
    std::vector<std::string_view> strangers;
    std::vector<component> rows;
    {
        const std::lock_guard guard{t.lock};
        chosen.resize(t.rows.size());
        while (!list.empty()) {
            const std::size_t begin = list.find_first_not_of(separators);
            if (begin == std::string_view::npos) break;
            const std::string_view name =
                list.substr(begin, list.substr(begin).find_first_of(separators));
            list.remove_prefix(begin + name.size());
            const component* row = find_in(t.rows, name);
            if (row != nullptr)
                chosen[static_cast<std::size_t>(row - t.rows.data())] = true;
            else
                strangers.push_back(name);
        }
        for (std::size_t i = 0; i < chosen.size(); ++i)
            if (chosen[i]) rows.push_back(t.rows[i]);
    }
    for (const std::string_view name : strangers) unknown(name);
    return rows;
}

std::string nearest_component(std::string_view name) {
    table& t = the_table();
    const std::lock_guard guard{t.lock};
    std::vector<std::string_view> names;
    for (const component& row : t.rows) {
        names.push_back(row.what.id);
        names.insert(names.end(), row.what.aliases.begin(), row.what.aliases.end());
    }
    return std::string{nearest(name, names)};
}

}  // namespace tim
