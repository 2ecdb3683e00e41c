// Each rank waits for a message of the next one: for ever.

#include <mpi.h>

#include <string>
#include <timemory/timemory.hpp>

int main(int argc, char** argv) {
    MPI_Init(&argc, &argv);
    int rank = 0;
    int size = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    const int next = (rank + 1) % size;
    const std::string step = "step " + std::to_string(rank);
    const std::string receive = "receive from " + std::to_string(next);
    timemory_push_region("main");
    timemory_push_region(step.c_str());
    timemory_push_region(receive.c_str());
    int got = 0;
    MPI_Recv(&got, 1, MPI_INT, next, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Finalize();
    return got;
}
