#include "meetings.hpp"

#include "thread.hpp"

namespace tim::mpip::meetings {
namespace {

thread_local bool meeting __attribute__((tls_model("initial-exec"))) = false;

}  // namespace

void meet(MPI_Comm comm) {
    // An MPI whose barrier is made of public calls meets once for all of them.
    if (meeting || comm == MPI_COMM_NULL || !mpi_is_up.load(std::memory_order_relaxed)) return;
    meeting = true;
    const struct end {
        ~end() { meeting = false; }
    } at_the_end;
    PMPI_Barrier(comm);
}

}  // namespace tim::mpip::meetings
