// Programs of MPI that have something wrong with them, one at a time; what is wrong is planted and
// named by the argument. They mark regions with timemory and know nothing of libtimemory-mpip.

#include <mpi.h>
#include <timemory/timemory.hpp>

#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace {

using std::chrono::milliseconds;

int rank = 0;
int ranks = 1;

/// Computes for so long, without taking a core from the other ranks.
void compute(int time) {
    std::this_thread::sleep_for(milliseconds{time});
}

/// The ranks meet often enough that each of the phases stands out against how they start.
constexpr int steps = 5;

/// Rank 1 hands on its result late: only it has something to prepare.
void late_sender() {
    for (int step = 0; step < steps; ++step) {
        TIMEMORY_MARKER("exchange");
        double mine = rank;
        double got = 0;
        if (rank == 1) {
            TIMEMORY_MARKER("prepare");
            compute(150);
        }
        const int right = (rank + 1) % ranks;
        const int left = (rank + ranks - 1) % ranks;
        MPI_Request request;
        MPI_Isend(&mine, 1, MPI_DOUBLE, right, 0, MPI_COMM_WORLD, &request);
        MPI_Recv(&got, 1, MPI_DOUBLE, left, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        MPI_Wait(&request, MPI_STATUS_IGNORE);
    }
}

/// Rank 2 has 70 % more to do in one of the regions.
void load_imbalance() {
    for (int step = 0; step < steps; ++step) {
        {
            TIMEMORY_MARKER("even");
            compute(20);
        }
        {
            TIMEMORY_MARKER("uneven");
            compute(rank == 2 ? 340 : 200);
        }
        TIMEMORY_MARKER("reduce");
        double mine = 1;
        double all = 0;
        MPI_Allreduce(&mine, &all, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    }
}

/// Rank 0 stores the parts of the others, one after another, while they wait.
void serialised_root() {
    std::vector<char> part(200'000);
    TIMEMORY_MARKER("collect");
    if (rank != 0) {
        for (int step = 0; step < steps; ++step)
            MPI_Ssend(part.data(), static_cast<int>(part.size()), MPI_CHAR, 0, 0, MPI_COMM_WORLD);
        return;
    }
    for (int step = 0; step < steps; ++step)
        for (int from = 1; from < ranks; ++from) {
            MPI_Recv(part.data(), static_cast<int>(part.size()), MPI_CHAR, from, 0, MPI_COMM_WORLD,
                     MPI_STATUS_IGNORE);
            TIMEMORY_MARKER("store");
            compute(50);
        }
}

/// Two ranks exchange a field value by value.
void tiny_messages() {
    TIMEMORY_MARKER("halo");
    double mine = 0;
    double got = 0;
    for (int i = 0; i < 20'000; ++i)
        MPI_Sendrecv(&mine, 1, MPI_DOUBLE, 1 - rank, 0, &got, 1, MPI_DOUBLE, 1 - rank, 0,
                     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

/// The ranks meet for nothing, again and again.
void barrier_storm() {
    TIMEMORY_MARKER("step");
    for (int i = 0; i < 5'000; ++i) MPI_Barrier(MPI_COMM_WORLD);
}

}  // namespace

int main(int argc, char** argv) {
    const std::map<std::string, void (*)()> programs{{"late_sender", late_sender},
                                                     {"load_imbalance", load_imbalance},
                                                     {"serialised_root", serialised_root},
                                                     {"tiny_messages", tiny_messages},
                                                     {"barrier_storm", barrier_storm}};
    const auto chosen = programs.find(argc > 1 ? argv[1] : "");
    if (chosen == programs.end()) return 2;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    {
        TIMEMORY_MARKER("main");
        chosen->second();
    }
    if (rank == 0) std::puts("program: done");
    MPI_Finalize();
    return 0;
}
