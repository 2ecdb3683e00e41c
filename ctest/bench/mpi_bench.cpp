// What calls of MPI take: bare, or with libtimemory-mpip preloaded. Run by bench_mpi.py, on one or
// two ranks. Prints `name nanoseconds operations`, the least of some runs.

#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>

#if defined(__x86_64__)
#    include <x86intrin.h>
#endif

namespace {

constexpr int runs = 15;
int rank = 0;

template <class Operation>
void measure(const char* name, int operations, Operation operation) {
    double least = 1e9;
    for (int run = 0; run < runs; ++run) {
        const auto begin = std::chrono::steady_clock::now();
        for (int i = 0; i < operations; ++i) operation();
        const std::chrono::duration<double, std::nano> took =
            std::chrono::steady_clock::now() - begin;
        least = std::min(least, took.count() / operations);
    }
    if (rank == 0) std::printf("%s %.1f %d\n", name, least, operations * runs);
}

/// What is called once.
template <class Operation>
void measure_once(const char* name, Operation operation) {
    const auto begin = std::chrono::steady_clock::now();
    operation();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    if (rank == 0) std::printf("%s %.1f 1\n", name, took.count());
}

}  // namespace

int main(int argc, char** argv) {
    measure_once("MPI_Init", [&] {
        MPI_Init(&argc, &argv);
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    });
    int size = 0;
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    constexpr int many = 50'000;
    double in = 0;
    double out = 1;
    if (size == 1) {
#if defined(__x86_64__)
        measure("clock", many, [] {
            [[maybe_unused]] volatile std::uint64_t read = __rdtsc();
            read = __rdtsc();
        });
#endif
        measure("MPI_Iprobe", many, [] {
            int flag = 0;
            MPI_Iprobe(0, 77, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE);
        });
        measure("MPI_Allreduce", many,
                [&] { MPI_Allreduce(&out, &in, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD); });
        measure("MPI_Sendrecv", many, [&] {
            MPI_Sendrecv(&out, 1, MPI_DOUBLE, 0, 1, &in, 1, MPI_DOUBLE, 0, 1, MPI_COMM_WORLD,
                         MPI_STATUS_IGNORE);
        });
        measure("MPI_Waitall", many, [&] {
            MPI_Request r[2];
            MPI_Irecv(&in, 1, MPI_DOUBLE, 0, 1, MPI_COMM_WORLD, &r[0]);
            MPI_Isend(&out, 1, MPI_DOUBLE, 0, 1, MPI_COMM_WORLD, &r[1]);
            MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
        });
    } else {
        measure("MPI_Recv", 10'000, [&] {
            if (rank == 0) MPI_Send(&out, 1, MPI_DOUBLE, 1, 1, MPI_COMM_WORLD);
            MPI_Recv(&in, 1, MPI_DOUBLE, 1 - rank, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            if (rank == 1) MPI_Send(&out, 1, MPI_DOUBLE, 0, 1, MPI_COMM_WORLD);
        });
    }
    measure_once("MPI_Finalize", [] { MPI_Finalize(); });
}
