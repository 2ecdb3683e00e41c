// Ranks in a grid exchange messages with their neighbours in it.
//
//     mpip-halo <steps>        with at most four neighbours
//     mpip-halo <steps> all    with all ranks, each step with longer messages
//
// Rank 0 says how many columns the grid has, each rank how long MPI_Finalize took.

#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

/// Sends `bytes_of(peer)` bytes to each of the peers and receives as many.
template <class BytesOf>
void exchange(MPI_Comm comm, const std::vector<int>& peers, BytesOf bytes_of) {
    std::vector<MPI_Request> requests;
    std::vector<std::vector<char>> buffers;
    for (const int peer : peers) {
        const int bytes = bytes_of(peer);
        buffers.emplace_back(2 * static_cast<std::size_t>(bytes));
        char* const buffer = buffers.back().data();
        MPI_Irecv(buffer, bytes, MPI_BYTE, peer, 0, comm, &requests.emplace_back());
        MPI_Isend(buffer + bytes, bytes, MPI_BYTE, peer, 0, comm, &requests.emplace_back());
    }
    MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const int steps = std::atoi(argv[1]);
    const bool all = argc > 2 && argv[2] == std::string{"all"};
    int rank = 0;
    int ranks = 0;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);

    int shape[2] = {};
    const int open[2] = {};
    MPI_Comm grid = MPI_COMM_NULL;
    MPI_Dims_create(ranks, 2, shape);
    MPI_Cart_create(MPI_COMM_WORLD, 2, shape, open, 0, &grid);
    MPI_Comm_set_name(grid, "grid");
    if (rank == 0) std::printf("program: %d columns\n", shape[1]);

    std::vector<int> peers;
    for (int dimension = 0; dimension < 2 && !all; ++dimension)
        for (const int step : {-1, 1}) {
            int from = MPI_PROC_NULL;
            int to = MPI_PROC_NULL;
            MPI_Cart_shift(grid, dimension, step, &from, &to);
            if (to != MPI_PROC_NULL) peers.push_back(to);
        }
    for (int peer = 0; peer < ranks && all; ++peer)
        if (peer != rank) peers.push_back(peer);
    for (int step = 0; step < steps; ++step)
        exchange(grid, peers, [&](int peer) { return all ? 1 << step : 1 + std::min(rank, peer); });

    MPI_Barrier(MPI_COMM_WORLD);
    const auto begin = std::chrono::steady_clock::now();
    MPI_Finalize();
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    std::printf("program: MPI_Finalize %.1f ms\n", taken.count());
    return 0;
}
