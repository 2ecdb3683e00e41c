// A job with a known profile: threads count for themselves what they do, and write it down.
//
//     exact <log folder> [silent rank]
//
// The component `ticks` reads a clock that only its own thread moves, so that every lap's value is
// known beforehand. Each thread writes one file: per call path the number of laps and the sum, the
// sum of squares, the least and the greatest of their ticks. Of the ranks,
//   - each starts four waves of eight threads, which build a tree of ten chains five deep and fifty
//     flat names in one reused buffer;
//   - rank 1 has a name of its own;
//   - the last one records nothing, but is there;
//   - each of the others has a thread that is inside a region when recording ends.

#include <mpi.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <timemory/timemory.h>

#include "../ticks.hpp"

namespace {

/// What one thread did: the replay that the results are compared with.
class journal {
public:
    journal(std::string folder, int rank, int thread)
        : file_(folder + "/" + std::to_string(rank) + "-" + std::to_string(thread) + ".log"),
          random_(static_cast<unsigned>(rank * 1000 + thread)) {}

    void push(const char* name) {
        stack_.push_back({name, ticks});
        timemory_push_region(name);
    }
    void pop(const char* name) {
        timemory_pop_region(name);
        std::string path;
        for (const open& o : stack_) path += (path.empty() ? "" : "/") + o.name;
        const std::int64_t lap = ticks - stack_.back().begin;
        stack_.pop_back();
        tally& t = tallies_[path];
        t.min = t.laps == 0 ? lap : std::min(t.min, lap);
        t.max = t.laps == 0 ? lap : std::max(t.max, lap);
        t.sum += lap;
        t.squares += lap * lap;
        ++t.laps;
    }
    void work() { ticks += static_cast<std::int64_t>(random_() % 997); }
    int repeats() { return 1 + static_cast<int>(random_() % 4); }

    void write() {
        std::ofstream out(file_);
        for (const auto& [path, t] : tallies_)
            out << path << '\t' << t.laps << '\t' << t.sum << '\t' << t.squares << '\t' << t.min
                << '\t' << t.max << '\n';
        if (!out.flush()) std::abort();
    }

private:
    struct open {
        std::string name;
        std::int64_t begin = 0;
    };
    struct tally {
        std::int64_t laps = 0, sum = 0, squares = 0, min = 0, max = 0;
    };
    std::string file_;
    std::mt19937 random_;
    std::vector<open> stack_;
    std::map<std::string, tally> tallies_;
};

/// The names of a chain repeat in the other chains, and `again` repeats in its own.
void chains(journal& j) {
    static const char* const deeper[] = {"assemble", "again", "again", "inner"};
    for (int chain = 0; chain < 10; ++chain) {
        const std::string top = "chain " + std::to_string(chain);
        for (int n = j.repeats(); n > 0; --n) {
            j.push(top.c_str());
            j.work();
            for (int depth = 0; depth < 4; ++depth) {
                j.push(deeper[depth]);
                j.work();
            }
            for (int depth = 4; depth-- > 0;) {
                j.work();
                j.pop(deeper[depth]);
            }
            j.pop(top.c_str());
        }
    }
}

void flat_names(journal& j) {
    char buffer[32];
    for (int round = 0; round < 3; ++round)
        for (int i = 0; i < 50; ++i) {
            std::snprintf(buffer, sizeof buffer, "flat %d", i);
            j.push(buffer);
            std::snprintf(buffer, sizeof buffer, "overwritten");
            j.work();
            std::snprintf(buffer, sizeof buffer, "flat %d", i);
            j.pop(buffer);
        }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const std::string folder = argv[1];
    int level = 0;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
    int rank = 0;
    int ranks = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    timemory_init(argc, argv);
    if (!measure_with_ticks("wall_clock, ticks")) return 3;

    std::atomic<bool> inside = false;
    std::atomic<bool> released = false;
    std::thread waiting;
    const bool silent = ranks > 1 && rank == ranks - 1;
    if (!silent) {
        for (int wave = 0; wave < 4; ++wave) {
            std::vector<std::thread> threads;
            for (int t = 0; t < 8; ++t)
                threads.emplace_back([&, t] {
                    journal j(folder, rank, wave * 8 + t);
                    chains(j);
                    flat_names(j);
                    if (rank == 1) {
                        j.push("only here");
                        j.work();
                        j.pop("only here");
                    }
                    j.write();
                });
            for (std::thread& t : threads) t.join();
        }
        waiting = std::thread([&] {
            ticks = 5000;  // only this thread can read it, and it never ends the region in time
            timemory_push_region("still open");
            inside = true;
            inside.notify_one();
            released.wait(false);
            timemory_pop_region("still open");
        });
        inside.wait(false);
    }
    timemory_finalize();
    MPI_Finalize();
    released = true;
    released.notify_one();
    if (waiting.joinable()) waiting.join();
    std::printf("program: rank %d of %d ends\n", rank, ranks);
    return 0;
}
