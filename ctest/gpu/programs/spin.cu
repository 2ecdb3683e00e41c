// Kernels of a known length, each waited for inside its region; also measured with CUDA's events.

#include "work.cuh"

int main(int argc, char** argv) {
    const unsigned long long ns = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
    const int count = argc > 2 ? std::atoi(argv[2]) : 100;
    timemory_init(argc, argv);
    cudaEvent_t begin, end;
    CHECK(cudaEventCreate(&begin));
    CHECK(cudaEventCreate(&end));
    nothing<<<1, 1>>>();
    CHECK(cudaDeviceSynchronize());
    double by_events = 0;
    for (int i = 0; i < count; ++i) {
        const region r{"spinning"};
        CHECK(cudaEventRecord(begin));
        spin<<<dim3(2, 1, 1), dim3(32, 1, 1), 64>>>(ns);
        CHECK(cudaEventRecord(end));
        CHECK(cudaDeviceSynchronize());
        float ms = 0;
        CHECK(cudaEventElapsedTime(&ms, begin, end));
        by_events += ms / 1e3;
    }
    std::printf("{\"kernels\": %d, \"asked\": %.9f, \"events\": %.9f}\n", count, ns * 1e-9 * count, by_events);
    timemory_finalize();
}
