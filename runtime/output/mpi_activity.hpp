// What a call of MPI does, for those who read its time: the only place that tells it from the name.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tim {

enum class mpi_activity : std::uint8_t {
    send,       ///< to one rank, until its buffer may be used again
    receive,    ///< from one rank, until the message is there; MPI_Sendrecv too
    probe,      ///< until there is a message
    wait,       ///< until requests are complete
    test,       ///< whether requests are complete, or a message is there
    barrier,    ///< until all ranks are there
    to_root,    ///< from all ranks to one
    from_root,  ///< from one rank to all
    to_all,     ///< from all ranks to all; also what makes communicators
    window,     ///< one-sided
    file,
    other,     ///< begins what is waited for elsewhere, or works on this rank only
    lifetime,  ///< MPI_Init, MPI_Finalize: not part of the application's time
};
inline constexpr std::size_t mpi_activities = 13;

/// `MPI_Recv`; also the forms for large counts (`MPI_Recv_c`).
mpi_activity activity_of(std::string_view call) noexcept;

/// As it stands in outputs, in the order of the enumeration.
inline constexpr std::array<std::string_view, mpi_activities> mpi_activity_names{
    "sends",     "receives",    "probes",  "waits", "tests", "barriers", "to a root",
    "from root", "collectives", "windows", "files", "other", "lifetime"};

/// Whether the call ends when another rank has done something: most of its time is waiting.
constexpr bool is_waiting(mpi_activity a) noexcept {
    return a >= mpi_activity::receive && a <= mpi_activity::to_all;
}

}  // namespace tim
