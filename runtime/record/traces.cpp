// Regions of tracing, which are not recorded any more where they are short.

#include <exception>
#include <string_view>

#include "record/recorder.hpp"

namespace tim {

/// Null for want of memory.
recorder::traced* recorder::trace_of(std::string_view name) noexcept {
    try {
        const std::uint32_t generation = state.generation.load(std::memory_order_acquire);
        auto found = traced_.find(name);
        if (found == traced_.end()) found = traced_.emplace(intern(name).text, traced{}).first;
        traced& t = found->second;
        if (t.region == 0 || (t.generation != generation && t.open == 0)) {
            const bundle& b = *bundles[state.trace_bundle.load(std::memory_order_relaxed)];
            t.region = make_region(intern(name), b);
            t.generation = generation;
        }
        return &t;
    } catch (const std::exception&) {
        count_loss(loss::out_of_memory);
        return nullptr;
    }
}

void recorder::push_trace(std::string_view name) noexcept {
    traced* t = trace_of(name);
    if (t == nullptr) return;
    if (t->throttled && t->open == 0) return count_loss(loss::throttled);
    if (t->open++ == 0) t->begin = clock_ticks();
    enter_scoped(t->region);
}

void recorder::pop_trace(std::string_view name) noexcept {
    const auto found = traced_.find(name);
    if (found == traced_.end()) return count_loss(loss::pop_without_push);
    traced& t = found->second;
    if (t.open == 0) {
        if (!t.throttled) count_loss(loss::pop_without_push);
        return;
    }
    leave_slowly(t.region);
    if (--t.open > 0) return;
    t.ns += static_cast<std::uint64_t>(ticks_to_ns(clock_ticks() - t.begin));
    const std::uint64_t calls = throttle.calls.load(std::memory_order_relaxed);
    if (++t.calls < calls || calls == 0) return;
    t.throttled = t.ns < throttle.ns.load(std::memory_order_relaxed) * t.calls;
    t.calls = t.ns = 0;
}

bool recorder::is_throttled(std::string_view name) const noexcept {
    const auto found = traced_.find(name);
    return found != traced_.end() && found->second.throttled;
}

void recorder::reset_throttle(std::string_view name) noexcept {
    const auto found = traced_.find(name);
    if (found == traced_.end()) return;
    found->second.throttled = false;
    found->second.calls = found->second.ns = 0;
}

}  // namespace tim
