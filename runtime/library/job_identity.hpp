// What tells this process, and the job it is part of, apart from all others.

#pragma once

#include <cstdint>
#include <string>

#include "profile/profile.hpp"

namespace tim {

/// A number that all ranks of the job share and other jobs don't: from what the launcher gave, else
/// `timemory run`, else the batch system, which may run many jobs in one allocation; 0 if nobody
/// gave anything. `launched`: this process is one of a launcher's.
std::uint64_t job_from_environment(bool launched);

/// What tells this job, which MPI_Comm_spawn has started, from others of the same launcher: its
/// number among them, from 1, where the launcher counts them (Open MPI's). The same on all ranks.
std::string spawned_job_from_environment();

/// The `timemory run` that started this process, or its parents; else a number that it shares with
/// children of its forks only.
std::uint64_t run_from_environment() noexcept;

/// When this process began, or its copy of the library did: nanoseconds since 1970.
std::uint64_t process_started() noexcept;
/// It begins here. For the child of a fork, which has one thread.
void started_by_fork() noexcept;

/// The profile with what tells it apart from those of other processes and jobs.
profile identified(profile p, bool launched);

}  // namespace tim
