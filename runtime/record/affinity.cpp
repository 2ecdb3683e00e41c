#include "record/affinity.hpp"

#include <fmt/format.h>
#include <sched.h>

#include <cstdlib>
#include <exception>
#include <vector>

#include "settings/say.hpp"

namespace tim {

std::atomic<bool> pin_threads{false};

namespace {

/// The CPUs that this process may use, beginning with the one of its first thread.
std::vector<int> cpus_of_process() {
    std::vector<int> cpus;
    // Room for more CPUs than a cpu_set_t has.
    for (int room = CPU_SETSIZE; room <= 1 << 20; room *= 4) {
        cpu_set_t* const set = CPU_ALLOC(room);
        const std::size_t size = CPU_ALLOC_SIZE(room);
        const bool fits = set != nullptr && sched_getaffinity(0, size, set) == 0;
        for (int cpu = 0; fits && cpu < room; ++cpu)
            if (CPU_ISSET_S(cpu, size, set)) cpus.push_back(cpu);
        CPU_FREE(set);
        if (fits) break;
    }
    const auto number = [](const char* variable) {
        const char* text = std::getenv(variable);
        return text != nullptr ? std::strtoul(text, nullptr, 10) : 0;
    };
    const std::size_t rank =
        number("OMPI_COMM_WORLD_LOCAL_RANK") + number("MPI_LOCALRANKID") + number("SLURM_LOCALID");
    const std::size_t ranks = number("OMPI_COMM_WORLD_LOCAL_SIZE") + number("MPI_LOCALNRANKS") +
                              number("SLURM_NTASKS_PER_NODE");
    if (cpus.empty() || rank == 0) return cpus;
    // Each process of the node begins where the one before it ends.
    const std::size_t first = ranks > rank ? rank * cpus.size() / ranks : rank;
    std::vector<int> turned;
    for (std::size_t i = 0; i < cpus.size(); ++i) turned.push_back(cpus[(first + i) % cpus.size()]);
    return turned;
}

}  // namespace

void pin_this_thread(unsigned number) noexcept {
    try {
        static const std::vector<int>& cpus = *new std::vector<int>(cpus_of_process());
        if (cpus.empty()) return;
        const int cpu = cpus[number % cpus.size()];
        cpu_set_t* const set = CPU_ALLOC(cpu + 1);
        if (set == nullptr) return;
        const std::size_t size = CPU_ALLOC_SIZE(cpu + 1);
        CPU_ZERO_S(size, set);
        CPU_SET_S(cpu, size, set);
        const bool done = sched_setaffinity(0, size, set) == 0;
        CPU_FREE(set);
        if (done) say_detail(fmt::format("thread {} is pinned to CPU {}", number, cpu));
    } catch (const std::exception&) {
        // For want of memory the thread stays where it is.
    }
}

}  // namespace tim
