// What the calling rank contributes to a collective call and what it obtains, in bytes.
//
// In place it is as with a buffer of its own. docs/mpi.md lists the rules.

#pragma once

#include <cstdint>

#include "communicators.hpp"
#include "datatypes.hpp"
#include "operation.hpp"

namespace tim::mpip {

struct traffic {
    std::int64_t sent = no_message;
    std::int64_t received = no_message;
};

/// Datatypes as Fortran has them.
struct fortran_types {
    const MPI_Fint* at;
};

/// A buffer, and what of it moves: `count` elements of `type` for each rank, or for each rank a
/// count of its own, or a type too. The arrays are the caller's.
class part {
public:
    part(const void* buffer, MPI_Count count, MPI_Datatype type) noexcept
        : buffer_{buffer}, count_{count}, type_{type} {}
    part(const void* buffer, const int* counts, MPI_Datatype type) noexcept
        : buffer_{buffer}, counts_{counts}, type_{type} {}
    part(const void* buffer, const int* counts, const MPI_Datatype* types) noexcept
        : buffer_{buffer}, counts_{counts}, types_{types} {}
    part(const void* buffer, const MPI_Count* counts, MPI_Datatype type) noexcept
        : buffer_{buffer}, wide_counts_{counts}, type_{type} {}
    part(const void* buffer, const MPI_Count* counts, const MPI_Datatype* types) noexcept
        : buffer_{buffer}, wide_counts_{counts}, types_{types} {}

    part(const void* buffer, const int* counts, fortran_types types) noexcept
        : buffer_{buffer}, counts_{counts}, fortran_types_{types.at} {}

    [[nodiscard]] bool in_place() const noexcept { return buffer_ == MPI_IN_PLACE; }
    /// Of one rank; the rank does not matter where all have the same.
    [[nodiscard]] std::int64_t bytes(int rank = 0) const noexcept {
        return count(rank) * size_of(type(rank));
    }
    /// Of the ranks 0 to `ranks` - 1 together.
    [[nodiscard]] std::int64_t total(int ranks) const noexcept;
    /// Of the neighbours that are ranks.
    [[nodiscard]] std::int64_t total(const std::vector<char>& neighbours) const noexcept;

private:
    [[nodiscard]] bool each_the_same() const noexcept {
        return counts_ == nullptr && wide_counts_ == nullptr;
    }
    [[nodiscard]] std::int64_t count(int rank) const noexcept {
        if (counts_ != nullptr) return counts_[rank];
        return wide_counts_ != nullptr ? wide_counts_[rank] : count_;
    }

    [[nodiscard]] bool has_types() const noexcept {
        return types_ != nullptr || fortran_types_ != nullptr;
    }
    [[nodiscard]] MPI_Datatype type(int rank) const noexcept {
        if (types_ != nullptr) return types_[rank];
        return fortran_types_ != nullptr ? PMPI_Type_f2c(fortran_types_[rank]) : type_;
    }

    const void* buffer_;
    MPI_Count count_ = 0;
    const int* counts_ = nullptr;
    const MPI_Count* wide_counts_ = nullptr;
    MPI_Datatype type_ = MPI_DATATYPE_NULL;
    const MPI_Datatype* types_ = nullptr;
    const MPI_Fint* fortran_types_ = nullptr;
};

inline traffic allreduce(const communicator&, const part& data) noexcept {
    const std::int64_t bytes = data.bytes();
    return {bytes, bytes};
}
inline traffic barrier(const communicator&) noexcept {
    return {};
}
traffic bcast(const communicator& c, const part& data, int root) noexcept;
traffic reduce(const communicator& c, const part& data, int root) noexcept;
traffic gather(const communicator& c, const part& send, const part& receive, int root) noexcept;
traffic scatter(const communicator& c, const part& send, const part& receive, int root) noexcept;
traffic allgather(const communicator& c, const part& send, const part& receive) noexcept;
traffic alltoall(const communicator& c, const part& send, const part& receive) noexcept;
traffic reduce_scatter(const communicator& c, const part& receive) noexcept;
traffic scan(const communicator& c, const part& data) noexcept;
traffic exscan(const communicator& c, const part& data) noexcept;
traffic neighbor_allgather(const communicator& c, const part& send, const part& receive);
traffic neighbor_alltoall(const communicator& c, const part& send, const part& receive);

}  // namespace tim::mpip
