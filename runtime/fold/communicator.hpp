// The seam between the core and MPI: a table of functions that libtimemory-mpi-<flavour>.so fills.
//
// The core includes no mpi.h and links no MPI. When an MPI library is mapped in the process, it
// opens the communicator library built for it (library/communicator.cpp) and asks it for this
// table.

#pragma once

#include <cstddef>
#include <cstdint>

namespace tim {

/// A request that is under way; 0: MPI refused it.
using request_handle = std::uint64_t;

inline constexpr std::uint32_t communicator_version = 4;

/// All functions are local and return at once. An MPI error never aborts the job: it comes back as
/// -1, or as the request 0. Used by one thread at a time.
struct communicator {
    std::uint32_t version;  ///< communicator_version
    /// 0: MPI is not initialised; 1: active; 2: finalized.
    int (*state)();
    /// Arranges that `at_finalize` is called inside MPI_Finalize, while MPI still works: from the
    /// delete callback of an attribute on MPI_COMM_SELF. 0, or -1 where this thread may not call
    /// MPI. Once.
    int (*call_at_finalize)(void (*at_finalize)());
    /// Calls MPI_Init_thread with a level from 0 (single) to 3 (multiple), or MPI_Init where it is
    /// negative; and MPI_Finalize. 0, or -1.
    int (*initialise)(int thread_level);
    int (*finalise)();
    std::uint32_t (*rank)();
    std::uint32_t (*size)();
    /// Whether MPI_Comm_spawn has started this job.
    bool (*spawned)();
    /// Begins a non-blocking barrier over all ranks. Collective messages can't be matched by a
    /// receive of the program's, so this is safe while other ranks still run the program. When it
    /// is done, all ranks have a communicator of our own, which the messages below travel on.
    request_handle (*begin_barrier)();
    /// Point-to-point between ranks that passed the barrier, with a tag from 0 to 15. A send is
    /// done when the other side has matched it with a receive, not before. `data` stays valid until
    /// the request is done, and for ever if it was given up.
    request_handle (*begin_send)(std::uint32_t to, std::uint32_t tag, const void* data,
                                 std::size_t bytes);
    /// At most 8 bytes that need not be received: the send ends whether they are or not. The only
    /// message to a rank that may have given up: MPI_Finalize may wait for ever for the end of
    /// others (MPICH's does).
    request_handle (*begin_notice)(std::uint32_t to, std::uint32_t tag, const void* data,
                                   std::size_t bytes);
    request_handle (*begin_receive)(std::uint32_t from, std::uint32_t tag, void* data,
                                    std::size_t bytes);
    /// 1: done (the request is gone); 0: not yet; -1: failed (the request is gone).
    int (*test)(request_handle request);
    /// Gives a request up; it is gone. 1: it was done already, after all; 0: it was not. What can't
    /// be cancelled is left to MPI.
    int (*cancel)(request_handle request);
};

/// The one symbol that a communicator library exports, with this type.
inline constexpr const char* communicator_symbol = "timemory_mpi_communicator";
using communicator_entry = const communicator* (*)();

}  // namespace tim
