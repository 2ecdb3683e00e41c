// What a test program moves, counted by itself: without MPI's statuses where it can, and never with
// what is tested. Each rank writes a file: lines of `kind call communicator peer direction count
// bytes least greatest`, separated by tabs.

#pragma once

#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

enum way { sent = 0, received = 1 };
constexpr int nobody = -1;

struct amount {
    long count = 0, bytes = 0, least = -1, greatest = -1;
};

class traffic_log {
public:
    /// `place` is the name of a communicator, a window or a file.
    void add(const char* kind, const std::string& call, const std::string& place, int peer,
             way direction, long bytes) {
        const std::lock_guard guard{lock_};
        amount& a = amounts_[{kind, call, place, peer, direction}];
        a.least = a.count == 0 ? bytes : std::min(a.least, bytes);
        a.greatest = std::max(a.greatest, bytes);
        a.bytes += bytes;
        ++a.count;
    }
    void write(int rank) const {
        std::FILE* file = std::fopen(("log." + std::to_string(rank)).c_str(), "w");
        for (const auto& [key, a] : amounts_) {
            const auto& [kind, call, place, peer, direction] = key;
            std::fprintf(file, "%s\t%s\t%s\t%d\t%d\t%ld\t%ld\t%ld\t%ld\n", kind.c_str(),
                         call.c_str(), place.c_str(), peer, direction, a.count, a.bytes, a.least,
                         a.greatest);
        }
        std::fclose(file);
    }

private:
    std::mutex lock_;
    std::map<std::tuple<std::string, std::string, std::string, int, way>, amount> amounts_;
};

/// A communicator as the program knows it.
struct group_of_ranks {
    MPI_Comm comm = MPI_COMM_NULL;
    std::string name;
    std::vector<int> world;  ///< the rank in MPI_COMM_WORLD of each of the ranks one talks to
    int rank = 0;
    int size = 0;
};
