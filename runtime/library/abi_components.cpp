// The C ABI: components, their readings, and values that the program stores.

#include <algorithm>
#include <bit>

#include "library/abi.hpp"
#include "measure/bundle.hpp"
#include "measure/component_table.hpp"
#include "output/units.hpp"
#include "timemory/tools.h"

using tim::activity;
using tim::recorder;
using namespace tim::abi;

namespace {

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

std::string joined_aliases(const tim::component& row) {
    std::string all;
    for (const std::string& alias : row.what.aliases) all += (all.empty() ? "" : " ") + alias;
    return all;
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

}  // namespace

extern "C" {

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

int timemory_tool_components(const char* tool, char* list, size_t size) {
    return guarded("timemory_tool_components", [&] {
        if (tool == nullptr) return -1;
        if (tim::is_fresh()) tim::initialise({});
        const std::string names = tim::tool_components(tool);
        if (names.empty()) return -1;
        if (list != nullptr && size > 0) copy_text(names, list, size);
        return static_cast<int>(names.size());
    });
}

}  // extern "C"
