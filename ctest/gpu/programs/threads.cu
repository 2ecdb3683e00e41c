// Four threads with eight streams each. The first half of the threads end before their kernels do.

#include <thread>
#include <vector>

#include "work.cuh"

int main(int argc, char** argv) {
    timemory_init(argc, argv);
    constexpr int threads = 4, streams = 8, launches = 50;
    CHECK(cudaFree(nullptr));
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t)
        all.emplace_back([t] {
            const char* const names[] = {"thread 0", "thread 1", "thread 2", "thread 3"};
            const region r{names[t]};
            for (int s = 0; s < streams; ++s) {
                cudaStream_t stream;
                CHECK(cudaStreamCreate(&stream));
                for (int i = 0; i < launches; ++i) spin<<<1, 1, 0, stream>>>(100'000);
                if (t >= threads / 2) CHECK(cudaStreamSynchronize(stream));
            }
        });
    for (std::thread& t : all) t.join();
    CHECK(cudaDeviceSynchronize());
    std::printf("{\"kernels\": %d, \"each\": %d}\n", threads * streams * launches, streams * launches);
    timemory_finalize();
}
