#include "measure/component_table.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "measure/bracket.hpp"
#include "settings/nearest.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"
#include "system/installation.hpp"

namespace tim {
namespace {

constexpr double second = 1e9;    // ns
constexpr double megabyte = 1e6;  // bytes: decimal, as timemory's default display unit
constexpr double percent = 1e4;   // parts per million

/// The whole table is one list of rows, each made by the function of its group, which says how the
/// group combines over laps, threads and ranks. A reading that belongs to the process is not added
/// over the threads that all took it: the greatest counts.

/// A time. Sums over laps and ranks.
component timer(std::string id, std::string label, std::string description,
                std::vector<std::string> aliases, reading from, combine over_threads,
                bool per_thread = false) {
    return {.what = {.id = std::move(id),
                     .label = std::move(label),
                     .description = std::move(description),
                     .aliases = std::move(aliases),
                     .kind = quantity::time,
                     .unit = "sec",
                     .unit_value = second,
                     .over_threads = over_threads,
                     .per_thread = per_thread},
            .from = from};
}

/// CPU time as a share of the wall clock: over laps, threads and ranks the ratio of the combined
/// times.
component utilisation(std::string id, std::string label, std::string description,
                      std::vector<std::string> aliases, source_kind cpu) {
    const bool per_thread = cpu == source_kind::thread_cpu;
    return {.what = {.id = std::move(id),
                     .label = std::move(label),
                     .description = std::move(description),
                     .aliases = std::move(aliases),
                     .kind = quantity::percent,
                     .unit = "%",
                     .unit_value = percent,
                     .over_threads = per_thread ? combine::sum : combine::maximum,
                     .per_thread = per_thread,
                     .ratio = true},
            .how = derivation::ratio,
            .from = {.source = cpu},
            .over = {.source = source_kind::clock}};
}

/// Memory of the process: changes are summed over laps and ranks, of high-water marks the greatest
/// counts.
component memory(const std::string& id, std::string description, derivation how, reading from) {
    const combine rule = how == derivation::difference ? combine::sum : combine::maximum;
    return {.what = {.id = id,
                     .label = id,
                     .description = std::move(description),
                     .kind = quantity::memory,
                     .unit = "MB",
                     .unit_value = megabyte,
                     .over_laps = rule,
                     .over_threads = combine::maximum,
                     .over_ranks = rule},
            .how = how,
            .from = from};
}

component both_marks() {
    component row =
        memory("current_peak_rss",
               "High-water mark of the process's resident memory when the region began and ended",
               derivation::edges, {.source = source_kind::thread_usage, .value = peak_memory});
    row.what.has_sum = false;
    for (const char* edge : {"start", "stop"})
        row.what.elements.push_back({.label = std::string{edge} + " peak rss",
                                     .description = row.what.description,
                                     .kind = quantity::memory,
                                     .unit = "MB",
                                     .unit_value = megabyte});
    return row;
}

/// Something that the kernel counts for each thread. Sums everywhere.
component thread_counter(std::string id, std::string label, std::string description,
                         std::vector<std::string> aliases, usage_value value) {
    return {.what = {.id = std::move(id),
                     .label = std::move(label),
                     .description = std::move(description),
                     .aliases = std::move(aliases),
                     .per_thread = true},
            .from = {.source = source_kind::thread_usage, .value = value}};
}

/// Bytes that the process moved, and how many a second: the ratio of the combined bytes and times.
component transfer(const std::string& id, const std::string& description,
                   std::vector<std::string> aliases, io_value value) {
    component row{.what = {.id = id,
                           .label = id,
                           .description = description,
                           .aliases = std::move(aliases),
                           .kind = quantity::memory,
                           .unit = "MB",
                           .unit_value = megabyte,
                           .over_threads = combine::maximum,
                           .ratio = true},
                  .how = derivation::ratio,
                  .from = {.source = source_kind::io, .value = value},
                  .over = {.source = source_kind::clock}};
    row.what.elements = {{.label = id,
                          .description = description,
                          .kind = quantity::memory,
                          .unit = "MB",
                          .unit_value = megabyte},
                         {.label = id + "_rate",
                          .description = description + ", per second",
                          .kind = quantity::rate,
                          .unit = "MB/sec",
                          .unit_value = megabyte}};
    if (access("/proc/self/io", R_OK) != 0) row.needs = "a kernel with a readable /proc/self/io";
    return row;
}

/// What the machine's interfaces moved. All threads and ranks of a machine see the same counters,
/// so over both the greatest counts.
component traffic() {
    component row{.what = {.id = "network_stats",
                           .label = "network_stats",
                           .description = "Traffic of all network interfaces that the process sees",
                           .aliases = {"network"},
                           .kind = quantity::other,
                           .over_threads = combine::maximum,
                           .over_ranks = combine::maximum},
                  .from = {.source = source_kind::network}};
    for (const char* way : {"rx", "tx"})
        for (const char* what : {"bytes", "packets", "errs", "drop"}) {
            const bool bytes = std::string_view{what} == "bytes";
            row.what.elements.push_back({.label = std::string{way} + "_" + what,
                                         .description = row.what.description,
                                         .kind = bytes ? quantity::memory : quantity::count,
                                         .unit = bytes ? "MB" : what,
                                         .unit_value = bytes ? megabyte : 1});
        }
    if (access("/proc/self/net/dev", R_OK) != 0) row.needs = "a readable /proc/self/net/dev";
    return row;
}

component laps_counter() {
    return {.what = {.id = "trip_count",
                     .label = "trip_count",
                     .description = "Number of times the region was entered"},
            .how = derivation::laps};
}

/// Microseconds, of which 10^8 squares fit into 128 bits; of nanoseconds not even 200 do.
component time_stamp() {
    return {.what = {.id = "timestamp",
                     .label = "timestamp",
                     .description = "Seconds from 1970 to when the region began",
                     .kind = quantity::other,
                     .unit = "sec",
                     .unit_value = 1e6,
                     .over_laps = combine::maximum,
                     .over_threads = combine::maximum,
                     .over_ranks = combine::maximum,
                     .has_sum = false},
            .how = derivation::at_begin,
            .from = {.source = source_kind::calendar}};
}

/// Values that the program stores, each a lap. Sums everywhere.
component stored_values(const std::string& form, number type) {
    return {.what = {.id = "data_tracker_" + form,
                     .label = "data_" + form,
                     .description = "Values stored by the program",
                     .aliases = {form + "_data_tracker"},
                     .kind = type == number::real ? quantity::other : quantity::count,
                     .type = type},
            .how = derivation::stored};
}

/// What libtimemory-cupti measures.
component of_cupti(component row, const char* start) {
    row.start = start;
    if (installed_library("libtimemory-cupti.so").empty())
        row.needs = "libtimemory-cupti.so beside libtimemory.so";
    return row;
}

/// The time of what ran on a device, booked at the call path that launched it.
component device_time() {
    component row = timer("cupti_activity", "cupti_activity", "Time of kernels and copies on GPUs",
                          {}, {}, combine::sum);
    row.how = derivation::booked;
    return of_cupti(row, "timemory_gpu_start");
}

/// What a tool opens when a region begins and closes when it ends.
component bracketed(component row, bracket_kind kind) {
    row.how = derivation::bracketed;
    row.from = {.source = source_kind::bracket, .value = static_cast<std::uint8_t>(kind)};
    return row;
}

component device_events() {
    const component row =
        timer("cuda_event", "cuda_event",
              "Time on the GPU from a CUDA event at the begin of the region to one at its end", {},
              {}, combine::sum);
    return of_cupti(bracketed(row, bracket_kind::device_events), "timemory_gpu_events");
}

component tool_ranges() {
    const component row = {.what = {.id = "nvtx_marker",
                                    .label = "nvtx_marker",
                                    .description = "Ranges that an NVIDIA tool was shown",
                                    .aliases = {"nvtx"}}};
    return of_cupti(bracketed(row, bracket_kind::tool_ranges), "timemory_gpu_ranges");
}

/// A component of timemory 3 that can't be measured here.
component missing(const std::string& id, std::vector<std::string> aliases,
                  const std::string& needs) {
    return {.what = {.id = id,
                     .label = id,
                     .description = "Not available: needs " + needs,
                     .aliases = std::move(aliases)},
            .needs = needs};
}

void add_missing(std::vector<component>& rows) {
    const auto add = [&rows](const std::string& needs,
                             const std::vector<std::vector<std::string>>& names) {
        for (const auto& all : names)
            rows.push_back(missing(all[0], {all.begin() + 1, all.end()}, needs));
    };
    add("counters that Linux does not keep", {{"stack_rss"},
                                              {"data_rss"},
                                              {"num_swap"},
                                              {"num_msg_sent"},
                                              {"num_msg_recv"},
                                              {"num_signals"}});
    add("wrappers of malloc and free", {{"malloc_gotcha"}, {"memory_allocations"}});
    add("printing at each region", {{"printer"}});
    add("components that stand for a list of others", {{"user_global_bundle"},
                                                       {"user_list_bundle"},
                                                       {"user_tuple_bundle"},
                                                       {"user_mpip_bundle"},
                                                       {"user_ompt_bundle"},
                                                       {"user_ncclp_bundle"},
                                                       {"user_kokkosp_bundle"},
                                                       {"user_trace_bundle"},
                                                       {"user_profiler_bundle"}});
    add("PAPI", {{"papi_vector", "papi"}, {"papi_array", "papi_array_t"}});
    add("PAPI and the roofline benchmark",
        {{"cpu_roofline_flops", "cpu_roofline"},
         {"cpu_roofline_sp_flops", "cpu_roofline_sp", "cpu_roofline_single"},
         {"cpu_roofline_dp_flops", "cpu_roofline_dp", "cpu_roofline_double"}});
    add("CUDA", {{"cuda_profiler"}});
    add("CUPTI", {{"cupti_counters"},
                  {"cupti_pcsampling"},
                  {"cupti_profiler"},
                  {"gpu_roofline_flops", "gpu_roofline"},
                  {"gpu_roofline_hp_flops", "gpu_roofline_hp", "gpu_roofline_half"},
                  {"gpu_roofline_sp_flops", "gpu_roofline_sp", "gpu_roofline_single"},
                  {"gpu_roofline_dp_flops", "gpu_roofline_dp", "gpu_roofline_double"}});
    add("HIP", {{"hip_event"}, {"roctx_marker", "roctx"}});
    add("OMPT", {{"ompt_handle", "ompt", "openmp", "ompt_native_handle"}, {"ompt_data_tracker"}});
    add("NCCL", {{"ncclp_handle", "nccl", "ncclp"}, {"nccl_comm_data"}});
    add("the MPI wrappers of libtimemory-mpip", {{"mpip_handle", "mpip"}, {"mpi_comm_data"}});
    add("Caliper",
        {{"caliper_marker", "caliper", "cali"}, {"caliper_config"}, {"caliper_loop_marker"}});
    add("LIKWID", {{"likwid_marker", "likwid"}, {"likwid_nvmarker"}});
    add("TAU", {{"tau_marker", "tau"}});
    add("VTune", {{"vtune_event"}, {"vtune_frame"}, {"vtune_profiler", "vtune"}});
    add("CrayPAT", {{"craypat_record"},
                    {"craypat_region", "craypat"},
                    {"craypat_counters"},
                    {"craypat_heap_stats"},
                    {"craypat_flush_buffer"}});
    add("Allinea MAP", {{"allinea_map"}});
    add("gperftools", {{"gperftools_cpu_profiler"}, {"gperftools_heap_profiler"}});
    add("Perfetto's library", {{"perfetto_trace", "perfetto"}});
}

/// The enumeration's numbers are those in timemory 3's files, where one is known; scripts find
/// components by key.
std::vector<component> measured() {
    using enum source_kind;
    constexpr combine sum = combine::sum;
    constexpr combine maximum = combine::maximum;
    const auto own = [](usage_value value) {
        return reading{.source = thread_usage, .value = value};
    };
    std::vector<component> rows{
        timer("wall_clock", "wall", "Real-clock timer (i.e. wall-clock timer)",
              {"real_clock", "virtual_clock"}, {.source = source_kind::clock}, sum),
        timer("sys_clock", "sys", "CPU time spent in kernel-mode by the process", {"system_clock"},
              {.source = process_usage, .value = kernel_time}, maximum),
        timer("user_clock", "user", "CPU time spent in user-mode by the process", {},
              {.source = process_usage, .value = user_time}, maximum),
        timer("cpu_clock", "cpu",
              "Total CPU time spent in both user- and kernel-mode by the process", {},
              {.source = process_cpu}, maximum),
        timer("monotonic_clock", "monotonic_clock",
              "Clock that runs at the rate the kernel keeps, from some point in the past", {},
              {.source = monotonic}, sum),
        timer("monotonic_raw_clock", "monotonic_raw_clock",
              "Clock that runs at the rate of the hardware, from some point in the past", {},
              {.source = monotonic_raw}, sum),
        timer("thread_cpu_clock", "thread_cpu", "CPU time spent by the calling thread",
              {"cpu_thread_clock"}, {.source = thread_cpu}, sum, true),
        timer("process_cpu_clock", "process_cpu", "CPU time spent by the process",
              {"cpu_process_clock"}, {.source = process_cpu}, maximum),
        utilisation("cpu_util", "cpu_util",
                    "Percentage of CPU-clock time divided by wall-clock time", {"cpu_utilization"},
                    process_cpu),
        utilisation("process_cpu_util", "proc_cpu_util",
                    "CPU time of the process in percent of the wall-clock time",
                    {"process_cpu_utilization", "cpu_process_util", "cpu_process_utilization"},
                    process_cpu),
        utilisation("thread_cpu_util", "thread_cpu_util",
                    "CPU time of the calling thread in percent of the wall-clock time",
                    {"thread_cpu_utilization", "cpu_thread_util", "cpu_thread_utilization"},
                    thread_cpu),
        timer("user_mode_time", "user_mode", "CPU time spent in user-mode by the calling thread",
              {}, own(user_time), sum, true),
        timer("kernel_mode_time", "kernel_mode",
              "CPU time spent in kernel-mode by the calling thread", {}, own(kernel_time), sum,
              true),
        memory("peak_rss", "High-water mark of the process's resident memory when the region ended",
               derivation::high_water, own(peak_memory)),
        memory("page_rss", "Change of the process's resident memory", derivation::difference,
               {.source = statm, .value = 1}),
        memory("virtual_memory", "Change of the process's virtual memory", derivation::difference,
               {.source = statm, .value = 0}),
        both_marks(),
        thread_counter("num_io_in", "io_in",
                       "Times the file system had to read for the calling thread", {}, blocks_in),
        thread_counter("num_io_out", "io_out",
                       "Times the file system had to write for the calling thread", {}, blocks_out),
        thread_counter("num_minor_page_faults", "minor_page_flts",
                       "Page faults of the calling thread served without reading from storage",
                       {"minor_page_faults"}, minor_faults),
        thread_counter("num_major_page_faults", "major_page_flts",
                       "Page faults of the calling thread that had to read from storage",
                       {"major_page_faults"}, major_faults),
        thread_counter("voluntary_context_switch", "vol_cxt_swch",
                       "Times the calling thread gave up the CPU, mostly to wait",
                       {"vol_ctx_switch"}, voluntary_switches),
        thread_counter("priority_context_switch", "prio_cxt_swch",
                       "Times the CPU was taken from the calling thread", {"prio_ctx_switch"},
                       forced_switches),
        transfer("read_char", "Bytes that the process got from read calls", {"rchar"}, read_calls),
        transfer("written_char", "Bytes that the process gave to write calls",
                 {"write_char", "wchar"}, write_calls),
        transfer("read_bytes", "Bytes that the process caused to be read from storage", {},
                 read_storage),
        transfer("written_bytes", "Bytes that the process caused to be written to storage",
                 {"write_bytes"}, write_storage),
        traffic(),
        laps_counter(),
        time_stamp(),
        device_time(),
        device_events(),
        tool_ranges(),
        stored_values("integer", number::integer),
        stored_values("unsigned", number::integer),
        stored_values("floating", number::real),
    };
    rows[0].what.enum_value = 78;
    for (component& row : rows)
        if (row.what.id == "peak_rss") row.what.enum_value = 47;
    return rows;
}

/// True if the user has switched the component off. What is no truth value changes nothing.
bool is_switched_off(const component& row) {
    const std::string variable = switch_of(row.what.label);
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr || *value == 0) return false;
    const auto on = parse_boolean(value);
    if (!on)
        say(
            fmt::format("{}='{}' is not a truth value (on, off, true, false, yes, no, y, n, t, f "
                        "or a whole number); {} stays on",
                        variable, value, row.what.id));
    return !on.value_or(true);
}

std::vector<component> built_in() {
    std::vector<component> rows = measured();
    for (component& row : rows) row.switched_off = is_switched_off(row);
    add_missing(rows);
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

/// Takes the first name out of a list; empty if there is none.
std::string_view next_name(std::string_view& list) {
    constexpr std::string_view separators = ",;: \t\n\"'";
    list.remove_prefix(std::min(list.find_first_not_of(separators), list.size()));
    const std::string_view name = list.substr(0, list.find_first_of(separators));
    list.remove_prefix(name.size());
    return name;
}

}  // namespace

std::string switch_of(std::string_view label) {
    std::string name = "TIMEMORY_";
    for (const char c : label) {
        if (c == ':' || c == '<' || c == '>') continue;
        const bool blank = c == ' ' || c == '-';
        name += blank ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name + "_ENABLED";
}

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
    row.switched_off = is_switched_off(row);
    t.rows.push_back(std::move(row));
    return {};
}

std::string first_given(std::initializer_list<std::string_view> lists) {
    std::string given;
    for (std::string_view list : lists) {
        bool ends = !list.empty();
        bool none = false;
        for (std::string_view name = next_name(list); !name.empty(); name = next_name(list)) {
            if (name == "fallthrough")
                ends = false;
            else if (name == "none")
                none = true;
            else
                given.append(name) += ',';
        }
        if (ends || none) break;
    }
    return given.empty() ? "," : given;
}

std::vector<component> parse_components(std::string_view list,
                                        const std::function<void(std::string_view)>& unknown) {
    table& t = the_table();
    std::vector<bool> chosen;
    std::vector<std::string_view> strangers;
    std::vector<component> rows;
    {
        const std::lock_guard guard{t.lock};
        chosen.resize(t.rows.size());
        for (std::string_view name = next_name(list); !name.empty(); name = next_name(list)) {
            const component* row = find_in(t.rows, name);
            if (row != nullptr && row->needs.empty())
                chosen[static_cast<std::size_t>(row - t.rows.data())] = true;
            else
                strangers.push_back(name);
        }
        for (std::size_t i = 0; i < chosen.size(); ++i)
            if (chosen[i] && !t.rows[i].switched_off) rows.push_back(t.rows[i]);
    }
    for (const std::string_view name : strangers) unknown(name);
    return rows;
}

std::string why_left_out(std::string_view name) {
    if (const auto row = find_component(name); row && !row->needs.empty())
        return fmt::format(
            "component '{}' needs {}, which this build does not have; it is left out", name,
            row->needs);
    return fmt::format("there is no component '{}'; it is left out (did you mean '{}'?)", name,
                       nearest_component(name));
}

std::string nearest_component(std::string_view name) {
    table& t = the_table();
    const std::lock_guard guard{t.lock};
    std::vector<std::string_view> names;
    for (const component& row : t.rows) {
        if (!row.needs.empty()) continue;
        names.push_back(row.what.id);
        names.insert(names.end(), row.what.aliases.begin(), row.what.aliases.end());
    }
    return std::string{nearest(name, names)};
}

}  // namespace tim
