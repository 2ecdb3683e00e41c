// A job whose ranks have as many call paths as its argument says, all the same ones.

#include <mpi.h>

#include <cstdlib>
#include <string>
#include <timemory/timemory.hpp>

int main(int argc, char** argv) {
    MPI_Init(&argc, &argv);
    timemory_init(argc, argv);
    const int paths = argc > 1 ? std::atoi(argv[1]) : 0;
    for (int i = 0; i < paths; ++i) {
        const std::string name = "call path number " + std::to_string(i);
        timemory_push_region(name.c_str());
        timemory_pop_region(name.c_str());
    }
    MPI_Finalize();
}
