// MPI calls from nine places, each with its function and line in the log, and in `address.<rank>`
// where the program is in memory.

#include <mpi.h>

#include <cstdio>
#include <string>

namespace {

std::FILE* log_file;

void log(const char* call, const char* function, int line) {
    std::fprintf(log_file, "%s\t%s\t%d\n", call, function, line);
}

// In one line, so that it is the line of both.
#define AT(call, arguments) (log(#call, __func__, __LINE__), call arguments)

int rank, ranks;
int numbers[2];
char any_place;

[[gnu::noinline]] void exchange(int tag) {
    const int next = (rank + 1) % ranks;
    const int previous = (rank + ranks - 1) % ranks;
    MPI_Request request;
    AT(MPI_Irecv, (&numbers[1], 1, MPI_INT, previous, tag, MPI_COMM_WORLD, &request));
    AT(MPI_Send, (&numbers[0], 1, MPI_INT, next, tag, MPI_COMM_WORLD));
    AT(MPI_Wait, (&request, MPI_STATUS_IGNORE));
    numbers[0] += tag;
}

[[gnu::noinline]] void reduce(MPI_Op op) {
    int sum = 0;
    AT(MPI_Allreduce, (numbers, &sum, 1, MPI_INT, op, MPI_COMM_WORLD));
    AT(MPI_Allreduce, (numbers + 1, &sum, 1, MPI_INT, op, MPI_COMM_SELF));
    AT(MPI_Bcast, (&sum, 1, MPI_INT, 0, MPI_COMM_WORLD));
    numbers[1] = sum;
}

/// A part of its caller, for the compiler.
[[gnu::always_inline]] inline void meet() {
    AT(MPI_Barrier, (MPI_COMM_WORLD));
}

}  // namespace

int main(int argc, char** argv) {
    MPI_Init(&argc, &argv);
    PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
    PMPI_Comm_size(MPI_COMM_WORLD, &ranks);
    log_file = std::fopen(("log." + std::to_string(rank)).c_str(), "w");
    std::FILE* const address = std::fopen(("address." + std::to_string(rank)).c_str(), "w");
    std::fprintf(address, "%p\n", static_cast<void*>(&any_place));
    std::fclose(address);
    for (int i = 0; i < 3; ++i) {
        exchange(i);
        reduce(i == 0 ? MPI_SUM : MPI_MAX);
        meet();
        AT(MPI_Barrier, (MPI_COMM_WORLD));
    }
    AT(MPI_Barrier, (MPI_COMM_SELF));
    std::fclose(log_file);
    MPI_Finalize();
}
