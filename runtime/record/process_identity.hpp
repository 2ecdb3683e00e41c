// What tells a process from all others, on all machines and at all times.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace tim {

/// When a process was started, in clock ticks since the machine was: field 22 of /proc/<pid>/stat.
/// 0 if there is no such process, or if it has ended and only waits for its parent.
std::uint64_t start_of_process(pid_t pid);

/// The process that started it; 0 if there is no such process.
pid_t parent_of(pid_t pid);

/// A hash of the host's name and of the kernel's boot id: equal for processes of one machine since
/// it was started.
std::uint64_t this_boot();

std::string host_name();

/// What stands for the text of TIMEMORY_RUN in an arena. Not 0.
std::uint64_t run_number(const std::string& run);

}  // namespace tim
