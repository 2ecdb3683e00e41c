#include "datatypes.hpp"

namespace tim::mpip {

own_datatypes the_own_datatypes;

void own_datatypes::learn() noexcept {
    for (MPI_Datatype type : {MPI_BYTE,
                              MPI_PACKED,
                              MPI_CHAR,
                              MPI_SIGNED_CHAR,
                              MPI_UNSIGNED_CHAR,
                              MPI_WCHAR,
                              MPI_SHORT,
                              MPI_UNSIGNED_SHORT,
                              MPI_INT,
                              MPI_UNSIGNED,
                              MPI_LONG,
                              MPI_UNSIGNED_LONG,
                              MPI_LONG_LONG,
                              MPI_UNSIGNED_LONG_LONG,
                              MPI_FLOAT,
                              MPI_DOUBLE,
                              MPI_LONG_DOUBLE,
                              MPI_C_BOOL,
                              MPI_INT8_T,
                              MPI_INT16_T,
                              MPI_INT32_T,
                              MPI_INT64_T,
                              MPI_UINT8_T,
                              MPI_UINT16_T,
                              MPI_UINT32_T,
                              MPI_UINT64_T,
                              MPI_AINT,
                              MPI_COUNT,
                              MPI_OFFSET,
                              MPI_C_FLOAT_COMPLEX,
                              MPI_C_DOUBLE_COMPLEX,
                              MPI_C_LONG_DOUBLE_COMPLEX,
                              MPI_CXX_BOOL,
                              MPI_CXX_FLOAT_COMPLEX,
                              MPI_CXX_DOUBLE_COMPLEX,
                              MPI_FLOAT_INT,
                              MPI_DOUBLE_INT,
                              MPI_LONG_INT,
                              MPI_2INT,
                              MPI_SHORT_INT,
                              MPI_CHARACTER,
                              MPI_LOGICAL,
                              MPI_INTEGER,
                              MPI_REAL,
                              MPI_DOUBLE_PRECISION,
                              MPI_COMPLEX,
                              MPI_DOUBLE_COMPLEX}) {
        int size = 0;
        if (type == MPI_DATATYPE_NULL || PMPI_Type_size(type, &size) != MPI_SUCCESS) continue;
        const std::uint64_t handle = bits_of(type);
        std::size_t at = first_place(handle);
        while (entries_[at].handle != 0 && entries_[at].handle != handle) at = (at + 1) % places;
        entries_[at] = {.handle = handle, .size = size};
    }
}

std::int64_t own_datatypes::size_of_other(MPI_Datatype type) const noexcept {
    const std::uint64_t handle = bits_of(type);
    for (std::size_t at = first_place(handle); entries_[at].handle != 0; at = (at + 1) % places)
        if (entries_[at].handle == handle) return entries_[at].size;
    MPI_Count size = 0;
    PMPI_Type_size_x(type, &size);
    return size > 0 ? size : 0;
}

}  // namespace tim::mpip
