// The C ABI: settings.

#include <algorithm>
#include <cstring>

#include "library/abi.hpp"
#include "output/files.hpp"
#include "settings/command_line.hpp"
#include "settings/config_file.hpp"

namespace tim::abi {
namespace {

/// Whether the setting says what else is read.
bool is_about_reading(std::string_view name) {
    name = setting_of_option(name);
    return name == "config_file" || name == "suppress_config" || name == "suppress_parsing";
}

}  // namespace

std::string assign_setting(const char* name, const char* value, setting_origin from) {
    if (name == nullptr || value == nullptr) return "timemory_set_setting: NULL is not a setting";
    // What says which files and variables are read comes before they are.
    if (is_about_reading(name)) set_setting(name, value, from);
    ensure_settings();
    std::string problem = set_setting(name, value, from);
    if (!problem.empty()) return problem;
    if (is_about_reading(name)) {
        const std::string_view about = setting_of_option(name);
        const settings s = current_settings();
        if (about == "suppress_config" && s.suppress_config) forget_settings(setting_origin::file);
        if (about == "suppress_parsing" && s.suppress_parsing)
            forget_settings(setting_origin::environment);
        read_config_files();
    }
    apply_settings();
    return {};
}

}  // namespace tim::abi

using namespace tim::abi;

extern "C" {

int timemory_parse_arguments(int* argc, char** argv) {
    return guarded("timemory_parse_arguments", [&] {
        if (argc == nullptr || argv == nullptr) return complain("timemory_parse_arguments: NULL");
        tim::arguments taken = tim::take_arguments(*argc, argv);
        std::stable_partition(taken.assignments.begin(), taken.assignments.end(),
                              [](const auto& one) { return is_about_reading(one.name); });
        for (const auto& [name, value] : taken.assignments) {
            std::string problem =
                assign_setting(name.c_str(), value.c_str(), tim::setting_origin::command_line);
            if (!problem.empty()) taken.wrong.push_back(std::move(problem));
        }
        for (const std::string& line : taken.wrong) tim::say_once_per_job(line);
        return taken.wrong.empty() ? 0 : -1;
    });
}

int timemory_set_setting(const char* name, const char* value) {
    return guarded("timemory_set_setting", [&] {
        const std::string problem = assign_setting(name, value);
        return problem.empty() ? 0 : complain(problem);
    });
}

int timemory_get_setting(const char* name, char* value, size_t size) {
    return guarded("timemory_get_setting", [&] {
        if (name == nullptr) return -1;
        tim::ensure_settings();
        const auto found = tim::get_setting(name);
        if (!found) return -1;
        if (value != nullptr && size > 0) copy_text(*found, value, size);
        return static_cast<int>(found->size());
    });
}

int timemory_describe_setting(size_t index, timemory_setting_info* info) {
    const auto rows = tim::setting_table();
    if (too_small(info) || index >= rows.size()) return -1;
    const tim::setting_info& row = rows[index];
    *info = {.size = info->size,
             .name = row.name.data(),
             .environment = row.environment.data(),
             .type = tim::type_name(row.type).data(),
             .standard = row.standard.data(),
             .group = row.group.data(),
             .description = row.description.data(),
             .command_line = row.command_line.data(),
             .choices = row.choices.data()};
    return 0;
}

int timemory_set_setting_from(const char* origin, const char* name, const char* value,
                              char* problem, size_t size) {
    return guarded("timemory_set_setting_from", [&] {
        const bool line = origin != nullptr && std::strcmp(origin, "command line") == 0;
        const std::string wrong = assign_setting(
            name, value, line ? tim::setting_origin::command_line : tim::setting_origin::code);
        if (problem != nullptr && size > 0) copy_text(wrong, problem, size);
        return wrong.empty() ? 0 : -1;
    });
}

int timemory_check_setting(const char* name, const char* value, char* text, size_t size) {
    return guarded("timemory_check_setting", [&] {
        if (name == nullptr || value == nullptr || text == nullptr || size == 0) return -1;
        std::string normal;
        const std::string wrong = tim::check_setting(name, value, normal);
        copy_text(wrong.empty() ? normal : wrong, text, size);
        return wrong.empty() ? 0 : -1;
    });
}

int timemory_setting_origin(const char* name, char* origin, size_t size) {
    return guarded("timemory_setting_origin", [&] {
        if (name == nullptr) return -1;
        tim::ensure_settings();
        const std::string from = tim::setting_origin_of(name);
        if (from.empty()) return -1;
        if (origin != nullptr && size > 0) copy_text(from, origin, size);
        return static_cast<int>(from.size());
    });
}

int timemory_explain_settings(char** text) {
    return guarded("timemory_explain_settings", [&] {
        if (text == nullptr) return -1;
        tim::ensure_settings();
        return give(tim::explain_settings(), text);
    });
}

int timemory_read_config(const char* path) {
    return guarded("timemory_read_config", [&] {
        if (path == nullptr) return complain("timemory_read_config: NULL is not a path");
        tim::ensure_settings();
        const auto wrong = tim::read_config_file(path, true, tim::setting_origin::code);
        for (const std::string& line : wrong) tim::say_once_per_job(line);
        tim::apply_settings();
        return wrong.empty() ? 0 : -1;
    });
}

int timemory_file_name(int which, const char* folder, const char* label, char* path, size_t size) {
    return guarded("timemory_file_name", [&] {
        if (label == nullptr || path == nullptr || size == 0) return -1;
        tim::ensure_settings();
        tim::settings s = tim::file_settings();
        if (which == TIMEMORY_INPUT) {
            if (!s.input_path.empty()) s.output_path = s.input_path;
            if (!s.input_prefix.empty()) s.output_prefix = s.input_prefix;
        }
        if (folder != nullptr && *folder != 0) s.output_path = folder;
        const std::string found = tim::path_without_extension(s, label);
        copy_text(found, path, size);
        return static_cast<int>(found.size());
    });
}

}  // extern "C"
