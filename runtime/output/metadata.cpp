#include "output/metadata.hpp"

#include <fmt/format.h>

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "output/place.hpp"
#include "output/stream.hpp"
#include "profile/index_table.hpp"
#include "settings/settings.hpp"

namespace tim {
namespace {

using json = nlohmann::ordered_json;

struct given_metadata {
    std::mutex lock;
    json members = json::object();  ///< the user's
    json of_another_run;            ///< null: this process is described
};

given_metadata& given() {
    static auto* const m = new given_metadata;  // never destroyed: outputs come at exit
    return *m;
}

std::atomic<int> write_mode{0};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string working_folder() {
    char folder[PATH_MAX];
    return getcwd(folder, sizeof folder) != nullptr ? folder : environment("PWD");
}

/// What /proc/cpuinfo says of the first processor, and how many cores there are.
void add_processor(json& info) {
    std::ifstream file{"/proc/cpuinfo"};
    std::string model;
    std::string vendor;
    std::string features;
    std::string frequency;
    std::string package;
    std::set<std::string> cores;
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        const std::string key = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
        const std::string value = colon + 2 < line.size() ? line.substr(colon + 2) : "";
        if (key == "model name" && model.empty()) model = value;
        if (key == "vendor_id" && vendor.empty()) vendor = value;
        if (key == "cpu MHz" && frequency.empty()) frequency = value;
        if ((key == "flags" || key == "Features") && features.empty()) features = value;
        if (key == "physical id") package = value;
        if (key == "core id") cores.insert(fmt::format("{}:{}", package, value));
    }
    const long threads = sysconf(_SC_NPROCESSORS_ONLN);
    info["CPU_MODEL"] = model;
    info["CPU_VENDOR"] = vendor;
    info["CPU_FEATURES"] = features;
    info["CPU_FREQUENCY"] = frequency;
    info["HW_CONCURRENCY"] = threads;
    info["HW_PHYSICAL_CPU"] = cores.empty() ? threads : static_cast<long>(cores.size());
    info["HW_L1_CACHE_SIZE"] = std::max(sysconf(_SC_LEVEL1_DCACHE_SIZE), 0L);
    info["HW_L2_CACHE_SIZE"] = std::max(sysconf(_SC_LEVEL2_CACHE_SIZE), 0L);
    info["HW_L3_CACHE_SIZE"] = std::max(sysconf(_SC_LEVEL3_CACHE_SIZE), 0L);
}

json info() {
    json members;
    for (const char* name : {"SHELL", "HOME", "USER"}) members[name] = environment(name);
    members["PWD"] = working_folder();
    utsname system{};
    if (uname(&system) == 0) members["HOSTNAME"] = system.nodename;
    members["LAUNCH_DATE"] = launch_time("%D");
    members["LAUNCH_TIME"] = launch_time("%H:%M");
    members["TIMEMORY_API"] = "tim::project::timemory";
    members["TIMEMORY_VERSION"] = TIMEMORY_VERSION;
    add_processor(members);
    given_metadata& m = given();
    const std::lock_guard guard{m.lock};
    members.update(m.members);
    return members;
}

json value_of(const setting_info& row) {
    const std::string text = get_setting(row.name).value_or("");
    if (row.type == setting_type::text) return text;
    const auto number = json::parse(text, nullptr, false);  // also true and false
    return number.is_discarded() ? json(text) : number;
}

json standard_of(const setting_info& row) {
    if (row.type == setting_type::text) return std::string{row.standard};
    const auto number = json::parse(row.standard, nullptr, false);
    return number.is_discarded() ? json(std::string{row.standard}) : number;
}

json all_settings() {
    json rows;
    for (const setting_info& row : setting_table()) {
        json spellings = json::array();
        std::string_view rest = row.command_line;
        while (!rest.empty()) {
            const std::string_view word = rest.substr(0, rest.find(' '));
            spellings.push_back(std::string{word});
            rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        }
        rows[std::string{row.environment}] = {{"name", std::string{row.name}},
                                              {"environ", std::string{row.environment}},
                                              {"description", std::string{row.description}},
                                              {"count", 1},
                                              {"max_count", 1},
                                              {"cmdline", spellings},
                                              {"data_type", std::string{type_name(row.type)}},
                                              {"initial", standard_of(row)},
                                              {"value", value_of(row)}};
    }
    rows["command_line"] = command_line();
    rows["environment"] = json::array();
    return rows;
}

json own_environment() {
    json variables = json::object();
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view assignment{*entry};
        const std::size_t equals = assignment.find('=');
        if (equals == std::string_view::npos) continue;
        if (assignment.starts_with("TIMEMORY_") || assignment.starts_with("OMP_"))
            variables[std::string{assignment.substr(0, equals)}] =
                std::string{assignment.substr(equals + 1)};
    }
    return variables;
}

}  // namespace

void add_metadata(std::string_view label, std::string_view value) {
    json parsed = json::parse(value, nullptr, false);
    if (parsed.is_discarded()) parsed = std::string{value};
    given_metadata& m = given();
    const std::lock_guard guard{m.lock};
    m.members[std::string{label}] = std::move(parsed);
}

void set_recorded_metadata(const std::string& document) {
    const json parsed = json::parse(document, nullptr, false);
    const json::json_pointer place{"/timemory/metadata"};
    given_metadata& m = given();
    const std::lock_guard guard{m.lock};
    m.of_another_run = parsed.contains(place) ? parsed[place] : json{};
}

std::string metadata_document(const written_files& files) {
    json metadata;
    {
        given_metadata& m = given();
        const std::lock_guard guard{m.lock};
        metadata = m.of_another_run;  // with all members, in this order
    }
    const bool here = metadata.empty();
    if (here) metadata["info"] = info();
    if (here) metadata["settings"] = all_settings();
    metadata["output"] = {{"text", files.text}, {"json", files.json}};
    metadata["own_cost"] = {{"regions", files.own_cost.regions},
                            {"seconds", static_cast<double>(files.own_cost.nanoseconds) / 1e9},
                            {"memory", files.own_cost.memory}};
    if (here) metadata["environment"] = own_environment();
    const json top = {{"timemory", {{"metadata", std::move(metadata)}}}};
    return top.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

void set_write_metadata(int mode) noexcept {
    write_mode = mode;
}
int write_metadata_mode() noexcept {
    return write_mode;
}

void write_functions(const result& r, const sink& sink_of_text) {
    stream out{sink_of_text};
    out.write(R"({"timemory":{"functions":{)");
    std::size_t most = 0;
    for (const profile& p : r.profiles) most += p.names.size();
    std::vector<std::string_view> names;  // each once, in the order of the paths
    names.reserve(most);
    index_table known{most};
    const auto add = [&](std::string_view name) {
        const std::uint64_t hash = path_hash(0, path_kind::region, name);
        const auto next = static_cast<std::uint32_t>(names.size());
        if (known.find_or_insert(hash, next, [&](std::uint32_t i) { return names[i] == name; }) !=
            next)
            return;
        if (!names.empty()) out.write(',');
        names.push_back(name);
        out.json_string(name);
        out.write(":[");
        out.json(hash);
        out.write(']');
    };
    for (const profile& p : r.profiles)
        for (const path& here : p.paths)
            if (here.kind == path_kind::region || here.kind == path_kind::capped) add(p.name(here));
    out.write("}}}\n");
    out.finish();
}

}  // namespace tim
