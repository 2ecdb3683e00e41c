// mpi.h as C has it.

#pragma once

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#define OMPI_OMIT_MPI1_COMPAT_DECLS 0
#include <mpi.h>

#include <cstdint>
#include <type_traits>

namespace tim::mpip {

/// A handle as a number: a pointer in some MPIs, an int in others. Never 0 for a handle that is
/// valid.
template <class Handle>
std::uint64_t bits_of(Handle h) noexcept {
    if constexpr (std::is_pointer_v<Handle>)
        return reinterpret_cast<std::uintptr_t>(h);
    else
        return static_cast<std::uint32_t>(h);
}

/// The bytes that a call received, read or wrote; whether it was cancelled. MPI_Get_elements says
/// the same, at some 10 ns; these members are part of the ABI.
inline std::int64_t bytes_of(const MPI_Status& s) noexcept {
#if defined(OPEN_MPI)
    return static_cast<std::int64_t>(s._ucount);
#elif defined(MPICH_VERSION)
    return static_cast<std::int64_t>(
        static_cast<std::uint64_t>(static_cast<std::uint32_t>(s.count_lo)) |
        static_cast<std::uint64_t>(static_cast<std::uint32_t>(s.count_hi_and_cancelled) >> 1)
            << 32);
#else
    MPI_Count bytes = 0;
    PMPI_Get_elements_x(&s, MPI_BYTE, &bytes);
    return bytes;
#endif
}
inline bool cancelled(const MPI_Status& s) noexcept {
#if defined(OPEN_MPI)
    return s._cancelled != 0;
#elif defined(MPICH_VERSION)
    return (s.count_hi_and_cancelled & 1) != 0;
#else
    int flag = 0;
    PMPI_Test_cancelled(&s, &flag);
    return flag != 0;
#endif
}

}  // namespace tim::mpip
