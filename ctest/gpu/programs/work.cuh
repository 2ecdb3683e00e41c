// What the programs with a known answer share. They print JSON of what they did, and know timemory
// only by its regions.

#pragma once

#include <cuda_runtime.h>
#include <timemory/timemory.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#define CHECK(call)                                                                        \
    do {                                                                                   \
        const cudaError_t error = (call);                                                  \
        if (error != cudaSuccess) {                                                        \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, cudaGetErrorString(error)); \
            std::exit(2);                                                                  \
        }                                                                                  \
    } while (0)

/// Runs for so many nanoseconds of the device's own timer.
__global__ void spin(unsigned long long ns) {
    unsigned long long begin, now;
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(begin));
    do {
        asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    } while (now - begin < ns);
}

__global__ void nothing() {}

inline double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct region {
    const char* name;
    explicit region(const char* n) : name(n) { timemory_push_region(name); }
    ~region() { timemory_pop_region(name); }
};
