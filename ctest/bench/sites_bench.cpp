// A job that calls MPI from a thousand places and then ends: for bench_mpi_sites.py.
//
//     sites-job <folder>
//
// Each rank writes `<rank>.stamps` into the folder: CLOCK_MONOTONIC before and after MPI_Finalize,
// in nanoseconds, and by how many KiB the greatest resident size grew meanwhile. All ranks come to
// MPI_Finalize together, so that nothing is done while others still run.

#include <mpi.h>

#include <fstream>
#include <string>

#include "stamps.hpp"

namespace {

int next;
int previous;
int numbers[2];
MPI_Request requests[2];

// Four calls at four places; all of it once more at other places is what the macros below do.
#define CALLS                                                                      \
    MPI_Irecv(&numbers[1], 1, MPI_INT, previous, 0, MPI_COMM_WORLD, &requests[0]); \
    MPI_Isend(&numbers[0], 1, MPI_INT, next, 0, MPI_COMM_WORLD, &requests[1]);     \
    MPI_Waitall(2, requests, MPI_STATUSES_IGNORE);                                 \
    MPI_Allreduce(&numbers[1], &numbers[0], 1, MPI_INT, MPI_SUM, MPI_COMM_SELF);
#define FIVE_TIMES(calls) calls calls calls calls calls

void call_from_a_thousand_places() {
    FIVE_TIMES(FIVE_TIMES(FIVE_TIMES(CALLS)))
    FIVE_TIMES(FIVE_TIMES(FIVE_TIMES(CALLS)))
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    MPI_Init(&argc, &argv);
    int rank = 0;
    int ranks = 1;
    PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
    PMPI_Comm_size(MPI_COMM_WORLD, &ranks);
    next = (rank + 1) % ranks;
    previous = (rank + ranks - 1) % ranks;
    call_from_a_thousand_places();
    PMPI_Barrier(MPI_COMM_WORLD);
    return finalize_with_stamps(std::string{argv[1]} + "/" + std::to_string(rank) + ".stamps");
}
