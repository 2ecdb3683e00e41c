// The library with the wrappers of MPI calls that `timemory run --mpi` preloads.

#pragma once

#include <string>
#include <string_view>

namespace tim::cli {

/// The folder of the wrappers for the MPI of a command, which is "openmpi" or "mpich": by the
/// libraries that its program needs, by the launcher that started us, or the only one that is
/// installed. Empty, and `why` says why, if there is none.
std::string mpi_wrappers_for(const std::string& command, std::string& why);

/// The MPI that an executable file needs itself; empty if it needs none or is no ELF file.
std::string mpi_needed_by(const std::string& file);

}  // namespace tim::cli
