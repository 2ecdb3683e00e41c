// A job that has many call paths and then ends: for bench_finalize.py.
//
//     finalize-job <folder> <paths> [leave]
//
// Each rank writes `<rank>.stamps` into the folder: CLOCK_MONOTONIC before and after MPI_Finalize,
// in nanoseconds, and by how many KiB the greatest resident size grew meanwhile. With `leave` it
// ends without MPI_Finalize, so that the profile is left in a file of its own. Compiled with BARE
// it is the same program without timemory.

#include <mpi.h>

#include <cstdlib>
#include <string>

#include "stamps.hpp"

#ifdef BARE
static void timemory_init(int, char**) {}
static void timemory_push_region(const char*) {}
static void timemory_pop_region(const char*) {}
#else
#    include <timemory/timemory.h>
#endif

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    MPI_Init(&argc, &argv);
    timemory_init(argc, argv);
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    const int paths = std::atoi(argv[2]);
    for (int i = 0; i < paths; ++i) {
        const std::string name = "call path number " + std::to_string(i);
        for (int lap = 0; lap <= i % 3; ++lap) {
            timemory_push_region(name.c_str());
            timemory_pop_region(name.c_str());
        }
    }
    if (argc > 3) std::exit(0);
    return finalize_with_stamps(std::string(argv[1]) + "/" + std::to_string(rank) + ".stamps");
}
