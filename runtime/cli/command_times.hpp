// What a command took as a whole, as time(1) has it.

#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "profile/profile.hpp"

namespace tim::cli {

/// Bytes of a process and of those that it waited for: /proc/<pid>/io, see proc(5).
struct io_bytes {
    std::int64_t read_calls = 0;     ///< `rchar`: what read calls gave
    std::int64_t write_calls = 0;    ///< `wchar`
    std::int64_t read_storage = 0;   ///< `read_bytes`: what came from storage
    std::int64_t write_storage = 0;  ///< `write_bytes`
};

/// Of a process that has not been waited for; nothing if it can't be read.
std::optional<io_bytes> io_of(pid_t pid);

/// A command that has ended, with all processes that it waited for.
struct command_usage {
    std::string name;       ///< what it is called in the profile
    std::int64_t wall = 0;  ///< ns
    rusage usage{};
    std::optional<io_bytes> io;
};

/// A profile of one path, with the components `wall_clock`, `user_clock`, `sys_clock`, `cpu_clock`,
/// `cpu_util`, `peak_rss`, page faults, context switches and I/O.
profile profile_of(const command_usage& usage);

/// One table of them all, over the ranks where they have some.
void print_times(const std::vector<profile>& profiles, const std::string& title, std::FILE* to);

}  // namespace tim::cli
