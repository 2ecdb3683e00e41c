#include "settings/settings.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "settings/config_file.hpp"
#include "settings/nearest.hpp"
#include "settings/say.hpp"
#include "settings/unit_names.hpp"
#include "system/installation.hpp"

namespace tim {

namespace {

constexpr std::string_view prefix = "TIMEMORY_";

// The default as text, zero-terminated since the C ABI hands it out.
#define STANDARD_boolean(value) #value
#define STANDARD_int16(value) #value
#define STANDARD_int32(value) #value
#define STANDARD_int64(value) #value
#define STANDARD_uint16(value) #value
#define STANDARD_uint64(value) #value
#define STANDARD_size(value) #value
#define STANDARD_text(value) value

constexpr setting_info table[] = {
#define SETTING(type, name, suffix, standard, group, command_line, choices, description) \
    {#name,                                                                              \
     "TIMEMORY_" #suffix,                                                                \
     setting_type::type,                                                                 \
     STANDARD_##type(standard),                                                          \
     #group,                                                                             \
     command_line,                                                                       \
     choices,                                                                            \
     description},
#include "settings/settings.def"
#undef SETTING
};

using member = std::variant<bool settings::*, std::int64_t settings::*, std::string settings::*>;

constexpr member members[] = {
#define SETTING(type, name, suffix, standard, group, command_line, choices, description) \
    &settings::name,
#include "settings/settings.def"
#undef SETTING
};

/// Groups of settings whose support is not built in: their settings are checked and do nothing.
constexpr std::string_view unsupported_groups[] = {
    "ompt", "nccl", "kokkos", "upcxx", "papi", "cupti", "roofline", "craypat",
};

/// Settings of what is done otherwise here.
constexpr std::pair<std::string_view, std::string_view> needless[] = {
    {"max_thread_bookmarks", "the trees of threads need no bookmarks here"},
    {"cuda_event_batch_size", "cuda_event makes CUDA events as it needs them, and uses them again"},
    {"nvtx_marker_device_sync", "an NVTX range ends with its region, and waits for no device"},
};

/// Why the setting does nothing; empty if it does something.
std::string without_effect(const setting_info& row) {
    for (const auto& [name, why] : needless)
        if (row.name == name) return std::string{why};
    if (row.name == "cupti_activity_level" || row.name == "cupti_activity_kinds")
        return installed_library("libtimemory-cupti.so").empty()
                   ? "libtimemory-cupti.so is not installed"
                   : std::string{};
    const bool unsupported = std::find(std::begin(unsupported_groups), std::end(unsupported_groups),
                                       row.group) != std::end(unsupported_groups);
    if (!unsupported) return {};
    return fmt::format("this build has no {} support",
                       row.group == "cupti" ? "CUPTI counter and sampling" : row.group);
}

// Variables of the environment that are no settings, by their suffix: those of timemory 3, and
// those by which build systems and module files find an installation.
constexpr std::string_view other_variables[] = {
    "LIBRARY_CTOR",
    "LIBRARY_DTOR",
    "SKIP_FINALIZE",
    "PYTHON_BINDINGS",
    "CXX_PLOT_MODE",
    "USE_OUTPUT_SUFFIX",
    "RUN",
    "GPU_PRELOADED",
    "ENABLE_MPIP",
    "MPIP_PERMIT_LIST",
    "MPIP_REJECT_LIST",
    "MPIP_COMM_DATA",
    "MPI_LIBRARY",
    "ENABLE_PTHREAD_GOTCHA_WRAPPER",
    "MPI_FINALIZE_COMM_KEYVAL",
    "MPI_FINALIZE_GOTCHA_WRAPPER",
    "INSTRUMENTATION_MODE",
    "ROOT",
    "DIR",
    "HOME",
    "VERSION",
};

struct place {
    setting_origin from = setting_origin::standard;
    std::string detail;
};

/// What a setting had from its default, a file and the environment, as text.
struct given_value {
    std::string text;
    place where;
};
constexpr std::size_t levels = 3;  // standard, file, environment

struct state {
    state();
    std::mutex lock;
    settings values;
    std::array<place, std::size(table)> places{};
    std::array<bool, std::size(table)> warned{};
    std::array<std::array<std::optional<given_value>, levels>, std::size(table)> given{};
    bool environment_read = false;
    std::vector<std::string> files_read;
    std::map<std::string, std::string, std::less<>> variables;  ///< no settings; from files
};

state::state() {
    // "~/" in a list of paths is the home folder.
    const char* home = std::getenv("HOME");
    std::string& files = values.config_file;
    for (std::size_t i = 0; home != nullptr && (i = files.find("~/", i)) != std::string::npos;)
        files.replace(i, 1, home);
}

// Never destroyed: other exit handlers use the settings until the very end.
state& shared() {
    static state& only = *std::make_unique<state>().release();
    return only;
}

char to_upper(char c) noexcept {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

bool equal_but_case(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return to_upper(x) == to_upper(y); });
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool starts_with_prefix(std::string_view name) noexcept {
    return name.starts_with(prefix);
}

/// Rows of `table`, or its size.
std::size_t find_setting(std::string_view name) noexcept {
    const auto* row = std::find_if(std::begin(table), std::end(table), [&](const auto& r) {
        return r.name == name || r.environment == name;
    });
    return static_cast<std::size_t>(row - std::begin(table));
}

/// Whether the variable is read elsewhere, or is known not to be a setting.
bool is_other_variable(std::string_view variable) noexcept {
    const std::string_view suffix = variable.substr(prefix.size());
    return std::find(std::begin(other_variables), std::end(other_variables), suffix) !=
               std::end(other_variables) ||
           suffix.starts_with("PRINT_") || suffix.ends_with("_ENABLED");
}

/// The known name that is nearest to `name`, in the form of `name`: a variable or a setting's name.
std::string nearest_name(std::string_view name) {
    const bool variable = starts_with_prefix(name);
    std::vector<std::string_view> known;
    for (const setting_info& row : table) known.push_back(row.environment.substr(prefix.size()));
    if (!variable) {
        known.clear();
        for (const setting_info& row : table) known.push_back(row.name);
        return std::string(nearest(name, known));
    }
    known.insert(known.end(), std::begin(other_variables), std::end(other_variables));
    return std::string(prefix) + std::string(nearest(name.substr(prefix.size()), known));
}

std::string to_text(bool value) {
    return value ? "true" : "false";
}
std::string to_text(std::int64_t value) {
    return fmt::format("{}", value);
}
std::string to_text(const std::string& value) {
    return value;
}

// parse() assigns and returns an empty string, or says what is wrong with the text.

std::string parse(std::string_view text, const setting_info&, setting_origin from, bool& value) {
    // An empty variable switches on, as in timemory 3; in code it is more likely a mistake.
    if (text.empty() && from == setting_origin::environment) {
        value = true;
        return {};
    }
    const std::optional<bool> parsed = parse_boolean(text);
    if (!parsed)
        return "is not a truth value (on, off, true, false, yes, no, y, n, t, f or a whole number)";
    value = *parsed;
    return {};
}

template <class Integer>
constexpr std::pair<std::int64_t, std::int64_t> bounds_of() noexcept {
    using limits = std::numeric_limits<Integer>;
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    return {
        static_cast<std::int64_t>(limits::min()),
        std::cmp_greater(limits::max(), most) ? most : static_cast<std::int64_t>(limits::max())};
}

std::pair<std::int64_t, std::int64_t> bounds(setting_type type) noexcept {
    switch (type) {
        case setting_type::int16:
            return bounds_of<std::int16_t>();
        case setting_type::int32:
            return bounds_of<std::int32_t>();
        case setting_type::uint16:
            return bounds_of<std::uint16_t>();
        case setting_type::uint64:
        case setting_type::size:
            return bounds_of<std::uint64_t>();
        default:
            return bounds_of<std::int64_t>();
    }
}

std::string parse(std::string_view text, const setting_info& row, setting_origin,
                  std::int64_t& value) {
    std::string_view digits = trimmed(text);
    if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
    std::int64_t parsed = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
    if (error == std::errc::invalid_argument || end != digits.data() + digits.size())
        return "is not a whole number";
    const auto [least, most] = bounds(row.type);
    if (error == std::errc::result_out_of_range || parsed < least || parsed > most)
        return fmt::format("is not between {} and {}", least, most);
    value = parsed;
    return {};
}

/// What is wrong with the name of a unit; empty if nothing is, or the setting is about no unit.
std::string wrong_unit(const setting_info& row, std::string_view name) {
    const bool time = row.name == "timing_units";
    if (name.empty() || (!time && row.name != "memory_units")) return {};
    const auto units = time ? time_units() : memory_units();
    if (find_unit(units, name) != nullptr) return {};
    std::string accepted;
    for (const unit& u : units) accepted += (accepted.empty() ? "" : ", ") + std::string{u.shown};
    return "is not a unit; accepted are " + accepted;
}

std::string parse(std::string_view text, const setting_info& row, setting_origin,
                  std::string& value) {
    if (std::string wrong = wrong_unit(row, text); !wrong.empty()) return wrong;
    if (!row.choices.empty() && text != row.standard) {
        const std::string all = fmt::format("|{}|", row.choices);
        const bool is_one = text.find('|') == std::string_view::npos && !text.empty() &&
                            all.find(fmt::format("|{}|", text)) != std::string::npos;
        if (!is_one) return fmt::format("is none of {}", row.choices);
    }
    value = text;
    return {};
}

/// A place as the beginning of a line.
std::string in_front(std::string_view where) {
    return where.empty() ? std::string{} : shown(where, 4096) + ": ";
}

bool is_explicit(setting_origin from) noexcept {
    return from >= setting_origin::command_line;
}

/// Assigns the setting of row `index`; the caller holds the lock. `lines` takes what is to be said
/// although the assignment is done.
std::string assign(state& s, std::size_t index, std::string_view text, setting_origin from,
                   std::string_view where, std::vector<std::string>& lines) {
    return std::visit(
        [&](auto pointer) -> std::string {
            auto& value = s.values.*pointer;
            auto parsed = value;
            const setting_info& row = table[index];
            const std::string wrong = text.find('\0') != std::string_view::npos
                                          ? "has a zero byte"
                                          : parse(text, row, from, parsed);
            if (!wrong.empty()) {
                const std::string origin = where.empty() && from == setting_origin::environment
                                               ? fmt::format(" from {}", row.environment)
                                               : std::string();
                return fmt::format("{}setting '{}': '{}'{} {}; keeping {}", in_front(where),
                                   row.name, shown(text), origin, wrong, shown(to_text(value)));
            }
            const bool changes = parsed != value;
            auto& given = s.given[index];
            if (!given[0]) given[0] = {to_text(value), {}};
            if (!is_explicit(from))
                given[static_cast<std::size_t>(from)] = {
                    to_text(parsed), {.from = from, .detail = std::string{where}}};
            // What was set in code stays, also where files and environment are read only after it.
            place& here = s.places[index];
            if (from >= here.from || (is_explicit(from) && is_explicit(here.from))) {
                value = std::move(parsed);
                here = {.from = from, .detail = std::string{where}};
            }
            if (const std::string why = changes ? without_effect(row) : std::string{};
                !why.empty() && !std::exchange(s.warned[index], true))
                lines.push_back(fmt::format("{}setting '{}' has no effect: {}", in_front(where),
                                            row.name, why));
            return {};
        },
        members[index]);
}

void say_lines(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) say_once_per_job(line);
}

}  // namespace

std::span<const setting_info> setting_table() noexcept {
    return table;
}

std::string_view type_name(setting_type type) noexcept {
    switch (type) {
        case setting_type::boolean:
            return "bool";
        case setting_type::int16:
            return "short";
        case setting_type::int32:
            return "int";
        case setting_type::int64:
            return "long";
        case setting_type::uint16:
            return "unsigned short";
        case setting_type::uint64:
            return "unsigned long long";
        case setting_type::size:
            return "unsigned long";
        case setting_type::text:
            break;
    }
    return "std::string";
}

settings current_settings() {
    state& s = shared();
    const std::lock_guard guard(s.lock);
    return s.values;
}

std::optional<std::string> get_setting(std::string_view name) {
    const std::size_t index = find_setting(name);
    if (index == std::size(table)) return std::nullopt;
    state& s = shared();
    const std::lock_guard guard(s.lock);
    return std::visit([&](auto pointer) { return to_text(s.values.*pointer); }, members[index]);
}

std::string set_setting(std::string_view name, std::string_view value, setting_origin from,
                        std::string_view where) {
    const std::size_t index = find_setting(name);
    state& s = shared();
    if (index == std::size(table)) {
        if (!where.empty() && starts_with_prefix(name) && is_other_variable(name) &&
            value.find('\0') == std::string_view::npos) {
            const std::lock_guard guard(s.lock);
            s.variables.insert_or_assign(std::string{name}, std::string{value});
            return {};
        }
        return fmt::format("{}there is no setting '{}'; the nearest name is '{}'", in_front(where),
                           shown(name), nearest_name(name));
    }
    std::vector<std::string> lines;
    std::string wrong;
    {
        const std::lock_guard guard(s.lock);
        wrong = assign(s, index, value, from, where, lines);
    }
    say_lines(lines);
    return wrong;
}

void forget_settings(setting_origin from) {
    state& s = shared();
    const std::lock_guard guard(s.lock);
    if (from == setting_origin::file) s.variables.clear();
    for (std::size_t i = 0; i < std::size(table); ++i) {
        auto& given = s.given[i];
        given[static_cast<std::size_t>(from)].reset();
        if (s.places[i].from != from) continue;
        const auto below =
            std::find_if(given.rbegin(), given.rend(), [](const auto& g) { return g.has_value(); });
        std::visit(
            [&](auto p) { parse((*below)->text, table[i], (*below)->where.from, s.values.*p); },
            members[i]);
        s.places[i] = (*below)->where;
    }
}

std::string check_setting(std::string_view name, std::string_view value, std::string& normal) {
    const std::size_t index = find_setting(name);
    if (index == std::size(table)) return set_setting(name, value, setting_origin::code);
    return std::visit(
        [&](auto pointer) -> std::string {
            auto parsed = settings{}.*pointer;
            const setting_info& row = table[index];
            const std::string wrong = parse(value, row, setting_origin::code, parsed);
            if (wrong.empty())
                normal = to_text(parsed);
            else
                return fmt::format("setting '{}': '{}' {}", row.name, shown(value), wrong);
            return {};
        },
        members[index]);
}

std::string setting_origin_of(std::string_view name) {
    const std::size_t index = find_setting(name);
    if (index == std::size(table)) return {};
    state& s = shared();
    const std::lock_guard guard(s.lock);
    const place& here = s.places[index];
    if (!here.detail.empty()) return here.detail;
    constexpr const char* names[] = {"default", "file", "environment", "command line", "code"};
    return names[static_cast<std::size_t>(here.from)];
}

std::string explain_settings() {
    constexpr std::size_t most_shown = 40;
    std::size_t widest_name = 0;
    std::size_t widest_value = 0;
    for (const setting_info& row : table) {
        widest_name = std::max(widest_name, row.name.size());
        widest_value = std::max(widest_value, get_setting(row.name).value_or("").size());
    }
    widest_value = std::min(widest_value, most_shown);
    std::string text;
    for (const setting_info& row : table)
        text += fmt::format("{:<{}} = {:<{}}  {}\n", row.name, widest_name,
                            shown(get_setting(row.name).value_or("")), widest_value,
                            setting_origin_of(row.name));
    return text;
}

void read_config_files() {
    state& s = shared();
    const auto is_new = [&](const std::string& path) {
        const std::lock_guard guard(s.lock);
        if (std::find(s.files_read.begin(), s.files_read.end(), path) != s.files_read.end())
            return false;
        s.files_read.push_back(path);
        return true;
    };
    // A file may name others, and may switch off those after it.
    for (bool any = true; std::exchange(any, false);) {
        const std::string list = current_settings().config_file;
        const bool given = setting_origin_of("config_file") != "default";
        constexpr std::string_view separators = ",;:";
        for (std::size_t at = 0; at < list.size();) {
            const std::size_t end = std::min(list.find_first_of(separators, at), list.size());
            const std::string path = list.substr(at, end - at);
            at = end + 1;
            if (current_settings().suppress_config) return;
            if (path.empty() || !is_new(path)) continue;
            any = true;
            say_lines(read_config_file(path, given, setting_origin::file));
        }
    }
}

std::optional<std::string> find_variable(std::string_view name) {
    const std::string variable{name};
    if (const char* value = std::getenv(variable.c_str())) return value;
    state& s = shared();
    const std::lock_guard guard(s.lock);
    const auto found = s.variables.find(variable);
    if (found == s.variables.end()) return std::nullopt;
    return found->second;
}

std::string_view setting_of_option(std::string_view option) {
    if (const std::size_t index = find_setting(option); index != std::size(table))
        return table[index].name;
    if (option.starts_with("--")) option.remove_prefix(2);
    if (option.starts_with("timemory-")) option.remove_prefix(9);
    const auto is_name = [option](std::string_view name) {
        return std::equal(option.begin(), option.end(), name.begin(), name.end(),
                          [](char x, char y) { return x == (y == '_' ? '-' : y); });
    };
    for (const setting_info& row : table) {
        if (is_name(row.name)) return row.name;
        for (std::string_view left = row.command_line; !left.empty();) {
            const std::size_t end = std::min(left.find(' '), left.size());
            const std::string_view spelling = left.substr(0, end);
            left.remove_prefix(std::min(end + 1, left.size()));
            if (spelling.starts_with("--") && option == spelling.substr(2)) return row.name;
        }
    }
    return {};
}

void read_environment() {
    state& s = shared();
    std::vector<std::string> lines;
    {
        const std::lock_guard guard(s.lock);
        if (std::exchange(s.environment_read, true)) return;
    }
    const auto take = [&](std::string_view variable, std::string_view value) {
        std::string wrong;
        if (const std::size_t index = find_setting(variable); index != std::size(table)) {
            const std::lock_guard guard(s.lock);
            wrong = assign(s, index, value, setting_origin::environment, {}, lines);
        } else if (!is_other_variable(variable)) {
            wrong = fmt::format("{} names no setting; the nearest name is {}", shown(variable),
                                nearest_name(variable));
        }
        if (!wrong.empty() && std::find(lines.begin(), lines.end(), wrong) == lines.end())
            lines.push_back(std::move(wrong));
    };
    // These say what else is read.
    for (const char* variable :
         {"TIMEMORY_SUPPRESS_PARSING", "TIMEMORY_SUPPRESS_CONFIG", "TIMEMORY_CONFIG_FILE"})
        if (const char* value = std::getenv(variable)) take(variable, value);
    read_config_files();
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view assignment(*entry);
        const std::size_t equals = assignment.find('=');
        if (!starts_with_prefix(assignment) || equals == std::string_view::npos ||
            current_settings().suppress_parsing)
            continue;
        take(assignment.substr(0, equals), assignment.substr(equals + 1));
    }
    say_lines(lines);
}

std::optional<bool> parse_boolean(std::string_view text) noexcept {
    text = trimmed(text);
    if (text.empty()) return std::nullopt;
    if (text.find_first_not_of("0123456789") == std::string_view::npos)
        return text.find_first_not_of('0') != std::string_view::npos;
    for (const char* accepted : {"on", "true", "yes", "y", "t"})
        if (equal_but_case(text, accepted)) return true;
    for (const char* accepted : {"off", "false", "no", "n", "f"})
        if (equal_but_case(text, accepted)) return false;
    return std::nullopt;
}

}  // namespace tim
