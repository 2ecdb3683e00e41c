// The C ABI for libraries that intercept others: timemory/tools.h.

#include "timemory/tools.h"

#include <array>
#include <span>

#include "library/abi.hpp"
#include "library/lifecycle.hpp"
#include "measure/bracket.hpp"
#include "measure/component_table.hpp"
#include "profile/table_list.hpp"
#include "record/losses.hpp"
#include "record/recorder.hpp"

using tim::activity;
using tim::recorder;
using namespace tim::abi;

namespace {

/// The recorder of this thread while something is recorded; null else.
recorder* recording() noexcept {
    if (is_off()) return nullptr;
    recorder* r = tim::this_recorder;
    return r != nullptr && is_recording() ? r : tim::recorder_or_loss();
}

[[gnu::noinline]] timemory_path_t enter_slowly(timemory_region_t region) noexcept {
    recorder* r = recording();
    if (r == nullptr) return 0;
    return now() == activity::scoped ? r->enter_at_scoped(region) : r->enter_at(region);
}

[[gnu::noinline]] std::int64_t leave_slowly(recorder* r, timemory_region_t region) noexcept {
    if (now() == activity::scoped && r != nullptr) return r->leave_after_slowly(region);
    timemory_leave(region);  // paused since: it is recorded all the same
    return -1;
}

/// A key as it stands in a row.
std::int64_t stored_key(tim::key_kind kind, std::int64_t key) {
    if (kind != tim::key_kind::text) return key;
    return tim::name_in_arena(*reinterpret_cast<const tim::region_name*>(key));
}

tim::row_record* row_of(int table, const int64_t* keys, size_t count, bool histogram) {
    const auto& tables = tim::recorded_tables();
    if (table < 0 || static_cast<std::size_t>(table) >= tables.size() || keys == nullptr)
        return nullptr;
    const tim::recorded_table& what = tables[static_cast<std::size_t>(table)];
    if (count != what.keys.size() || histogram != what.histogram) return nullptr;
    recorder* r = recording();
    if (r == nullptr) return nullptr;
    std::array<std::int64_t, tim::most_table_keys> stored{};
    for (std::size_t i = 0; i < count; ++i) stored[i] = stored_key(what.keys[i].kind, keys[i]);
    return r->row_of(static_cast<std::uint16_t>(table), std::span(stored).first(count), histogram);
}

}  // namespace

extern "C" {

void timemory_init_tool(void) {
    guarded("timemory_init_tool", [] {
        tim::initialise({}, tim::beginner::tool);
        return 0;
    });
}

timemory_path_t timemory_enter_path(timemory_region_t region) {
    recorder* r = tim::this_recorder;
    if (now() == activity::on && r != nullptr) [[likely]]
        return r->enter_at(region);
    return enter_slowly(region);
}

int64_t timemory_leave_lap(timemory_region_t region) {
    recorder* r = tim::this_recorder;
    if (now() == activity::on && r != nullptr) [[likely]]
        return r->leave_after(region);
    return leave_slowly(r, region);
}

timemory_path_t timemory_current_path(void) {
    recorder* r = tim::this_recorder;
    return r != nullptr && is_recording() ? r->current_node() : 0;
}

timemory_path_t timemory_book_below(timemory_path_t parent, timemory_region_t region,
                                    const int64_t* fields) {
    recorder* r = recording();
    return r != nullptr && fields != nullptr ? r->book_below(parent, region, fields) : 0;
}

int timemory_before_results(void (*function)(int last)) {
    return function != nullptr && tim::call_before_results(function) ? 0 : -1;
}

void timemory_before_abort(void) {
    tim::before_abort();
}

int timemory_set_bracket(const char* component, int64_t (*open)(const char*),
                         int64_t (*close)(int64_t)) {
    static tim::bracket set[static_cast<unsigned>(tim::bracket_kind::count)];
    return guarded("timemory_set_bracket", [&] {
        const auto row = tim::find_component(component != nullptr ? component : "");
        if (!row || row->how != tim::derivation::bracketed) return -1;
        const unsigned kind = row->from.value;
        set[kind] = {open, close};
        tim::brackets[kind].store(&set[kind], std::memory_order_release);
        return 0;
    });
}

int timemory_count_loss(const char* cause, uint64_t events) {
    for (std::size_t i = 0; cause != nullptr && i < tim::loss_counts.size(); ++i)
        if (tim::loss_name(static_cast<tim::loss>(i)) == cause) {
            tim::count_loss(static_cast<tim::loss>(i), events);
            return 0;
        }
    return -1;
}

int timemory_table(const char* name) {
    const auto& tables = tim::recorded_tables();
    for (std::size_t i = 0; name != nullptr && i < tables.size(); ++i)
        if (tables[i].name == name) return static_cast<int>(i);
    return -1;
}

int64_t timemory_text(const char* text) {
    try {
        return reinterpret_cast<std::intptr_t>(&tim::intern(text != nullptr ? text : ""));
    } catch (const std::exception& e) {
        complain(e.what());
        return reinterpret_cast<std::intptr_t>(&tim::capped_name());
    }
}

timemory_row* timemory_row_of(int table, const int64_t* keys, size_t count) {
    tim::row_record* row = row_of(table, keys, count, false);
    return row != nullptr ? &row->values : nullptr;
}

timemory_histogram* timemory_histogram_of(int table, const int64_t* keys, size_t count) {
    tim::row_record* row = row_of(table, keys, count, true);
    return row != nullptr ? tim::histogram_of(*row) : nullptr;
}

int64_t timemory_clock(void) {
    return tim::time_of(tim::clock_ticks());
}

}  // extern "C"
