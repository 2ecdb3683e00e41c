// Eight threads a rank that all call MPI at once, on communicators of their own and on a common
// one, and complete each other's requests.

#include <thread>

#include "log.hpp"

namespace {

constexpr int threads = 8;
constexpr int rounds = 50;
traffic_log log_of_rank;
int me = 0;
int ranks = 0;

void run(int thread, MPI_Comm own) {
    const std::string name = "of thread " + std::to_string(thread);
    char out[2000] = {};
    char in[2000] = {};
    const int right = (me + 1) % ranks;
    const int left = (me + ranks - 1) % ranks;
    for (int i = 0; i < rounds; ++i) {
        const int bytes = 1 + (thread * 31 + i * 7) % 1000;
        const auto log = [&](const char* call, const std::string& where, int peer, way direction) {
            log_of_rank.add("message", call, where, peer, direction, bytes);
        };
        MPI_Request r[2];
        MPI_Irecv(in, sizeof in, MPI_CHAR, MPI_ANY_SOURCE, thread, MPI_COMM_WORLD, &r[0]);
        MPI_Isend(out, bytes, MPI_CHAR, right, thread, MPI_COMM_WORLD, &r[1]);
        if (i % 2 == 0) {
            MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
        } else {
            int index = 0;
            MPI_Waitany(2, r, &index, MPI_STATUS_IGNORE);
            MPI_Wait(&r[1 - index], MPI_STATUS_IGNORE);
        }
        log("MPI_Irecv", "MPI_COMM_WORLD", left, received);
        log("MPI_Isend", "MPI_COMM_WORLD", right, sent);
        MPI_Sendrecv(out, bytes, MPI_CHAR, left, 0, in, sizeof in, MPI_CHAR, right, 0, own,
                     MPI_STATUS_IGNORE);
        log("MPI_Sendrecv", name, left, sent);
        log("MPI_Sendrecv", name, right, received);
        if (i % 10 != 0) continue;
        MPI_Allgather(out, bytes, MPI_CHAR, std::vector<char>(2000 * 16).data(), bytes, MPI_CHAR,
                      own);
        log("MPI_Allgather", name, nobody, sent);
        log_of_rank.add("message", "MPI_Allgather", name, nobody, received, long{bytes} * ranks);
        // A request that another thread completes.
        MPI_Request passed;
        MPI_Irecv(in, sizeof in, MPI_CHAR, me, 100 + thread, MPI_COMM_WORLD, &passed);
        std::thread other{[&passed] { MPI_Wait(&passed, MPI_STATUS_IGNORE); }};
        MPI_Send(out, bytes, MPI_CHAR, me, 100 + thread, MPI_COMM_WORLD);
        other.join();
        log("MPI_Irecv", "MPI_COMM_WORLD", me, received);
        log("MPI_Send", "MPI_COMM_WORLD", me, sent);
    }
}

}  // namespace

int main(int argc, char** argv) {
    int provided = 0;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
    if (provided != MPI_THREAD_MULTIPLE) std::abort();
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    std::vector<MPI_Comm> own(threads);
    for (int i = 0; i < threads; ++i) {
        MPI_Comm_dup(MPI_COMM_WORLD, &own[static_cast<std::size_t>(i)]);
        MPI_Comm_set_name(own[static_cast<std::size_t>(i)],
                          ("of thread " + std::to_string(i)).c_str());
    }
    std::vector<std::thread> all;
    for (int i = 0; i < threads; ++i) all.emplace_back(run, i, own[static_cast<std::size_t>(i)]);
    for (std::thread& t : all) t.join();
    for (MPI_Comm& c : own) MPI_Comm_free(&c);
    log_of_rank.write(me);
    std::printf("program: rank %d of %d is done\n", me, ranks);
    MPI_Finalize();
}
