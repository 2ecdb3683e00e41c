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

    /// 0 for others.
    [[nodiscard]] std::int64_t size_of(MPI_Datatype type) const noexcept {
        const std::uint64_t handle = bits_of(type);
        for (std::size_t at = first_place(handle);; at = (at + 1) % places)
            if (entries_[at].handle == handle || entries_[at].handle == 0) return entries_[at].size;
    }

private:
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
    if (const std::int64_t known = the_own_datatypes.size_of(type)) return known;
    MPI_Count size = 0;
    PMPI_Type_size_x(type, &size);
    return size > 0 ? size : 0;
}

}  // namespace tim::mpip
