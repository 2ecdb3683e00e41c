// A program whose settings come from its environment, its command line and its code.

#include <chrono>
#include <cstdio>
#include <thread>

#include <timemory/timemory.hpp>

#include "assign_in_code.hpp"

int main(int argc, char** argv) {
    assign_in_code();
    tim::timemory_init(&argc, &argv);
    {
        TIMEMORY_MARKER("outer");
        for (int i = 0; i < 3; ++i) {
            TIMEMORY_MARKER("inner");
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
    }
    for (int i = 0; i < 1000; ++i) {
        timemory_push_trace("trace");
        timemory_pop_trace("trace");
    }
    for (int i = 1; i < argc; ++i) std::printf("argument: %s\n", argv[i]);
    std::printf("end of arguments: %s\n", argv[argc] == nullptr ? "null" : argv[argc]);
    tim::timemory_finalize();
}
