#include "settings/settings.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "settings/nearest.hpp"

namespace tim {

namespace {

constexpr std::string_view prefix = "TIMEMORY_";

// The default as text, zero-terminated since the C ABI hands it out.
#define STANDARD_boolean(value) #value
#define STANDARD_integer(value) #value
#define STANDARD_text(value) value

constexpr setting_info table[] = {
#define SETTING(type, name, suffix, standard, group, description)                \
    {#name,  "TIMEMORY_" #suffix, setting_type::type, STANDARD_##type(standard), \
     #group, description},
#include "settings/settings.def"
#undef SETTING
};

using member = std::variant<bool settings::*, std::int64_t settings::*, std::string settings::*>;

constexpr member members[] = {
#define SETTING(type, name, suffix, standard, group, description) &settings::name,
#include "settings/settings.def"
#undef SETTING
};

// Settings of timemory 3 that a later version brings back, by the suffix of their environment
// variable, and the few names in code that differ from it: a script that sets them keeps working.
constexpr std::string_view without_effect[] = {
    "CONFIG_FILE",
    "SUPPRESS_CONFIG",
    "SUPPRESS_PARSING",
    "MAX_DEPTH",
    "OMPT_COMPONENTS",
    "MPIP_COMPONENTS",
    "NCCLP_COMPONENTS",
    "TRACE_COMPONENTS",
    "PROFILER_COMPONENTS",
    "KOKKOS_COMPONENTS",
    "KOKKOSP_COMPONENTS",
    "DART_OUTPUT",
    "TIME_OUTPUT",
    "PLOT_OUTPUT",
    "DIFF_OUTPUT",
    "FLAMEGRAPH_OUTPUT",
    "CTEST_NOTES",
    "INPUT_PATH",
    "INPUT_PREFIX",
    "INPUT_EXTENSIONS",
    "TIME_FORMAT",
    "TIMING_PRECISION",
    "TIMING_WIDTH",
    "TIMING_UNITS",
    "TIMING_SCIENTIFIC",
    "MEMORY_PRECISION",
    "MEMORY_WIDTH",
    "MEMORY_UNITS",
    "MEMORY_SCIENTIFIC",
    "SEPARATOR_FREQ",
    "SEPARATOR_FREQUENCY",
    "MAX_THREAD_BOOKMARKS",
    "CPU_AFFINITY",
    "TARGET_PID",
    "MPI_INIT",
    "MPI_FINALIZE",
    "MPI_THREAD",
    "MPI_THREAD_TYPE",
    "UPCXX_INIT",
    "UPCXX_FINALIZE",
    "NODE_COUNT",
    "PAPI_THREADING",
    "PAPI_MULTIPLEXING",
    "PAPI_FAIL_ON_ERROR",
    "PAPI_QUIET",
    "PAPI_EVENTS",
    "PAPI_ATTACH",
    "PAPI_OVERFLOW",
    "CUDA_EVENT_BATCH_SIZE",
    "NVTX_MARKER_DEVICE_SYNC",
    "CUPTI_ACTIVITY_LEVEL",
    "CUPTI_ACTIVITY_KINDS",
    "CUPTI_EVENTS",
    "CUPTI_METRICS",
    "CUPTI_DEVICE",
    "CUPTI_PCSAMPLING_PERIOD",
    "CUPTI_PCSAMPLING_PER_LINE",
    "CUPTI_PCSAMPLING_REGION_TOTALS",
    "CUPTI_PCSAMPLING_SERIALIZED",
    "CUPTI_PCSAMPLING_NUM_COLLECT",
    "CUPTI_PCSAMPLING_STALL_REASONS",
    "CRAYPAT",
    "CRAYPAT_CATEGORIES",
    "PYTHON_EXE",
    "ROOFLINE_MODE",
    "ROOFLINE_MODE_CPU",
    "ROOFLINE_MODE_GPU",
    "CPU_ROOFLINE_MODE",
    "GPU_ROOFLINE_MODE",
    "ROOFLINE_EVENTS_CPU",
    "ROOFLINE_EVENTS_GPU",
    "CPU_ROOFLINE_EVENTS",
    "GPU_ROOFLINE_EVENTS",
    "ROOFLINE_TYPE_LABELS",
    "ROOFLINE_TYPE_LABELS_CPU",
    "ROOFLINE_TYPE_LABELS_GPU",
    "INSTRUCTION_ROOFLINE",
    "ERT_NUM_THREADS",
    "ERT_NUM_THREADS_CPU",
    "ERT_NUM_THREADS_GPU",
    "ERT_NUM_STREAMS",
    "ERT_GRID_SIZE",
    "ERT_BLOCK_SIZE",
    "ERT_ALIGNMENT",
    "ERT_MIN_WORKING_SIZE",
    "ERT_MIN_WORKING_SIZE_CPU",
    "ERT_MIN_WORKING_SIZE_GPU",
    "ERT_MAX_DATA_SIZE",
    "ERT_MAX_DATA_SIZE_CPU",
    "ERT_MAX_DATA_SIZE_GPU",
    "ERT_SKIP_OPS",
    "ADD_SECONDARY",
    "THROTTLE_COUNT",
    "THROTTLE_VALUE",
    "ENABLE_SIGNAL_HANDLER",
    "ALLOW_SIGNAL_HANDLER",
    "ENABLE_ALL_SIGNALS",
    "DISABLE_ALL_SIGNALS",
    "DESTRUCTOR_REPORT",
    "STACK_CLEARING",
    "BANNER",
    "NETWORK_INTERFACE",
    "DART_TYPE",
    "DART_COUNT",
    "DART_LABEL",
};

// Variables of the environment that are no settings, by their suffix: those of timemory 3, and
// those by which build systems and module files find an installation.
constexpr std::string_view other_variables[] = {
    "LIBRARY_CTOR",
    "LIBRARY_DTOR",
    "SKIP_FINALIZE",
    "PYTHON_BINDINGS",
    "CXX_PLOT_MODE",
    "USE_OUTPUT_SUFFIX",
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

struct state {
    std::mutex lock;
    settings values;
    std::array<setting_origin, std::size(table)> origins{};
    std::array<bool, std::size(without_effect)> warned{};
    bool environment_read = false;
};

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

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), to_upper);
    return result;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

// A message is one line, whatever a value holds.
std::string printable(std::string_view text) {
    std::string result(text);
    std::replace_if(
        result.begin(), result.end(), [](char c) { return (c >= 0 && c < ' ') || c == 127; }, '?');
    return result;
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

/// Rows of `without_effect`, or its size.
std::size_t find_without_effect(std::string_view name) noexcept {
    const bool variable = starts_with_prefix(name);
    const auto* row = std::find_if(
        std::begin(without_effect), std::end(without_effect), [&](std::string_view suffix) {
            return variable ? suffix == name.substr(prefix.size())
                            : equal_but_case(suffix, name) && lower(name) == name;
        });
    return static_cast<std::size_t>(row - std::begin(without_effect));
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
    known.insert(known.end(), std::begin(without_effect), std::end(without_effect));
    if (!variable) return lower(nearest(upper(name), known));
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

std::string parse(std::string_view text, setting_origin from, bool& value) {
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

std::string parse(std::string_view text, setting_origin, std::int64_t& value) {
    std::string_view digits = trimmed(text);
    if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
    std::int64_t parsed = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
    if (error == std::errc::invalid_argument || end != digits.data() + digits.size())
        return "is not a whole number";
    if (error == std::errc::result_out_of_range)
        return fmt::format("is not between {} and {}", std::numeric_limits<std::int64_t>::min(),
                           std::numeric_limits<std::int64_t>::max());
    value = parsed;
    return {};
}

std::string parse(std::string_view text, setting_origin, std::string& value) {
    value = text;
    return {};
}

/// Assigns the setting of row `index`; the caller holds the lock.
std::string assign(state& s, std::size_t index, std::string_view text, setting_origin from) {
    return std::visit(
        [&](auto pointer) -> std::string {
            auto& value = s.values.*pointer;
            auto parsed = value;
            const std::string wrong = parse(text, from, parsed);
            if (!wrong.empty()) {
                const setting_info& row = table[index];
                const std::string origin = from == setting_origin::environment
                                               ? fmt::format(" from {}", row.environment)
                                               : std::string();
                return fmt::format("setting '{}': '{}'{} {}; keeping {}", row.name, printable(text),
                                   origin, wrong, to_text(value));
            }
            // What was set in code stays, also where the environment is read only after it.
            if (from >= s.origins[index]) {
                value = std::move(parsed);
                s.origins[index] = from;
            }
            return {};
        },
        members[index]);
}

std::string no_effect(std::string_view name) {
    return fmt::format("{} is accepted but has no effect in this version", name);
}

void print_lines(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) std::fputs(("timemory: " + line + '\n').c_str(), stderr);
}

// All ranks of a job are given one environment: what is wrong with it is said by the first of them.
bool first_of_job() noexcept {
    for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"})
        if (const char* rank = std::getenv(variable)) return std::string_view(rank) == "0";
    return true;
}

}  // namespace

std::span<const setting_info> setting_table() noexcept {
    return table;
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

std::string set_setting(std::string_view name, std::string_view value, setting_origin from) {
    state& s = shared();
    if (const std::size_t index = find_setting(name); index != std::size(table)) {
        const std::lock_guard guard(s.lock);
        return assign(s, index, value, from);
    }
    if (const std::size_t index = find_without_effect(name); index != std::size(without_effect)) {
        const std::lock_guard guard(s.lock);
        if (!std::exchange(s.warned[index], true))
            print_lines({no_effect(fmt::format("setting '{}'", name))});
        return {};
    }
    return fmt::format("there is no setting '{}'; the nearest name is '{}'", printable(name),
                       nearest_name(name));
}

void read_environment() {
    std::vector<std::string> lines;
    {
        state& s = shared();
        const std::lock_guard guard(s.lock);
        if (std::exchange(s.environment_read, true)) return;
        for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
            const std::string_view assignment(*entry);
            const std::size_t equals = assignment.find('=');
            if (!starts_with_prefix(assignment) || equals == std::string_view::npos) continue;
            const std::string_view variable = assignment.substr(0, equals);
            const std::string_view value = assignment.substr(equals + 1);
            if (const std::size_t index = find_setting(variable); index != std::size(table)) {
                std::string wrong = assign(s, index, value, setting_origin::environment);
                if (!wrong.empty()) lines.push_back(std::move(wrong));
            } else if (is_other_variable(variable)) {
                continue;
            } else if (find_without_effect(variable) != std::size(without_effect)) {
                lines.push_back(no_effect(variable));
            } else {
                lines.push_back(fmt::format("{} names no setting; the nearest name is {}",
                                            printable(variable), nearest_name(variable)));
            }
        }
    }
    if (first_of_job()) print_lines(lines);
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
