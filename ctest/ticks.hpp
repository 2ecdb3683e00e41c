// The component `ticks`: a clock that only its own thread moves, so that every lap's value is known
// beforehand.

#pragma once

#include <cstdint>

#ifndef BARE
#    include <timemory/timemory.h>
#endif

inline thread_local std::int64_t ticks = 0;

#ifndef BARE
/// Regions measure `components` from now on, which may have `ticks` among them. False if that
/// failed.
inline bool measure_with_ticks(const char* components) {
    timemory_component component{};
    component.size = sizeof component;
    component.id = "ticks";
    component.description = "Ticks of a clock that the program moves";
    component.read = [](void*) { return ticks; };
    component.kind = TIMEMORY_DIFFERENCE;
    component.scope = TIMEMORY_PER_THREAD;
    return timemory_add_component(&component) == 0 && timemory_set_default(components) == 0;
}
#endif
