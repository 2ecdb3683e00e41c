// A call of the program while it is recorded: its region, and what it moves. The wrappers of all
// languages end here, with the values that C has.

#pragma once

#include <cstdint>

#include "communicators.hpp"
#include "files.hpp"
#include "meetings.hpp"
#include "thread.hpp"
#include "traffic.hpp"
#include "watched.hpp"

namespace tim::mpip {

class call {
public:
    /// `site` is where the program goes on after it; `region` is what region_of() said.
    [[gnu::always_inline]] call(thread& t, call_id id, const void* site,
                                timemory_region_t region) noexcept
        : thread_{t}, region_{region}, what_{.call = id, .returns_to = site} {
        t.inside = true;
        if (region_ == not_made) [[unlikely]]
            region_ = make_region(id);
        if (region_ != not_wanted) [[likely]]
            what_.path = timemory_enter_path(region_);
    }
    /// Books the call. It has not been left where an exception comes out of MPI, from an error
    /// handler of the program's.
    [[gnu::always_inline]] ~call() {
        if (!left_) leave(false);
        // A copy, so that nobody has the address of this object and it can be in registers.
        if (what_.path != 0 && !booked_) [[likely]]
            thread_.book_call(ended_call{what_});
        thread_.inside = false;
    }
    call(const call&) = delete;
    call& operator=(const call&) = delete;

    /// Before a collective call, where meetings::wanted().
    void meet(MPI_Comm comm) {
        const wait until_all_are_here{what_.path != 0};
        meetings::meet(comm);
    }
    /// MPI has returned.
    [[gnu::always_inline]] void leave(bool succeeded) noexcept {
        if (region_ != not_wanted) [[likely]]
            what_.ns = timemory_leave_lap(region_);
        left_ = true;
        succeeded_ = succeeded;
    }
    /// After leave(), of a call that works on a communicator.
    [[gnu::always_inline]] void works_on(MPI_Comm comm) noexcept {
        if (!succeeded_) [[unlikely]]
            return;
        // Mostly that of the thread's last call: its place in the table has the handle as long as
        // it is alive.
        if (thread_.last_where->handle != comm) [[unlikely]]
            thread_.last_where = &communicators::find(comm);
        what_.where = thread_.last_where;
    }

    /// Books the call, where counts(): what it moves is known. Else it is booked at its end.
    [[gnu::always_inline]] void book() noexcept {
        thread_.book_call_here(what_);
        booked_ = true;
    }

    /// Whether what the call moves is to be booked.
    [[nodiscard]] bool counts() const noexcept {
        return __builtin_expect(succeeded_ && what_.path != 0, 1);
    }
    [[nodiscard]] const communicator& where() const noexcept { return *what_.where; }

    // What it moves, where counts().

    [[gnu::always_inline]] void sent(int peer, const part& data) noexcept {
        if (peer >= 0) [[likely]]
            what_.sent = {.peer = peer, .bytes = data.bytes()};
    }
    /// And waits for the peer.
    [[gnu::always_inline]] void sent_to(int peer, const part& data) noexcept {
        what_.peer = peer;
        sent(peer, data);
    }
    [[gnu::always_inline]] void received(const MPI_Status& status) noexcept {
        waited_for(status);
        if (status.MPI_SOURCE >= 0) [[likely]]
            what_.received = {.peer = status.MPI_SOURCE, .bytes = bytes_of(status)};
    }
    void waited_for(const MPI_Status& status) noexcept { what_.peer = status.MPI_SOURCE; }
    [[gnu::always_inline]] void moved(const traffic& t, int root = no_peer) noexcept {
        if (root >= 0) what_.peer = root;
        what_.sent = {.peer = no_peer, .bytes = t.sent};
        what_.received = {.peer = no_peer, .bytes = t.received};
    }
    void put(MPI_Win win, int peer, std::int64_t bytes) noexcept;
    void got(MPI_Win win, int peer, std::int64_t bytes) noexcept;
    void read(MPI_File file, const MPI_Status& status) noexcept;
    void wrote(MPI_File file, const MPI_Status& status) noexcept;

    // Requests that it makes, where counts().

    /// Receives from MPI_PROC_NULL are not followed: some MPIs say nothing of them in the status,
    /// and give them all the same request.
    [[gnu::always_inline]] void follow_receive(MPI_Request request, int source) noexcept {
        if (source != MPI_PROC_NULL && request != MPI_REQUEST_NULL)
            requests::follow(bits_of(request),
                             {.from = what_.of(), .kind = operation_kind::receive, .active = true});
    }
    void follow_persistent_receive(MPI_Request request, int source) noexcept;
    void follow_partitioned_receive(MPI_Request request, int peer, std::int64_t bytes) noexcept;
    void follow_send(MPI_Request request, int peer, std::int64_t bytes) noexcept;
    void follow_collective(MPI_Request request, const traffic& t) noexcept;
    void follow_read(MPI_Request request, MPI_File file) noexcept;
    void follow_write(MPI_Request request, MPI_File file) noexcept;

    // Messages that have a handle, from the probe to the receive.

    void follow_message(MPI_Message message) noexcept;
    void take_message(MPI_Message message) noexcept;

    // Requests of other calls. These work whether this call is recorded or not.

    void started(MPI_Request request) noexcept;
    void freeing(MPI_Request request) noexcept;
    template <class Request>
    void completed(const watched_one<Request>& watched, const MPI_Status& status) noexcept {
        finish(watched.of(), status);
    }
    template <class RequestAt, class StatusAt>
    void completed_all(const watched_many<RequestAt>& watched, int result,
                       StatusAt status_at) noexcept {
        if (result != MPI_SUCCESS && result_class(result) != MPI_ERR_IN_STATUS) return;
        for (const watched_request& w : watched)
            if (result == MPI_SUCCESS || status_at(w.index).MPI_ERROR == MPI_SUCCESS)
                finish(w.at->of, status_at(w.index));
    }
    template <class RequestAt>
    void completed_one(const watched_many<RequestAt>& watched, int index,
                       const MPI_Status& status) noexcept {
        if (operation* of = watched.of(index)) finish(*of, status);
    }
    template <class RequestAt, class IndexAt, class StatusAt>
    void completed_some(const watched_many<RequestAt>& watched, int result, int done,
                        IndexAt index_at, StatusAt status_at) noexcept {
        if (result != MPI_SUCCESS && result_class(result) != MPI_ERR_IN_STATUS) return;
        for (int i = 0; i < done; ++i)  // MPI_UNDEFINED is negative
            if (result == MPI_SUCCESS || status_at(i).MPI_ERROR == MPI_SUCCESS)
                completed_one(watched, index_at(i), status_at(i));
    }

private:
    class wait {
    public:
        explicit wait(bool recorded) noexcept
            : region_{recorded ? meetings::region.load(std::memory_order_relaxed) : not_wanted} {
            if (region_ != not_wanted) timemory_enter_path(region_);
        }
        ~wait() {
            if (region_ != not_wanted) timemory_leave_lap(region_);
        }
        wait(const wait&) = delete;
        wait& operator=(const wait&) = delete;

    private:
        timemory_region_t region_;
    };

    void follow(MPI_Request request, operation of) noexcept;
    void finish(operation& of, const MPI_Status& status) noexcept;
    static void finish_other(thread& t, const operation& of, const MPI_Status& status) noexcept;
    static int result_class(int result) noexcept {
        int kind = MPI_SUCCESS;
        PMPI_Error_class(result, &kind);
        return kind;
    }

    thread& thread_;
    timemory_region_t region_;
    ended_call what_;
    bool left_ = false;
    bool succeeded_ = false;
    bool booked_ = false;
};

inline void call::finish(operation& of, const MPI_Status& status) noexcept {
    if (!of.active) return;
    of.active = false;
    if (of.from.path == 0 || !recording()) return;
    if (of.kind == operation_kind::receive) {
        if (status.MPI_SOURCE >= 0 && !cancelled(status))
            thread_.book_message(of.from, status.MPI_SOURCE, direction::received, bytes_of(status));
        return;
    }
    finish_other(thread_, of, status);
}

}  // namespace tim::mpip
