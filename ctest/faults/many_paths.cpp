// Threads that record many call paths: `outer <n>` with `inner <n>` in it, each as often.
//
//     many-paths <threads> <names> <rounds>
//
// Ends with 0 and the number of laps on stdout.

#include <timemory/timemory.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const int threads = std::atoi(argv[1]);
    const int names = std::atoi(argv[2]);
    const int rounds = std::atoi(argv[3]);
    timemory_init(argc, argv);
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t)
        running.emplace_back([=] {
            for (int round = 0; round < rounds; ++round)
                for (int n = 0; n < names; ++n) {
                    const std::string outer = "outer " + std::to_string(n);
                    const std::string inner = "inner " + std::to_string(n);
                    timemory_push_region(outer.c_str());
                    timemory_push_region(inner.c_str());
                    timemory_pop_region(inner.c_str());
                    timemory_pop_region(outer.c_str());
                }
        });
    for (std::thread& t : running) t.join();
    timemory_finalize();
    std::printf("program: %d laps\n", 2 * threads * names * rounds);
    return 0;
}
