// Launches kernels with the stand-in of CUPTI, which is mapped already when timemory looks for one.
//
// played STAND-IN LAUNCHES [hold]: two regions of the main thread and one of a thread that ends
// before anything is read launch so many kernels each. With `hold` no buffer comes back before the
// end.

#include <dlfcn.h>
#include <timemory/timemory.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>

int main(int argc, char** argv) {
    void* const cupti = argc > 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : nullptr;
    if (cupti == nullptr) {
        std::fprintf(stderr, "cannot open the stand-in: %s\n", dlerror());
        return 1;
    }
    const auto kernel =
        reinterpret_cast<void (*)(std::uint32_t, std::uint64_t)>(dlsym(cupti, "play_kernel"));
    const long launches = std::atol(argv[2]);
    timemory_init(argc, argv);
    const auto launch = [&](const char* region, std::uint32_t stream) {
        timemory_push_region(region);
        for (long i = 0; i < launches; ++i) kernel(stream, 1000);
        timemory_pop_region(region);
    };
    timemory_push_region("main");
    if (argc > 3) reinterpret_cast<void (*)()>(dlsym(cupti, "play_hold"))();
    launch("first", 7);
    launch("second", 8);
    std::thread{[&] { launch("third", 9); }}.join();
    timemory_pop_region("main");
    std::printf("%ld launched\n", 3 * launches);
    timemory_finalize();
}
