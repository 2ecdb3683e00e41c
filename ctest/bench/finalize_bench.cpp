// A job that has many call paths and then ends: for bench_finalize.py.
//
//     finalize-job <folder> <paths> [leave]
//
// Each rank writes `<rank>.stamps` into the folder: CLOCK_MONOTONIC before and after MPI_Finalize,
// in nanoseconds, and by how many KiB the greatest resident size grew meanwhile. With `leave` it
// ends without MPI_Finalize, so that the profile is left in a file of its own. Compiled with BARE
// it is the same program without timemory.

#include <mpi.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#ifdef BARE
static void timemory_init(int, char**) {}
static void timemory_push_region(const char*) {}
static void timemory_pop_region(const char*) {}
#else
#    include <timemory/timemory.h>
#endif

namespace {

std::int64_t now() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// The greatest resident size in KiB, since the last reset.
long greatest_resident_size() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::atol(line.c_str() + 6);
    return -1;
}

/// From here on: otherwise what MPI_Init took and gave back would hide what comes.
bool reset_greatest_resident_size() {
    std::ofstream references("/proc/self/clear_refs");
    return static_cast<bool>(references << "5" << std::flush);
}

}  // namespace

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
    if (!reset_greatest_resident_size()) return 3;
    const long resident = greatest_resident_size();
    const std::int64_t entry = now();
    MPI_Finalize();
    const std::int64_t exit = now();
    const long growth = greatest_resident_size() - resident;
    std::ofstream stamps(std::string(argv[1]) + "/" + std::to_string(rank) + ".stamps");
    stamps << entry << ' ' << exit << ' ' << growth << std::endl;
    return stamps ? 0 : 1;
}
