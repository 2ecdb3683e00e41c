// A program that knows nothing of timemory: sums of eight bytes, and messages to the next rank that
// are shorter than the memory which they are received in.
//
//     unmodified SUMS MESSAGES

#include <mpi.h>

#include <array>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    MPI_Init(&argc, &argv);
    int rank = 0;
    int size = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    const long sums = argc > 1 ? std::atol(argv[1]) : 0;
    const int messages = argc > 2 ? std::atoi(argv[2]) : 0;
    double mine = 1;
    double all = 0;
    for (long i = 0; i < sums; ++i)
        MPI_Allreduce(&mine, &all, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    constexpr int length = 1024;
    constexpr int tag = 5;
    std::array<char, length> out{};
    std::array<char, 8 * length> in{};
    for (int i = 0; i < messages; ++i) {
        if (rank % 2 == 0)
            MPI_Send(out.data(), length, MPI_BYTE, (rank + 1) % size, tag, MPI_COMM_WORLD);
        MPI_Status status;
        MPI_Recv(in.data(), in.size(), MPI_BYTE, MPI_ANY_SOURCE, tag, MPI_COMM_WORLD, &status);
        int arrived = 0;
        MPI_Get_count(&status, MPI_BYTE, &arrived);
        if (arrived != length || status.MPI_SOURCE != (rank + size - 1) % size) return 1;
        if (rank % 2 == 1)
            MPI_Send(out.data(), length, MPI_BYTE, (rank + 1) % size, tag, MPI_COMM_WORLD);
    }
    std::printf("program: rank %d has %.0f\n", rank, all);
    MPI_Finalize();
}
