// The C ABI: regions, records, flows and traces.

#include "library/abi.hpp"
#include "library/region_report.hpp"

using tim::activity;
using tim::recorder;
using namespace tim::abi;

namespace {

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

/// The recorder that deals with a record on this thread; null after what is lost is counted.
recorder* recorder_of_record(timemory_record_t record) noexcept {
    if (record == TIMEMORY_NO_RECORD || now() == activity::slow) return nullptr;
    return tim::this_recorder != nullptr ? tim::this_recorder : tim::recorder_or_loss();
}

}  // namespace

extern "C" {

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

timemory_record_t timemory_begin_in(int scope, timemory_region_t region) {
    if (scope == 0) return timemory_begin(region);
    recorder* r = is_off() ? nullptr : recorder_for_push();
    if (r == nullptr) return TIMEMORY_NO_RECORD;
    return r->begin_in((scope & TIMEMORY_FLAT) != 0, (scope & TIMEMORY_TIMELINE) != 0, region);
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

}  // extern "C"
