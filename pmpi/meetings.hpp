// Barriers before collective calls, where mpip_barrier_split asks for them: they show how long a
// rank waits for the last one, apart from what the call itself takes.

#pragma once

#include <atomic>

#include "mpi_header.hpp"
#include "timemory/tools.h"

namespace tim::mpip::meetings {

/// The setting as it was at the end of MPI_Init. All ranks have to meet or none: so it is the same
/// for all calls, whether they are recorded or not.
inline std::atomic<bool> asked_for{false};

inline bool wanted() noexcept {
    return asked_for.load(std::memory_order_relaxed);
}

/// The region of a wait.
inline std::atomic<timemory_region_t> region{0};

/// Returns when all ranks of a communicator are here. May throw what an error handler of the
/// program's throws.
void meet(MPI_Comm comm);

}  // namespace tim::mpip::meetings
