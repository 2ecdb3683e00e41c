// MPI without a world: what is moved in two sessions that overlap. One that is opened when there is
// none any more crashes in Debian's MPICH.

#include "log.hpp"

#if MPI_VERSION >= 4

namespace {

traffic_log log_of_rank;
constexpr int unknown = -2;  // what a rank is in MPI_COMM_WORLD, where there is none

MPI_Session open_session() {
    MPI_Session session;
    if (MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_ARE_FATAL, &session) != MPI_SUCCESS)
        std::abort();
    return session;
}

/// Works on all ranks of a session; returns the own one.
int exchange(MPI_Session session, const std::string& name, int bytes) {
    MPI_Group group;
    MPI_Group_from_session_pset(session, "mpi://WORLD", &group);
    MPI_Comm comm;
    MPI_Comm_create_from_group(group, name.c_str(), MPI_INFO_NULL, MPI_ERRORS_ARE_FATAL, &comm);
    MPI_Group_free(&group);
    MPI_Comm_set_name(comm, name.c_str());
    int rank = 0;
    int size = 0;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    std::vector<char> out(4096);
    std::vector<char> in(4096);
    const int right = (rank + 1) % size;
    const int left = (rank + size - 1) % size;
    MPI_Request request;
    MPI_Irecv(in.data(), 4096, MPI_CHAR, MPI_ANY_SOURCE, 1, comm, &request);
    MPI_Send(out.data(), bytes + rank, MPI_CHAR, right, 1, comm);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    log_of_rank.add("message", "MPI_Send", name, unknown, sent, bytes + rank);
    log_of_rank.add("message", "MPI_Irecv", name, unknown, received, bytes + left);
    MPI_Allreduce(MPI_IN_PLACE, in.data(), bytes, MPI_CHAR, MPI_MAX, comm);
    log_of_rank.add("message", "MPI_Allreduce", name, nobody, sent, bytes);
    log_of_rank.add("message", "MPI_Allreduce", name, nobody, received, bytes);
    MPI_Comm_free(&comm);
    return rank;
}

}  // namespace

int main() {
    MPI_Session first = open_session();
    MPI_Session second = open_session();
    exchange(first, "of the first", 100);
    MPI_Session_finalize(&first);
    const int rank = exchange(second, "of the second", 200);
    MPI_Session_finalize(&second);
    log_of_rank.write(rank);
    std::printf("program: rank %d is done\n", rank);
}

#else

int main() {}

#endif
