// The sizes of datatypes.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "mpi_header.hpp"

namespace tim::mpip {

/// The sizes of the datatypes that MPI itself has, by their handles, which are never another's: a
/// call of MPI that asks for the size takes some nanoseconds.
class own_datatypes {
public:
    /// Once MPI is up, before the first call that is recorded.
    void learn() noexcept;

    /// The bytes of one element of a datatype, of these or another.
    [[nodiscard]] std::int64_t size_of(MPI_Datatype type) const noexcept {
        const entry& first = entries_[first_place(bits_of(type))];
        if (first.handle == bits_of(type)) [[likely]]
            return first.size;
        return size_of_other(type);
    }

private:
    /// Of one that is not where it is looked for first.
    [[nodiscard]] std::int64_t size_of_other(MPI_Datatype type) const noexcept;

    struct entry {
        std::uint64_t handle;  ///< 0: none
        std::int64_t size;
    };
    static constexpr std::size_t places = 256;  // of some fifty
    static std::size_t first_place(std::uint64_t handle) noexcept {
        return static_cast<std::size_t>(handle * 0x9E3779B97F4A7C15 >> 56);
    }
    std::array<entry, places> entries_{};
};
extern own_datatypes the_own_datatypes;

/// The bytes of one element of a datatype that is valid.
inline std::int64_t size_of(MPI_Datatype type) noexcept {
#if defined(MPICH_VERSION)
    // The handle of a basic type has its size; part of the ABI.
    if ((static_cast<std::uint32_t>(type) & 0xff000000) == 0x4c000000)
        return static_cast<std::uint32_t>(type) >> 8 & 0xff;
#endif
    return the_own_datatypes.size_of(type);
}

}  // namespace tim::mpip
