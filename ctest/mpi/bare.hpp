// What a program calls of timemory; with BARE it is the same program without it.

#pragma once

#ifdef BARE
inline void timemory_init(int, char**) {}
inline void timemory_finalize() {}
inline void timemory_push_region(const char*) {}
inline void timemory_pop_region(const char*) {}
#else
#    include <timemory/timemory.h>
#endif
