// The C ABI: nothing but calls into the library, with exceptions kept inside.

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

#include "library/lifecycle.hpp"
#include "library/region_report.hpp"
#include "library/results.hpp"
#include "library/signals.hpp"
#include "output/files.hpp"
#include "output/metadata.hpp"
#include "output/place.hpp"
#include "output/units.hpp"
#include "output/writers.hpp"
#include "settings/command_line.hpp"
#include "settings/config_file.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"
#include "timemory/timemory.h"

using tim::activity;
using tim::recorder;

namespace {

activity now() noexcept {
    return tim::state.active.load(std::memory_order_relaxed);
}
bool is_off() noexcept {
    return now() == activity::off;
}
bool is_recording() noexcept {
    return now() == activity::on || now() == activity::scoped;
}

int complain(std::string_view what) noexcept {
    tim::say(what);
    return -1;
}

/// Runs `work` at the boundary: an exception becomes one line and -1.
template <class Work>
int guarded(const char* call, Work work) noexcept {
    try {
        return work();
    } catch (const std::exception& e) {
        tim::say(call);
        return complain(e.what());
    }
}

bool reports() noexcept {
    return tim::scope.report.load(std::memory_order_relaxed) && is_recording();
}

void report(tim::region_id region) noexcept {
    guarded("destructor_report", [&] {
        tim::print_region(region);
        return 0;
    });
}

// The ways that are not short: nothing recorded, a flat profile or a timeline, the first region of
// a thread, after finalize.

recorder* recorder_for_push() {
    recorder* r = tim::this_recorder;
    if (!is_off() && (r == nullptr || now() == activity::slow)) return tim::recorder_or_loss();
    if (is_off() && r != nullptr) r->skip();
    return is_off() ? nullptr : r;
}

[[gnu::noinline]] void push_slowly(const char* name) {
    if (name == nullptr) return;
    recorder* r = recorder_for_push();
    if (r == nullptr) return;
    now() == activity::scoped ? r->push_name_scoped(name) : r->push_name(name);
}

[[gnu::noinline]] void enter_slowly(timemory_region_t region) {
    recorder* r = recorder_for_push();
    if (r == nullptr) return;
    now() == activity::scoped ? r->enter_scoped(region) : r->enter(region);
}

[[gnu::noinline]] timemory_record_t begin_slowly(timemory_region_t region) {
    if (is_off()) return TIMEMORY_NO_RECORD;
    recorder* r = recorder_for_push();
    if (r == nullptr) return TIMEMORY_NO_RECORD;
    return now() == activity::scoped ? r->begin_scoped(region) : r->begin(region);
}

/// Whether this thread's recorder has the region that ends; counts a pop that no push belongs to.
recorder* recorder_for_pop() noexcept {
    recorder* r = tim::this_recorder;
    if (is_off()) return r != nullptr && !r->unskip() ? r : nullptr;
    if (is_recording()) {
        if (r == nullptr) tim::count_loss(tim::loss::pop_without_push);
        return r;
    }
    // Not initialised yet; or finalized, and what was open then has been ended.
    if (tim::is_fresh()) tim::count_loss(tim::loss::pop_without_push);
    return nullptr;
}

[[gnu::noinline]] void pop_slowly(const char* name) {
    if (name == nullptr) return;
    recorder* r = recorder_for_pop();
    if (r == nullptr) return;
    now() == activity::on ? r->pop_name(name) : r->pop_name_slowly(name);
    if (reports()) report(tim::make_region(tim::intern(name), tim::default_bundle()));
}

[[gnu::noinline]] void leave_slowly(timemory_region_t region) {
    recorder* r = recorder_for_pop();
    if (r == nullptr) return;
    now() == activity::on ? r->leave(region) : r->leave_slowly(region);
    if (reports()) report(region);
}

std::string joined_aliases(const tim::component& row) {
    std::string all;
    for (const std::string& alias : row.what.aliases) all += (all.empty() ? "" : " ") + alias;
    return all;
}

/// A copy that lives as long as the process, the same one for equal strings.
const char* kept(const std::string& text) {
    return tim::intern(text).text.data();
}

template <class Info>
bool too_small(const Info* info) {
    return info == nullptr || info->size < sizeof(Info);
}

static_assert(tim::bundle::most_fields <= TIMEMORY_MOST_FIELDS &&
              tim::bundle::most_values <= TIMEMORY_MOST_FIELDS);

/// The components of a region; of a number that is none, no components.
const tim::bundle& bundle_in(timemory_region_t region) {
    const tim::bundle* b = tim::bundles[region >> tim::bundle_shift];
    return b != nullptr ? *b : tim::compile({});
}

timemory_field_info describe_field(const tim::component_description& what, std::size_t index,
                                   std::size_t size) {
    const auto elements = tim::shown_elements(what, tim::current_settings());
    std::size_t shown = 0;
    while (shown < elements.size() && what.field_of(shown) != index) ++shown;
    const bool is_shown = shown < elements.size();
    const bool quotient = what.ratio && index == 2;
    const bool greatest = what.over_laps == tim::combine::maximum;
    return {.size = size,
            .component = kept(what.id),
            .label = kept(is_shown ? elements[shown].label : what.label),
            .unit = kept(is_shown ? elements[shown].unit : ""),
            .unit_value = is_shown ? elements[shown].unit_value : 1,
            .scale = quotient ? static_cast<double>(what.quotient_scale()) : 0,
            .rule = quotient   ? TIMEMORY_QUOTIENT
                    : greatest ? TIMEMORY_GREATEST
                               : TIMEMORY_SUM,
            .real = what.type == tim::number::real ? 1 : 0,
            .shown = is_shown ? 1 : 0};
}

/// The recorder that deals with a record on this thread; null after what is lost is counted.
recorder* recorder_of_record(timemory_record_t record) noexcept {
    if (record == TIMEMORY_NO_RECORD || now() == activity::slow) return nullptr;
    return tim::this_recorder != nullptr ? tim::this_recorder : tim::recorder_or_loss();
}

/// Whether the setting says what else is read.
bool is_about_reading(std::string_view name) {
    name = tim::setting_of_option(name);
    return name == "config_file" || name == "suppress_config" || name == "suppress_parsing";
}

/// What is wrong with the assignment; empty if it is done.
std::string assign_setting(const char* name, const char* value,
                           tim::setting_origin from = tim::setting_origin::code) {
    if (name == nullptr || value == nullptr) return "timemory_set_setting: NULL is not a setting";
    // What says which files and variables are read comes before they are.
    if (is_about_reading(name)) tim::set_setting(name, value, from);
    tim::ensure_settings();
    std::string problem = tim::set_setting(name, value, from);
    if (!problem.empty()) return problem;
    if (is_about_reading(name)) {
        const std::string_view about = tim::setting_of_option(name);
        const tim::settings s = tim::current_settings();
        if (about == "suppress_config" && s.suppress_config)
            tim::forget_settings(tim::setting_origin::file);
        if (about == "suppress_parsing" && s.suppress_parsing)
            tim::forget_settings(tim::setting_origin::environment);
        tim::read_config_files();
    }
    tim::apply_settings();
    return {};
}

/// A copy that the caller frees with timemory_free().
int give(const std::string& text, char** to) {
    *to = static_cast<char*>(std::malloc(text.size() + 1));
    if (*to == nullptr) return complain("out of memory for a text");
    std::memcpy(*to, text.c_str(), text.size() + 1);
    return 0;
}

std::string joined_units(const tim::component& row) {
    std::string all;
    for (std::size_t i = 0; i < row.what.shown(); ++i)
        all += (i == 0 ? "" : ", ") + row.what.element(i).unit;
    return all.find_first_not_of(", ") == std::string::npos ? "" : all;
}

/// Stores a value, as its 64 bits, of the component `id`.
int store(const char* id, const char* name, std::int64_t value) {
    if (is_off()) return 0;
    recorder* r = tim::this_recorder;
    if ((r == nullptr || now() == activity::slow) && (r = tim::recorder_or_loss()) == nullptr)
        return 0;
    const auto row = tim::find_component(id);
    if (row->switched_off) return 0;
    const tim::bundle& b = tim::compile({*row});
    // Without secondary entries it counts where they would stand; at the top there is no such
    // place.
    if (name != nullptr && !tim::scope.secondary.load(std::memory_order_relaxed) &&
        r->store(b, nullptr, value))
        return 0;
    if (r->store(b, name, value)) return 0;
    return complain(std::string{"a value of "} + id +
                    " was not stored: no region is open on this thread; give it a name");
}

/// As much of `text` as there is room for, with a terminating zero.
void copy_text(const std::string& text, char* to, size_t size) {
    const std::size_t length = std::min(text.size(), size - 1);
    std::memcpy(to, text.data(), length);
    to[length] = 0;
}

}  // namespace

extern "C" {

void timemory_init(int argc, char** argv) {
    const bool given = argc > 0 && argv != nullptr && argv[0] != nullptr;
    if (given)
        guarded("timemory_init", [&] {
            tim::note_command_line({argv, argv + argc});
            return 0;
        });
    timemory_named_init_library(given ? argv[0] : "");
}

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

void timemory_init_library(int argc, char** argv) {
    timemory_init(argc, argv);
}

void timemory_named_init_library(const char* name) {
    guarded("timemory_init", [&] {
        tim::initialise(name != nullptr ? name : "");
        return 0;
    });
}

void timemory_finalize(void) {
    tim::finalize();
}
void timemory_finalize_library(void) {
    tim::finalize();
}
int timemory_library_is_initialized(void) {
    return tim::is_initialised() ? 1 : 0;
}

void timemory_mark_child(void) {
    tim::mark_child();
}

int timemory_report(const char* path) {
    return guarded("timemory_report", [&] {
        const std::string problem = tim::report(path != nullptr ? path : "");
        return problem.empty() ? 0 : complain("timemory_report: " + problem);
    });
}

void timemory_pause(void) {
    tim::pause();
}
void timemory_resume(void) {
    tim::resume();
}

void(timemory_push_region)(const char* name) {
    recorder* r = tim::this_recorder;
    if (now() == activity::on && r != nullptr && name != nullptr) [[likely]]
        return r->push_name(name);
    if (now() == activity::off) {
        if (r != nullptr) r->skip();
        return;
    }
    push_slowly(name);
}

void(timemory_pop_region)(const char* name) {
    recorder* r = tim::this_recorder;
    if (now() == activity::on && r != nullptr && name != nullptr) [[likely]]
        return r->pop_name(name);
    if (now() == activity::off && (r == nullptr || r->unskip())) return;
    pop_slowly(name);
}

timemory_region_t timemory_region(const char* name, const char* components) {
    try {
        if (tim::is_fresh()) tim::initialise({});
        const bool standard = components == nullptr || *components == 0;
        const tim::bundle& b = standard ? tim::default_bundle() : tim::compile_list(components);
        return tim::make_region(tim::intern(name != nullptr ? name : ""), b);
    } catch (const std::exception& e) {
        complain(e.what());
        return std::uint64_t{1} << tim::bundle_shift;
    }
}

void timemory_enter(timemory_region_t region) {
    recorder* r = tim::this_recorder;
    if (now() == activity::on && r != nullptr) [[likely]]
        return r->enter(region);
    enter_slowly(region);
}

void timemory_leave(timemory_region_t region) {
    recorder* r = tim::this_recorder;
    if (now() == activity::on && r != nullptr) [[likely]]
        return r->leave(region);
    leave_slowly(region);
}

timemory_record_t timemory_begin(timemory_region_t region) {
    recorder* r = tim::this_recorder;
    if (now() == activity::on && r != nullptr) [[likely]]
        return r->begin(region);
    return begin_slowly(region);
}

void timemory_end(timemory_record_t record) {
    recorder* r = tim::this_recorder;
    if (r == nullptr || record == TIMEMORY_NO_RECORD || now() == activity::slow) [[unlikely]] {
        if (record == TIMEMORY_NO_RECORD || now() == activity::slow) return;
        if ((r = tim::recorder_or_loss()) == nullptr) return;
    }
    if (now() == activity::scoped) [[unlikely]]
        return r->end_slowly(record);
    r->end(record);
}

int timemory_read(timemory_region_t region, int edge, int64_t* readings) {
    return guarded("timemory_read", [&] {
        const tim::bundle& b = bundle_in(region);
        std::fill_n(readings, b.values, 0);
        if (edge == TIMEMORY_AT_BEGIN)
            b.read_begin(readings);
        else
            b.read_end(readings, tim::clock_ticks());
        return static_cast<int>(b.values);
    });
}

int timemory_lap(timemory_region_t region, const int64_t* begin, const int64_t* end,
                 int64_t* fields) {
    return guarded("timemory_lap", [&] {
        const tim::bundle& b = bundle_in(region);
        b.derive(begin, end, fields);
        return static_cast<int>(b.fields);
    });
}

int timemory_describe_field(timemory_region_t region, size_t index, timemory_field_info* info) {
    return guarded("timemory_describe_field", [&] {
        if (too_small(info)) return -1;
        for (const tim::component_description& what : bundle_in(region).components) {
            if (index < what.fields()) {
                *info = describe_field(what, index, info->size);
                return 0;
            }
            index -= what.fields();
        }
        return -1;
    });
}

void timemory_book(timemory_record_t record, const int64_t* fields) {
    recorder* r = recorder_of_record(record);
    if (r != nullptr && fields != nullptr) r->book_into(record, fields);
}

void timemory_abandon(timemory_record_t record) {
    if (recorder* r = recorder_of_record(record); r != nullptr) r->abandon(record);
}

void timemory_begin_record(const char* name, uint64_t* id) {
    timemory_begin_record_types(name, id, nullptr);
}

void timemory_begin_record_types(const char* name, uint64_t* id, const char* components) {
    if (id != nullptr) *id = timemory_get_begin_record_types(name, components);
}

uint64_t timemory_get_begin_record(const char* name) {
    return timemory_get_begin_record_types(name, nullptr);
}

uint64_t timemory_get_begin_record_types(const char* name, const char* components) {
    if (is_off()) return TIMEMORY_NO_RECORD;
    return timemory_begin(timemory_region(name, components));
}

void timemory_end_record(uint64_t id) {
    const recorder* r = tim::this_recorder;
    const tim::region_id region =
        reports() && r != nullptr && id != TIMEMORY_NO_RECORD ? r->region_of_record(id) : 0;
    timemory_end(id);
    if (region != 0) report(region);
}

int timemory_set_default(const char* components) {
    return guarded("timemory_set_default", [&] {
        tim::set_default_components(components != nullptr ? components : "");
        return 0;
    });
}

int timemory_add_components(const char* components) {
    return guarded("timemory_add_components", [&] {
        tim::add_default_components(components != nullptr ? components : "");
        return 0;
    });
}

int timemory_remove_components(const char* components) {
    return guarded("timemory_remove_components", [&] {
        tim::remove_default_components(components != nullptr ? components : "");
        return 0;
    });
}

int timemory_push_components(const char* components) {
    return guarded("timemory_push_components", [&] {
        tim::push_default_components(components != nullptr ? components : "");
        return 0;
    });
}

int timemory_pop_components(void) {
    return guarded("timemory_pop_components", [] {
        return tim::pop_default_components()
                   ? 0
                   : complain("timemory_pop_components: none were pushed");
    });
}

timemory_flow_t timemory_create_flow(void) {
    recorder* r = is_off() ? nullptr : tim::this_recorder;
    if (r == nullptr && (is_off() || (r = tim::recorder_or_loss()) == nullptr)) return 0;
    return r->create_flow();
}

timemory_flow_t timemory_switch_flow(timemory_flow_t flow) {
    recorder* r = tim::this_recorder;
    return r != nullptr ? r->switch_flow(static_cast<std::uint32_t>(flow)) : 0;
}

void timemory_delete_flow(timemory_flow_t flow) {
    if (recorder* r = tim::this_recorder; r != nullptr)
        r->delete_flow(static_cast<std::uint32_t>(flow));
}

void timemory_push_trace(const char* name) {
    if (name == nullptr) return;
    if (recorder* r = recorder_for_push(); r != nullptr) r->push_trace(name);
}

void timemory_pop_trace(const char* name) {
    if (name == nullptr) return;
    if (recorder* r = recorder_for_pop(); r != nullptr) r->pop_trace(name);
}

uint64_t timemory_add_hash_id(const char* name) {
    try {
        return name != nullptr ? tim::add_hash(name) : 0;
    } catch (const std::exception& e) {
        complain(e.what());
        return 0;
    }
}

const char* timemory_hash_name(uint64_t id) {
    return tim::text_of_hash(id).data();
}

void timemory_push_trace_hash(uint64_t id) {
    timemory_push_trace(timemory_hash_name(id));
}

void timemory_pop_trace_hash(uint64_t id) {
    timemory_pop_trace(timemory_hash_name(id));
}

int timemory_is_throttled(const char* name) {
    const recorder* r = tim::this_recorder;
    return name != nullptr && r != nullptr && r->is_throttled(name) ? 1 : 0;
}

void timemory_reset_throttle(const char* name) {
    recorder* r = tim::this_recorder;
    if (name != nullptr && r != nullptr) r->reset_throttle(name);
}

void timemory_trace_init(const char* components, int read_command_line, const char* command) {
    guarded("timemory_trace_init", [&] {
        tim::initialise(read_command_line == 0 && command != nullptr ? command : "");
        tim::set_trace_components(components != nullptr ? components : "");
        return 0;
    });
}

void timemory_trace_finalize(void) {
    tim::finalize();
}
int timemory_trace_is_initialized(void) {
    return timemory_library_is_initialized();
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

int timemory_add_component(const timemory_component* c) {
    return guarded("timemory_add_component", [&] {
        if (too_small(c) || c->id == nullptr || (c->read == nullptr) == (c->read_real == nullptr))
            return complain(
                "timemory_add_component: size, id and one of read and read_real must be set");
        const bool high_water = c->kind == TIMEMORY_HIGH_WATER;
        const bool per_thread = c->scope != TIMEMORY_PER_PROCESS;
        const auto rule = high_water ? tim::combine::maximum : tim::combine::sum;
        tim::component row;
        row.what = {.id = c->id,
                    .label = c->label != nullptr ? c->label : c->id,
                    .description = c->description != nullptr ? c->description : c->id,
                    .aliases = {},
                    .kind = tim::quantity::other,
                    .unit = c->unit != nullptr ? c->unit : "",
                    .unit_value = c->unit_value != 0 ? c->unit_value : 1,
                    .type = c->read_real != nullptr ? tim::number::real : tim::number::integer,
                    .over_laps = rule,
                    .over_threads = per_thread ? rule : tim::combine::maximum,
                    .over_ranks = rule,
                    .per_thread = per_thread};
        row.how = high_water ? tim::derivation::high_water : tim::derivation::difference;
        row.from = {.source = tim::source_kind::user,
                    .user = {.read = c->read, .read_real = c->read_real, .context = c->context}};
        const std::string problem = tim::add_component(std::move(row));
        return problem.empty() ? 0 : complain("timemory_add_component: " + problem);
    });
}

int timemory_store_integer(const char* name, int64_t value) {
    return guarded("timemory_store_integer",
                   [&] { return store("data_tracker_integer", name, value); });
}

int timemory_store_unsigned(const char* name, uint64_t value) {
    return guarded("timemory_store_unsigned", [&] {
        if (value > INT64_MAX)
            return complain("timemory_store_unsigned: " + std::to_string(value) +
                            " is greater than 2^63 - 1");
        return store("data_tracker_unsigned", name, static_cast<std::int64_t>(value));
    });
}

int timemory_store_floating(const char* name, double value) {
    return guarded("timemory_store_floating", [&] {
        return store("data_tracker_floating", name, std::bit_cast<std::int64_t>(value));
    });
}

int timemory_describe_component(size_t index, timemory_component_info* info) {
    return guarded("timemory_describe_component", [&] {
        const auto row = tim::component_at(index);
        if (too_small(info) || !row) return -1;
        *info = {.size = info->size,
                 .id = kept(row->what.id),
                 .label = kept(row->what.label),
                 .description = kept(row->what.description),
                 .unit = kept(joined_units(*row)),
                 .aliases = kept(joined_aliases(*row)),
                 .enum_value = row->what.enum_value,
                 .needs = row->needs.empty() ? nullptr : kept(row->needs)};
        return 0;
    });
}

int timemory_enable_signal_detection(const int* signals, size_t count) {
    return guarded("timemory_enable_signal_detection", [&] {
        tim::ensure_settings();
        if (!tim::current_settings().allow_signal_handler)
            return complain("signals are not handled: the setting 'allow_signal_handler' is off");
        if (signals == nullptr) count = 0;
        return tim::add_signals({signals, count}) ? 0 : -1;
    });
}

void timemory_disable_signal_detection(void) {
    guarded("timemory_disable_signal_detection", [] {
        tim::release_signals();
        return 0;
    });
}

int timemory_add_metadata(const char* label, const char* value) {
    if (label == nullptr || value == nullptr)
        return complain("timemory_add_metadata: a label and a value are needed");
    return guarded("timemory_add_metadata", [&] {
        tim::add_metadata(label, value);
        return 0;
    });
}

int timemory_get_metadata(char** text) {
    if (text == nullptr) return complain("timemory_get_metadata: nowhere to put the text");
    return guarded("timemory_get_metadata", [&] {
        *text = strdup(tim::metadata_document(tim::last_written()).c_str());
        return *text != nullptr ? 0 : complain("timemory_get_metadata: out of memory");
    });
}

int timemory_write_metadata(int mode) {
    if (mode < -1 || mode > 1)
        return complain(
            "timemory_write_metadata: accepted are -1 (never), 0 (beside other files) "
            "and 1 (always)");
    tim::set_write_metadata(mode);
    return 0;
}

int timemory_get(int format, const char* components, char** text) {
    return guarded("timemory_get", [&] {
        if (text == nullptr || format < TIMEMORY_TEXT || format > TIMEMORY_TREE)
            return complain(
                "timemory_get: the format is TIMEMORY_TEXT, _JSON or _TREE, and text can't be "
                "NULL");
        const std::string out = tim::local_text(format, components != nullptr ? components : "");
        return give(out, text);
    });
}

void timemory_free(void* memory) {
    std::free(memory);
}

int timemory_clear(const char* components) {
    return guarded("timemory_clear", [&] {
        tim::clear(components != nullptr ? components : "");
        return 0;
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

void timemory_notice_mpi(void) {
    tim::notice_mpi();
}
const char* timemory_version(void) {
    return TIMEMORY_VERSION;
}

}  // extern "C"
