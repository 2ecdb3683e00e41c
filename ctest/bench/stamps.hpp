// What jobs that measure MPI_Finalize write.

#pragma once

#include <mpi.h>
#include <time.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

/// Of CLOCK_MONOTONIC, or another one, in nanoseconds.
inline std::int64_t stamp(clockid_t clock = CLOCK_MONOTONIC) {
    timespec t{};
    clock_gettime(clock, &t);
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// The greatest resident size in KiB, since the last reset.
inline long greatest_resident_size() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::atol(line.c_str() + 6);
    return -1;
}

/// From here on: otherwise what MPI_Init took and gave back would hide what comes.
inline bool reset_greatest_resident_size() {
    std::ofstream references("/proc/self/clear_refs");
    return static_cast<bool>(references << "5" << std::flush);
}

/// Calls MPI_Finalize, and writes CLOCK_MONOTONIC before and after it, in nanoseconds, by how many
/// KiB the greatest resident size grew meanwhile, and what CPU time it took, in nanoseconds.
/// Returns what main() is to return.
inline int finalize_with_stamps(const std::string& file) {
    if (!reset_greatest_resident_size()) return 3;
    const long resident = greatest_resident_size();
    const std::int64_t used = stamp(CLOCK_PROCESS_CPUTIME_ID);
    const std::int64_t entry = stamp();
    MPI_Finalize();
    const std::int64_t exit = stamp();
    const std::int64_t worked = stamp(CLOCK_PROCESS_CPUTIME_ID) - used;
    const long growth = greatest_resident_size() - resident;
    std::ofstream stamps(file);
    stamps << entry << ' ' << exit << ' ' << growth << ' ' << worked << std::endl;
    return stamps ? 0 : 1;
}
