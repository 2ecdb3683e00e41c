// What the wrappers for Fortran have that those for C have not: arguments by reference, handles
// that are integers, statuses that are arrays, and sentinels with addresses of their own.

#pragma once

#include <atomic>
#include <climits>
#include <cstddef>
#include <cstring>

#include "traffic.hpp"
#include "watched.hpp"

namespace tim::mpip::fortran {

/// A function of MPI's Fortran library under the name that tools call it by. It is looked for when
/// it is called first, and not by the linker: programs in C have no such library.
class twin {
public:
    constexpr explicit twin(const char* name) noexcept : name_{name} {}

    template <class Function>
    [[nodiscard]] Function* get() noexcept {
        void* found = address_.load(std::memory_order_relaxed);
        if (found == nullptr) [[unlikely]]
            found = look_up();
        return reinterpret_cast<Function*>(found);
    }

private:
    void* look_up() noexcept;

    const char* name_;
    std::atomic<void*> address_{nullptr};
};

/// The sonames of MPI's Fortran libraries, with a null at the end: written by `generate`.
extern const char* const libraries[];

/// Where a call says whether it succeeded; with mpi_f08 the program may leave it out.
class error {
public:
    explicit error(MPI_Fint* given) noexcept : at_{given != nullptr ? given : &own_} {}
    error(const error&) = delete;
    error& operator=(const error&) = delete;
    [[nodiscard]] MPI_Fint* place() const noexcept { return at_; }
    [[nodiscard]] int value() const noexcept { return *at_; }

private:
    MPI_Fint own_ = MPI_SUCCESS;
    MPI_Fint* at_;
};

/// A text, without the blanks behind it.
class text {
public:
    text(const char* characters, std::size_t length) noexcept {
        while (length > 0 && characters[length - 1] == ' ') --length;
        if (length >= sizeof(characters_)) length = sizeof(characters_) - 1;
        std::memcpy(characters_, characters, length);
        characters_[length] = 0;
    }
    [[nodiscard]] const char* c_str() const noexcept { return characters_; }

private:
    char characters_[PATH_MAX];
};

// index(): the place of a request in an array, from 0, or something negative.

#if defined(OPEN_MPI)
extern "C" MPI_Fint mpi_fortran_in_place_;  // its address is MPI_IN_PLACE

inline const void* buffer(const void* given) noexcept {
    return given == &mpi_fortran_in_place_ ? MPI_IN_PLACE : given;
}
inline int index(MPI_Fint given) noexcept {
    return given - 1;
}
inline bool ignored(const MPI_Fint* status) noexcept {
    return status == MPI_F_STATUS_IGNORE;
}
inline bool all_ignored(const MPI_Fint* statuses) noexcept {
    return statuses == MPI_F_STATUSES_IGNORE;
}
#else
// Here only calls of mpi_f08 without buffers have wrappers of their own. It numbers the requests of
// an array from 0 in MPICH 4.0, and from 1 as it should in others.
int find_first_index() noexcept;

inline int index(MPI_Fint given) noexcept {
    static const int first = find_first_index();
    return given - first;
}
inline bool ignored(const MPI_Fint* status) noexcept {
    return static_cast<const void*>(status) == MPI_F08_STATUS_IGNORE;
}
inline bool all_ignored(const MPI_Fint* statuses) noexcept {
    return static_cast<const void*>(statuses) == MPI_F08_STATUSES_IGNORE;
}
#endif

/// A status of Fortran, of whichever interface, is one of C that may stand at any integer.
inline MPI_Status status(const MPI_Fint* statuses, int place = 0) noexcept {
    MPI_Status s;
    std::memcpy(&s,
                reinterpret_cast<const char*>(statuses) + sizeof s * static_cast<unsigned>(place),
                sizeof s);
    return s;
}

/// A status of the program, or one of ours where it ignores it.
class seen_status {
public:
    explicit seen_status(MPI_Fint* given, bool needed = true) noexcept
        : at_{needed && ignored(given) ? reinterpret_cast<MPI_Fint*>(&own_) : given} {}
    seen_status(const seen_status&) = delete;
    seen_status& operator=(const seen_status&) = delete;
    [[nodiscard]] MPI_Fint* place() const noexcept { return at_; }
    [[nodiscard]] MPI_Status value() const noexcept { return status(at_); }

private:
    MPI_Status own_;
    MPI_Fint* at_;
};

/// The statuses of the program, or ours where it ignores them and one of its requests is followed.
template <class RequestAt>
MPI_Fint* seen_statuses(watched_many<RequestAt>& watched, MPI_Fint* given) {
    if (!watched || !all_ignored(given)) return given;
    return reinterpret_cast<MPI_Fint*>(watched.statuses(MPI_STATUSES_IGNORE));
}

}  // namespace tim::mpip::fortran
