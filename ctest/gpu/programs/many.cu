// So many launches of an empty kernel; says what one took, and the process's peak of memory.

#include <sys/resource.h>

#include "work.cuh"

int main(int argc, char** argv) {
    const long count = argc > 1 ? std::atol(argv[1]) : 10'000'000;
    timemory_init(argc, argv);
    for (int i = 0; i < 1000; ++i) nothing<<<1, 1>>>();
    CHECK(cudaDeviceSynchronize());
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    const double begin = seconds();
    {
        const region r{"many"};
        for (long i = 0; i < count; ++i) nothing<<<1, 1>>>();
    }
    const double launched = seconds() - begin;
    CHECK(cudaDeviceSynchronize());
    const double all = seconds() - begin;
    getrusage(RUSAGE_SELF, &after);
    std::printf("{\"kernels\": %ld, \"us_per_launch\": %.4f, \"us_per_kernel\": %.4f, "
                "\"grown_mib\": %.1f, \"peak_mib\": %.1f}\n",
                count, launched * 1e6 / count, all * 1e6 / count,
                (after.ru_maxrss - before.ru_maxrss) / 1024.0, after.ru_maxrss / 1024.0);
    timemory_finalize();
}
