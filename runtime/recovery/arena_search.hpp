// Which arenas there are of which jobs.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "recovery/process_record.hpp"

namespace tim {

/// The arenas of one job: of its ranks on this machine, or of one program and the children that it
/// forked. Never without a process.
struct job_arenas {
    std::uint64_t job = 0;                  ///< as the launcher named it; else of the run
    std::string output;                     ///< where the results of its first process were to go
    std::vector<process_record> processes;  ///< without profiles, by rank and start
    std::size_t running = 0;                ///< of all of them, also when some were taken away
};

/// The folders in which programs leave their arenas, if nobody told them otherwise: the setting
/// `arena_path`, and the temporary folder.
std::vector<std::string> arena_folders();

/// The arenas in the folders, and the files among `places`, by job. `broken` is called with each
/// file that can't be read, and why.
std::vector<job_arenas> find_jobs(
    const std::vector<std::string>& places,
    const std::function<void(const std::string& file, const std::string& why)>& broken);

/// A command that has ended, and the processes that it started.
struct ended_command {
    std::uint64_t run = 0;  ///< hash of its TIMEMORY_RUN; 0: it had none
    std::uint32_t pid = 0;
    std::uint64_t process_start = 0;  ///< as start_of_process(), which tells it from an earlier one
    std::uint32_t status = 0;         ///< as waitpid() gives it
};

/// Moves what the command's processes recorded and nobody has written from the memory of this
/// machine to the folder of their results, since that memory goes with the job; says so in one
/// line on stderr. Returns the folders, none twice.
std::vector<std::string> save_arenas(const ended_command& command);

}  // namespace tim
