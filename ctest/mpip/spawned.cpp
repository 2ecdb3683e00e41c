// Two jobs, one after the other, that the ranks of a third start and talk to.

#include "log.hpp"

namespace {

traffic_log log_of_rank;
constexpr int unknown = -2;  // what a rank of another job is in MPI_COMM_WORLD
constexpr int children = 2;

/// Each rank of the other job gets a message from each of this one, and the other way round.
void talk(MPI_Comm others, const std::string& name, int rank, int bytes, int their_bytes) {
    int size = 0;
    MPI_Comm_remote_size(others, &size);
    std::vector<char> data(4096);
    for (int i = 0; i < size; ++i) {
        MPI_Request request;
        MPI_Isend(data.data(), bytes + rank, MPI_CHAR, i, 1, others, &request);
        MPI_Recv(data.data() + 2048, 2048, MPI_CHAR, i, 1, others, MPI_STATUS_IGNORE);
        MPI_Wait(&request, MPI_STATUS_IGNORE);
        log_of_rank.add("message", "MPI_Isend", name, unknown, sent, bytes + rank);
        log_of_rank.add("message", "MPI_Recv", name, unknown, received, their_bytes + i);
    }
}

}  // namespace

int main(int argc, char** argv) {
    MPI_Init(&argc, &argv);
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm parent;
    MPI_Comm_get_parent(&parent);
    if (parent != MPI_COMM_NULL) {
        const std::string job = argv[1];
        talk(parent, "MPI_COMM_PARENT", rank, 200, 100);
        MPI_Barrier(MPI_COMM_WORLD);
        log_of_rank.write(rank + children * std::atoi(job.c_str()));
        MPI_Comm_disconnect(&parent);
    } else {
        MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
        for (const char* job : {"1", "2"}) {
            MPI_Comm others;
            std::string number{job};
            char* arguments[] = {number.data(), nullptr};
            if (MPI_Comm_spawn(argv[0], arguments, children, MPI_INFO_NULL, 0, MPI_COMM_WORLD,
                               &others, MPI_ERRCODES_IGNORE) != MPI_SUCCESS) {
                std::printf("program: this MPI starts no jobs\n");
                MPI_Finalize();
                return 77;
            }
            talk(others, "spawn of MPI_COMM_WORLD", rank, 100, 200);
            MPI_Comm_disconnect(&others);
        }
        log_of_rank.write(rank);
    }
    std::printf("program: rank %d is done\n", rank);
    MPI_Finalize();
}
