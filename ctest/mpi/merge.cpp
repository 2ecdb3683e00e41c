// A job in which what some ranks measured does not reach rank 0 in time.
//
//     merge announce 1,3   these ranks hang in the fold, before they announce their profile
//     merge send 1,3       these ranks hang in the fold, when they are asked for their profile
//     merge meet 2         these ranks come to MPI_Finalize late
//     merge none -         all is well
//
// Each rank has two threads that work, and laps that tell it apart.

#include <dlfcn.h>
#include <mpi.h>
#include <timemory/timemory.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

bool hangs_in_announcement = false;
bool hangs_in_send = false;

/// Until rank 0 has given up, and written the result without this rank.
void hang() {
    const std::string result = std::string(getenv("TIMEMORY_OUTPUT_PATH")) + "/wall.json";
    for (int i = 0; i < 1'000 && access(result.c_str(), F_OK) != 0; ++i) usleep(100'000);
}

void work(const std::string& own, int laps) {
    for (int i = 0; i < laps; ++i) {
        timemory_push_region("outer");
        timemory_push_region("inner");
        timemory_pop_region("inner");
        timemory_push_region(own.c_str());
        timemory_pop_region(own.c_str());
        timemory_pop_region("outer");
    }
}

}  // namespace

// The library of the fold finds these before MPI's.

using send = int(const void*, int, MPI_Datatype, int, int, MPI_Comm, MPI_Request*);

extern "C" __attribute__((visibility("default"))) int PMPI_Isend(const void* data, int count,
                                                                 MPI_Datatype type, int to, int tag,
                                                                 MPI_Comm on,
                                                                 MPI_Request* request) {
    static const auto real = reinterpret_cast<send*>(dlsym(RTLD_NEXT, "PMPI_Isend"));
    if (hangs_in_announcement && tag == 0) hang();  // 1 asks for a profile
    return real(data, count, type, to, tag, on, request);
}

extern "C" __attribute__((visibility("default"))) int PMPI_Issend(const void* data, int count,
                                                                  MPI_Datatype type, int to,
                                                                  int tag, MPI_Comm on,
                                                                  MPI_Request* request) {
    static const auto real = reinterpret_cast<send*>(dlsym(RTLD_NEXT, "PMPI_Issend"));
    if (hangs_in_send) hang();
    return real(data, count, type, to, tag, on, request);
}

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const std::string what = argv[1];
    int rank = 0;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    timemory_init(argc, argv);
    const bool chosen = (',' + std::string(argv[2]) + ',').find(',' + std::to_string(rank) + ',') !=
                        std::string::npos;
    work("of rank " + std::to_string(rank), rank + 1);
    std::thread([] { work("of a thread", 2); }).join();
    hangs_in_announcement = chosen && what == "announce";
    hangs_in_send = chosen && what == "send";
    if (chosen && what == "meet") sleep(3);
    MPI_Finalize();
    std::printf("program: rank %d ends\n", rank);
    return 0;
}
