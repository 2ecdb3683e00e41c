// Windows for one-sided communication: their names, and the ranks in MPI_COMM_WORLD of their
// members.

#pragma once

#include <cstdint>

#include "mpi_header.hpp"

namespace tim::mpip {

struct window {
    MPI_Win handle = MPI_WIN_NULL;
    std::uint32_t instance = 0;  ///< a number of its own; 0: none
    std::int64_t label = 0;      ///< timemory_text() of its name
};

namespace windows {

/// A window that a call succeeded with.
const window& find(MPI_Win win) noexcept;

/// It ends, or its name has changed.
void forget(MPI_Win win) noexcept;

/// As communicators::world_rank().
int world_rank(const window& w, int peer) noexcept;

}  // namespace windows
}  // namespace tim::mpip
