// A job that does one unusual thing, and a small known profile: ten laps of `work` on each rank.
//
//     faults <what>
//
// Compiled with BARE it is the same program without timemory: its output and exit status are what
// the measured one's must be.

#include <mpi.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "bare.hpp"

namespace {

using clock_type = std::chrono::steady_clock;

int rank = 0;
int ranks = 1;

void say(const char* what) {
    std::printf("program: rank %d of %d: %s\n", rank, ranks, what);
    std::fflush(stdout);
}

void work() {
    for (int i = 0; i < 10; ++i) {
        timemory_push_region("work");
        timemory_pop_region("work");
    }
}

/// Rank 0 takes whatever comes, for two seconds after the others have gone into MPI_Finalize, and
/// leaves one receive pending. Everything it gets must be the program's own.
void take_everything() {
    if (rank != 0) {
        const int value = 100 + rank;
        MPI_Send(&value, 1, MPI_INT, 0, rank, MPI_COMM_WORLD);
        return;
    }
    char buffer[1 << 16];
    int messages = 0;
    int sum = 0;
    const auto end = clock_type::now() + std::chrono::seconds(2);
    MPI_Request request = MPI_REQUEST_NULL;
    while (clock_type::now() < end) {
        if (request == MPI_REQUEST_NULL)
            MPI_Irecv(buffer, sizeof buffer, MPI_BYTE, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD,
                      &request);
        int done = 0;
        MPI_Status status;
        MPI_Test(&request, &done, &status);
        if (!done) {
            usleep(1000);
            continue;
        }
        int bytes = 0;
        int value = 0;
        MPI_Get_count(&status, MPI_BYTE, &bytes);
        if (bytes == sizeof value) std::memcpy(&value, buffer, sizeof value);
        ++messages;
        sum += value == 100 + status.MPI_TAG ? value : 1'000'000;
    }
    MPI_Cancel(&request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    say(("took " + std::to_string(messages) + " messages, sum " + std::to_string(sum)).c_str());
}

/// Outstanding wildcard receives must not swallow what belongs to the fold.
void leave_receives_pending() {
    static char buffer[4][4096];
    for (auto& b : buffer) {
        MPI_Request request = MPI_REQUEST_NULL;
        MPI_Irecv(b, sizeof b, MPI_BYTE, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &request);
        MPI_Request_free(&request);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "plain";
    if (what == "init_first") {
        timemory_init(argc, argv);
        work();
    }
    if (what == "threads")
        MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &ranks);
    else
        MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (what != "init_first" && what != "never_init") {
        timemory_init(argc, argv);
        work();
    }
    say("works");

    if (what == "plain" || what == "init_first") {
        timemory_finalize();
    } else if (what == "never_init") {
        work();
    } else if (what == "no_finalize") {
    } else if (what == "finalize_twice") {
        timemory_finalize();
        timemory_finalize();
    } else if (what == "regions_after_finalize") {
        timemory_finalize();
        work();
    } else if (what == "all_exit_without_mpi_finalize") {
        say("ends");
        MPI_Barrier(MPI_COMM_WORLD);
        std::exit(0);
    } else if (what == "status") {
        timemory_finalize();
        say("ends");  // before the launcher ends the others because of rank 0
        MPI_Finalize();
        return rank == 0 ? 5 : 0;
    } else if (what == "late") {
        if (rank == 1) usleep(700'000);
        timemory_finalize();
    } else if (what == "wildcard") {
        take_everything();
        timemory_finalize();
    } else if (what == "pending_receives") {
        leave_receives_pending();
        timemory_finalize();
    } else if (what == "threads") {
        // Threads that go on measuring while the results are folded.
        static std::atomic<bool> stop = false;
        std::thread busy([] {
            while (!stop) {
                timemory_push_region("busy");
                timemory_pop_region("busy");
            }
        });
        usleep(20'000);
        timemory_finalize();
        MPI_Finalize();
        stop = true;
        busy.join();
        say("ends");
        return 0;
    } else {
        std::fprintf(stderr, "faults: what is '%s'?\n", what.c_str());
        return 2;
    }
    MPI_Finalize();
    say("ends");
    return 0;
}
