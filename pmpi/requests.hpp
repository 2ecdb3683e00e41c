// Requests whose bytes are known only later, from their start to their completion: receives,
// accesses to files, persistent and partitioned requests; and messages that a probe has found.
//
// A table of bounded size without locks. A place in it holds a word, the handle and how
// often the place was used, and the operation. MPI gives a handle away again as soon as its request
// is complete, before the completing call returns to us: so whoever adds a handle clears away what
// is there under it, and whoever completes one works on the copy that was made before the call and
// clears its place only if that still holds the same word.

#pragma once

#include <cstdint>

#include "mpi_header.hpp"
#include "operation.hpp"
#include "thread.hpp"

namespace tim::mpip::requests {

/// Before the first call that is recorded.
void prepare() noexcept;

/// Follows a request, or a message. Where there is no room it is counted: lost().
void follow(std::uint64_t handle, const operation& of) noexcept;

/// word 0 if the handle is not followed.
watched_operation find(std::uint64_t handle) noexcept;

/// What is kept of a request that is followed; null if it is not. To change it.
operation* kept(std::uint64_t handle) noexcept;

/// The operation has completed: it is let go, or if it is persistent it waits to be started again.
void end(const watched_operation& w) noexcept;

/// How many could not be followed, or were freed before their bytes were known.
std::uint64_t lost() noexcept;
void count_lost() noexcept;

/// Requests and messages are different things of which some MPIs number with the same handles.
inline std::uint64_t bits_of_message(MPI_Message m) noexcept {
    return bits_of(m) | std::uint64_t{1} << 62;
}

}  // namespace tim::mpip::requests

namespace tim::mpip {

/// The request that a call may complete.
class watched_one {
public:
    explicit watched_one(MPI_Request request) noexcept {
        if (request != MPI_REQUEST_NULL) of_ = requests::find(bits_of(request));
    }
    explicit operator bool() const noexcept { return of_.word != 0; }
    [[nodiscard]] const watched_operation& operation() const noexcept { return of_; }

private:
    watched_operation of_;
};

/// The same for an array of requests.
class watched_many {
public:
    /// `request_at(i)` is the handle at `i`.
    template <class RequestAt>
    watched_many(thread& t, int count, RequestAt request_at) : thread_{t}, count_{count} {
        for (int i = 0; i < count; ++i) {
            MPI_Request request = request_at(i);
            if (request == MPI_REQUEST_NULL) continue;
            const watched_operation found = requests::find(bits_of(request));
            if (found.word == 0) continue;
            if (!any_) make_room();
            any_ = true;
            thread_.watched[static_cast<std::size_t>(i)] = found;
        }
    }
    explicit operator bool() const noexcept { return any_; }
    [[nodiscard]] int count() const noexcept { return count_; }
    [[nodiscard]] const watched_operation& operator[](int i) const noexcept {
        return thread_.watched[static_cast<std::size_t>(i)];
    }
    /// Those of the program, or ours where it ignores them and one of its requests is followed.
    [[nodiscard]] MPI_Status* statuses(MPI_Status* given) {
        if (!any_ || given != MPI_STATUSES_IGNORE) return given;
        thread_.statuses.resize(static_cast<std::size_t>(count_));
        return thread_.statuses.data();
    }

private:
    void make_room() { thread_.watched.assign(static_cast<std::size_t>(count_), {}); }

    thread& thread_;
    int count_;
    bool any_ = false;
};

}  // namespace tim::mpip
