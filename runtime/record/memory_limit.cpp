#include "record/memory_limit.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>

namespace tim {
namespace {

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t least = std::uint64_t{4} << 20;

/// The number in a file; no limit where there is none, or `max`.
std::uint64_t limit_in(const std::string& file) {
    std::ifstream in{file};
    std::uint64_t limit = 0;
    return in >> limit ? limit : no_limit;
}

/// The least limit of a group and of those above it.
std::uint64_t least_limit(const std::string& mount, std::string group, const std::string& file) {
    std::uint64_t limit = limit_in(mount + file);
    for (; group.size() > 1; group.erase(group.rfind('/')))
        limit = std::min(limit, limit_in(fmt::format("{}{}{}", mount, group, file)));
    return limit;
}

/// cgroups(7): a line a hierarchy, `number:controllers:path`; version 2 has number 0.
std::uint64_t group_limit() {
    std::uint64_t limit = no_limit;
    std::ifstream groups{"/proc/self/cgroup"};
    for (std::string line; std::getline(groups, line);) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == line.npos || second == line.npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const std::string group = line.substr(second + 1);
        if (controllers == ",,")
            limit = std::min(limit, least_limit("/sys/fs/cgroup", group, "/memory.max"));
        else if (controllers.find(",memory,") != controllers.npos)
            limit = std::min(limit,
                             least_limit("/sys/fs/cgroup/memory", group, "/memory.limit_in_bytes"));
    }
    return limit;
}

}  // namespace

std::uint32_t ranks_on_this_machine() {
    for (const char* name : {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "PMI_LOCAL_SIZE",
                             "LOCAL_WORLD_SIZE", "SLURM_NTASKS_PER_NODE"}) {
        const char* text = std::getenv(name);
        if (text == nullptr) continue;
        std::uint32_t ranks = 0;
        std::from_chars(text, text + std::strlen(text), ranks);
        if (ranks > 0) return ranks;
    }
    return 1;
}

std::uint64_t memory_for_recording(std::uint32_t ranks) {
    const auto pages = static_cast<std::uint64_t>(std::max(sysconf(_SC_PHYS_PAGES), 1L));
    const std::uint64_t machine = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    return std::max(std::min(machine, group_limit()) / 8 / std::max(ranks, 1U), least);
}

}  // namespace tim
