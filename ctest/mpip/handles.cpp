// MPI gives the handle of a request away again as soon as that is complete: before the call that
// has completed it comes back, another thread may have a request of the same name. Here one begins
// and completes a request in just that time, for each call that completes requests.

#include <dlfcn.h>

#include <thread>
#include <utility>

#include "log.hpp"

namespace {

traffic_log log_of_rank;
constexpr int bytes = 40;
char out[bytes];
char in[bytes];

/// The request that the next call completes; MPI_REQUEST_NULL: nothing happens meanwhile.
MPI_Request completing = MPI_REQUEST_NULL;
int seen_again = 0;

void log(const char* call, way direction, int moved) {
    log_of_rank.add("message", call, "MPI_COMM_WORLD", 0, direction, moved);
}

/// What another thread does: sends, which need not be followed.
void meanwhile() {
    MPI_Request completed = std::exchange(completing, MPI_REQUEST_NULL);
    if (completed == MPI_REQUEST_NULL) return;
    std::thread{[completed] {
        MPI_Request request;
        MPI_Status status;
        MPI_Issend(out, 1, MPI_CHAR, 0, 2, MPI_COMM_WORLD, &request);
        if (request == completed) ++seen_again;
        char received_here;
        MPI_Recv(&received_here, 1, MPI_CHAR, 0, 2, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        MPI_Wait(&request, &status);
        log("MPI_Issend", sent, 1);
        log("MPI_Recv", received, 1);
    }}.join();
}

/// Begins a receive, lets `complete` complete it, and completes another one beside it.
template <class Complete>
void receive(Complete complete) {
    MPI_Request requests[2];
    for (int i = 0; i < 2; ++i) MPI_Irecv(in, bytes, MPI_CHAR, 0, i, MPI_COMM_WORLD, &requests[i]);
    MPI_Send(out, bytes / 2, MPI_CHAR, 0, 0, MPI_COMM_WORLD);
    completing = requests[0];
    complete(requests);
    MPI_Send(out, bytes, MPI_CHAR, 0, 1, MPI_COMM_WORLD);
    MPI_Wait(&requests[1], MPI_STATUS_IGNORE);
    for (const int moved : {bytes / 2, bytes}) {
        log("MPI_Send", sent, moved);
        log("MPI_Irecv", received, moved);
    }
}

}  // namespace

/// MPI's function, and then what happens while it has not come back.
#define MEANWHILE(name, parameters, arguments)                                         \
    extern "C" __attribute__((visibility("default"))) int PMPI_##name parameters {     \
        static auto* const mpi =                                                       \
            reinterpret_cast<decltype(&PMPI_##name)>(dlsym(RTLD_NEXT, "PMPI_" #name)); \
        const int result = mpi arguments;                                              \
        meanwhile();                                                                   \
        return result;                                                                 \
    }

MEANWHILE(Wait, (MPI_Request * request, MPI_Status* status), (request, status))
MEANWHILE(Test, (MPI_Request * request, int* flag, MPI_Status* status), (request, flag, status))
MEANWHILE(Waitall, (int count, MPI_Request* requests, MPI_Status* statuses),
          (count, requests, statuses))
MEANWHILE(Testall, (int count, MPI_Request* requests, int* flag, MPI_Status* statuses),
          (count, requests, flag, statuses))
MEANWHILE(Waitany, (int count, MPI_Request* requests, int* index, MPI_Status* status),
          (count, requests, index, status))
MEANWHILE(Testany, (int count, MPI_Request* requests, int* index, int* flag, MPI_Status* status),
          (count, requests, index, flag, status))
MEANWHILE(Waitsome,
          (int count, MPI_Request* requests, int* done, int* indices, MPI_Status* statuses),
          (count, requests, done, indices, statuses))
MEANWHILE(Testsome,
          (int count, MPI_Request* requests, int* done, int* indices, MPI_Status* statuses),
          (count, requests, done, indices, statuses))

int main(int argc, char** argv) {
    int provided = 0;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
    if (provided != MPI_THREAD_MULTIPLE) std::abort();
    int index = 0;
    int flag = 0;
    int done = 0;
    int indices[2];
    receive([&](MPI_Request* r) { MPI_Wait(r, MPI_STATUS_IGNORE); });
    receive([&](MPI_Request* r) { MPI_Test(r, &flag, MPI_STATUS_IGNORE); });
    receive([&](MPI_Request* r) { MPI_Waitall(1, r, MPI_STATUSES_IGNORE); });
    receive([&](MPI_Request* r) { MPI_Testall(1, r, &flag, MPI_STATUSES_IGNORE); });
    receive([&](MPI_Request* r) { MPI_Waitany(2, r, &index, MPI_STATUS_IGNORE); });
    receive([&](MPI_Request* r) { MPI_Testany(2, r, &index, &flag, MPI_STATUS_IGNORE); });
    receive([&](MPI_Request* r) { MPI_Waitsome(2, r, &done, indices, MPI_STATUSES_IGNORE); });
    receive([&](MPI_Request* r) { MPI_Testsome(2, r, &done, indices, MPI_STATUSES_IGNORE); });
    log_of_rank.write(0);
    std::printf("program: MPI gave %d of 8 handles away again\n", seen_again);
    MPI_Finalize();
}
