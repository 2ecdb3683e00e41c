// Says what became of MPI in a program that leaves it to timemory.

#include <mpi.h>

#include <cstdio>

#include <timemory/timemory.hpp>

#include "assign_in_code.hpp"

int main(int argc, char** argv) {
    assign_in_code();
    tim::timemory_init(&argc, &argv);
    int on = 0;
    MPI_Initialized(&on);
    if (on == 0) {
        std::puts("MPI was left alone");
        MPI_Init(&argc, &argv);
    } else {
        std::puts("MPI is initialised");
    }
    int level = 0;
    MPI_Query_thread(&level);
    std::printf("threads: %s\n", level == MPI_THREAD_SINGLE       ? "single"
                                 : level == MPI_THREAD_FUNNELED   ? "funneled"
                                 : level == MPI_THREAD_SERIALIZED ? "serialized"
                                                                  : "multiple");
    {
        TIMEMORY_MARKER("work");
        MPI_Bcast(&level, 1, MPI_INT, 0, MPI_COMM_WORLD);
    }
    tim::timemory_finalize();
    int off = 0;
    MPI_Finalized(&off);
    std::puts(off != 0 ? "MPI is finalised" : "MPI goes on");
    if (off == 0) MPI_Finalize();
}
