// A job of which one rank comes to a bad end, and which keeps account of what it has measured.
//
//     matrix <fault> <rank> [<setting>=<value>...]
//
// Each rank writes every lap that it has ended to `log-<rank>`, a shared mapping, which holds what
// was written however the rank ends. The component `ticks` reads a clock that only its own thread
// moves, so the value of each lap is known. The settings are those of the faulty rank alone.
// Compiled with BARE it is the same program without timemory: what it prints and how it ends are
// what the measured one's must be.

#include <fcntl.h>
#include <mpi.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "../ticks.hpp"
#include "bare.hpp"

namespace {

/// A lap: its ticks, then its path.
struct entry {
    std::int64_t ticks;
    char path[56];
};
static_assert(sizeof(entry) == 64);

constexpr std::size_t most_entries = 4096;
entry* entries = nullptr;
std::atomic<std::size_t> used = 0;

void open_log(int rank) {
    const std::string name = "log-" + std::to_string(rank);
    const int file = open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
    if (file < 0 || ftruncate(file, most_entries * sizeof(entry)) != 0) std::abort();
    void* memory =
        mmap(nullptr, most_entries * sizeof(entry), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) std::abort();
    entries = static_cast<entry*>(memory);
    close(file);
}

/// A region, which is written to the log when it has ended. `path` ends with its name.
class region {
public:
    explicit region(const std::string& path)
        : path_(path), name_(path.substr(path.rfind('/') + 1)), begin_(ticks) {
        timemory_push_region(name_.c_str());
    }
    ~region() {
        timemory_pop_region(name_.c_str());
        entry& e = entries[used++ % most_entries];
        e.ticks = ticks - begin_;
        std::strncpy(e.path, path_.c_str(), sizeof e.path - 1);
    }
    region(const region&) = delete;
    region& operator=(const region&) = delete;

private:
    std::string path_, name_;
    std::int64_t begin_;
};

/// The faulty rank leaves a file behind when it comes to its fault: from then on time counts.
void come_to_the_fault() {
    const int file = open("fault", O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (file < 0) std::abort();
    close(file);
}

void work(int rank) {
    for (int i = 0; i < 10; ++i) {
        const region outer("work");
        ticks += 1 + rank;
        for (int k = 0; k < 3; ++k) {
            const region inner("work/inner");
            ticks += 100 + 7 * i + k;
        }
    }
    const region own("rank " + std::to_string(rank));
    ticks += 5000;
}

/// Messages of which it is known how many they are: round the ring, each longer than the last.
void exchange(int rank, int ranks) {
    for (int bytes = 1; bytes <= 10; ++bytes) {
        char sent[10] = {};
        char received[10];
        MPI_Sendrecv(sent, bytes, MPI_BYTE, (rank + 1) % ranks, 0, received, bytes, MPI_BYTE,
                     (rank + ranks - 1) % ranks, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
}

/// In a thread of its own, which stays until the process ends.
void work_beside(int rank) {
    static std::atomic<bool> done = false;
    std::thread([rank] {
        for (int i = 0; i < 5; ++i) {
            const region beside("beside");
            ticks += 11 * (rank + 1);
        }
        done = true;
        done.notify_one();
        for (;;) pause();
    }).detach();
    done.wait(false);
}

void begin_measuring([[maybe_unused]] int argc, [[maybe_unused]] char** argv,
                     [[maybe_unused]] bool faulty) {
#ifndef BARE
    if (faulty)
        for (int i = 3; i < argc; ++i) {
            const std::string assignment = argv[i];
            const std::size_t equals = assignment.find('=');
            if (timemory_set_setting(assignment.substr(0, equals).c_str(),
                                     assignment.substr(equals + 1).c_str()) != 0)
                std::abort();
        }
    timemory_init(argc, argv);
    if (!measure_with_ticks("wall_clock, ticks")) std::abort();
#endif
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const std::string fault = argv[1];
    int level = 0;
    int rank = 0;
    int ranks = 0;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    const bool faulty = rank == std::atoi(argv[2]);
    open_log(rank);
    exchange(rank, ranks);
    if (faulty && fault == "late") {
        MPI_Barrier(MPI_COMM_WORLD);
        come_to_the_fault();
        MPI_Finalize();
        begin_measuring(argc, argv, faulty);
        work(rank);
        return 0;
    }
    begin_measuring(argc, argv, faulty);
    work(rank);
    work_beside(rank);
    std::printf("program: rank %d of %d has worked\n", rank, ranks);
    std::fflush(stdout);
    MPI_Barrier(MPI_COMM_WORLD);

    if (faulty) {
        usleep(200'000);  // what the others have printed is at the launcher
        const region open("open");
        {
            const region step("open/step");
            ticks += 77;
        }
        come_to_the_fault();
        if (fault == "kill") raise(SIGKILL);
        if (fault == "segv") *static_cast<volatile int*>(nullptr) = 1;
        if (fault == "term") raise(SIGTERM);
        if (fault == "int") raise(SIGINT);
        if (fault == "abrt") std::abort();
        if (fault == "_exit") _exit(3);
        if (fault == "abort") MPI_Abort(MPI_COMM_WORLD, 3);
        if (fault == "exit") std::exit(7);
    }
    // These ranks never see the end of it.
    const bool ends = fault == "kill" || fault == "segv" || fault == "term" || fault == "int" ||
                      fault == "abrt" || fault == "_exit" || fault == "abort" || fault == "exit" ||
                      fault == "return";
    if (faulty && fault == "return") return 0;
    if (ends) MPI_Barrier(MPI_COMM_WORLD);

    if (fault == "loop" && faulty)
        for (;;) usleep(1000);
    if (fault == "no folder" && faulty) {
        // The working folder is gone, and no relative name leads anywhere.
        if (mkdir("gone", 0700) != 0 || chdir("gone") != 0 || rmdir("../gone") != 0) std::abort();
    }
    if (fault == "removed" && faulty && std::system("rm -r out") != 0) std::abort();
    if (fault == "mpi first" && faulty) {
        MPI_Finalize();
        timemory_finalize();
        return 0;
    }
    if (fault != "one" || faulty) timemory_finalize();
    MPI_Finalize();
    return 0;
}
