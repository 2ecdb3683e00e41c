// Finding the communicator at run time: which MPI is mapped in this process, and the library built
// for it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fold/communicator.hpp"

namespace tim {

/// The communicator for the MPI that is mapped in this process, or null if there is none (yet). The
/// communicator library is looked for beside libtimemory.so, then where the loader looks; if it is
/// missing, one line on stderr says so, once. Looks again only when a library was mapped since the
/// last look: cheap enough for slow paths, not for the way in and out of a region. Thread-safe and
/// never waits for another thread; while another thread looks, the answer is null.
const communicator* find_communicator() noexcept;

/// Rank and size of this process in its job as the launcher put them into the environment, before
/// MPI_Init and without MPI: Open MPI's, MPICH's (Hydra) or PMIx's; Slurm's where the process is a
/// task of a job step; RANK and WORLD_SIZE as torchrun sets them. Empty if it was started alone.
struct launch_position {
    std::uint32_t rank = 0;
    std::uint32_t size = 1;
};
std::optional<launch_position> launch_position_from_environment() noexcept;

/// What tells this job of MPICH's launcher from others, which gives its processes no name for it:
/// the address at which `mpiexec` talks to the proxies of all nodes. Empty under other launchers.
std::string hydra_job();

}  // namespace tim
