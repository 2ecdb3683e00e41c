// A job for the settings that say where and how regions are recorded over ranks: prints what MPI
// was told, then measures. `init` and `finalize` are left to timemory where the settings say so.

#include <mpi.h>

#include <cstdio>
#include <timemory/timemory.hpp>

int main(int argc, char** argv) {
    int begun = 0;
    timemory_init(argc, argv);
    MPI_Initialized(&begun);
    const bool by_timemory = begun != 0;
    if (!by_timemory) MPI_Init(&argc, &argv);
    int rank = 0;
    int level = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Query_thread(&level);
    constexpr const char* levels[] = {"single", "funneled", "serialized", "multiple"};
    const char* name = "?";
    constexpr int values[] = {MPI_THREAD_SINGLE, MPI_THREAD_FUNNELED, MPI_THREAD_SERIALIZED,
                              MPI_THREAD_MULTIPLE};
    for (int i = 0; i < 4; ++i)
        if (values[i] == level) name = levels[i];
    for (int step = 0; step < 3; ++step) {
        TIMEMORY_MARKER("step");
        for (int inner = 0; inner <= rank; ++inner) {
            TIMEMORY_MARKER("inner");
        }
    }
    timemory_finalize();
    int ended = 0;
    MPI_Finalized(&ended);
    if (rank == 0)
        std::printf("program: begun by timemory %d, level %s, ended by timemory %d\n", by_timemory,
                    name, ended);
    if (!ended) MPI_Finalize();
}
