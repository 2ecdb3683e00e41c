// Communicators that are alive: their names in the results, their sizes, and the ranks in
// MPI_COMM_WORLD of their members.

#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "handle_table.hpp"
#include "mpi_header.hpp"

namespace tim::mpip {

/// Whom a rank has as neighbours in the topology of a communicator, in the order of the buffers of
/// neighbourhood collectives; 0 for one that is MPI_PROC_NULL.
struct neighbourhood {
    std::vector<char> sources;
    std::vector<char> destinations;
};

struct alignas(64) communicator {  // its place in a table follows by a shift
    MPI_Comm handle = MPI_COMM_NULL;
    std::uint32_t instance = 0;  ///< a number of its own, another with each name; 0: none
    std::uint32_t first = 0;     ///< the instance that it was with its first name
    bool inter = false;
    bool as_world = false;  ///< its ranks are those of MPI_COMM_WORLD
    int size = 0;
    int rank = 0;
    int peers = 0;           ///< ranks that a collective call exchanges with: of the remote group
    std::int64_t label = 0;  ///< timemory_text() of its name in the results
    const char* name = "";   ///< that name; lives as long as the process
    const neighbourhood* neighbours = nullptr;  ///< once it was asked for

    /// Whether it was that instance, under the name that it has now or another.
    [[nodiscard]] bool was(std::uint32_t other) const noexcept {
        return other != 0 && first <= other && other <= instance;
    }
};

namespace communicators {

extern handle_table<communicator> alive;

/// What stands for calls without a communicator, or with one that is not known.
extern communicator none;

/// A communicator that is seen for the first time.
const communicator& learn(MPI_Comm comm, const char* how, MPI_Comm parent) noexcept;

/// A communicator that a call succeeded with.
inline const communicator& find(MPI_Comm comm) noexcept {
    if (const communicator* known = alive.find(bits_of(comm))) [[likely]]
        return *known;
    return learn(comm, nullptr, MPI_COMM_NULL);
}

/// `comm` was made of `parent`; `how` is a word for its name in the results.
void made(const char* how, MPI_Comm parent, MPI_Comm comm) noexcept;

/// The same where it can't be asked for anything yet.
void begun(const char* how, MPI_Comm parent, MPI_Comm comm) noexcept;

/// Its name has changed: what was begun before has the name from then.
void renamed(MPI_Comm comm) noexcept;

/// It has ended.
void forget(MPI_Comm comm) noexcept;

/// The rank in MPI_COMM_WORLD of a peer, if the communicator is still the one that was that
/// instance; unknown_peer if not. Calls MPI: keep the answer.
int world_rank(const communicator& c, std::uint32_t instance, int peer) noexcept;

/// Of a communicator with a topology that is alive.
const neighbourhood& neighbours(const communicator& c);

}  // namespace communicators
}  // namespace tim::mpip
