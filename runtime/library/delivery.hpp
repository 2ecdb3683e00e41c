// Where what a process recorded goes at the end: into the fold, or into files of its own.

#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>

#include "fold/communicator.hpp"
#include "profile/profile.hpp"
#include "settings/settings.hpp"

namespace tim {

/// MPI_Comm_spawn has started this job: its files go to a folder of their own, `spawned-1`.
void note_spawned();

/// The settings with the names of files as the user meant them (`%p`, `time_output` and so on).
settings settings_of_rank(std::uint32_t rank, std::uint32_t size);

/// The settings for files that only this process writes: a child of a fork, or a process that was
/// started as one of several without MPI, doesn't overwrite its siblings' files.
settings own_file_settings(bool child_of_fork);

/// The laps that stood apart, in a file of this process: they are not folded. They are gone then.
void write_laps(const settings& s, std::optional<std::uint32_t> rank);

/// Writes the result of this process alone, and announces it on `announce`. Whether all was
/// written.
bool write_local(profile p, const settings& s, std::FILE* announce);

/// Folds over ranks and writes, on rank 0; what can't be delivered goes to a file of its own.
/// Whether what this rank has recorded is in a file now.
bool fold_and_write(profile mine, const communicator& mpi, const settings& s, std::FILE* announce);

/// MPI is or was there, but the fold did not take place: this rank's laps and profile go to files
/// of its own. Whether the profile is there.
bool write_own_profile(profile p, std::uint32_t rank, const char* reason);

}  // namespace tim
