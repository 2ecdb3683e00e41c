// Requests that a call may complete: taken for as long as it is under way. Those that it has
// completed are let go then, which is where the program's handle has become MPI_REQUEST_NULL; the
// others are given back.

#pragma once

#include <algorithm>
#include <cstdint>

#include "requests.hpp"
#include "thread.hpp"

namespace tim::mpip {

/// `given` is the program's handle before the call, and `now` after it.
inline void give_back(requests::place& p, std::uint64_t given, MPI_Request now) noexcept {
    if (now == MPI_REQUEST_NULL)
        requests::let_go(p);
    else
        p.name.store(given, std::memory_order_release);
}

/// `Request` is a function that gives the program's handle.
template <class Request>
class watched_one {
public:
    explicit watched_one(Request request) noexcept : request_{request} {
        MPI_Request given = request();
        if (given == MPI_REQUEST_NULL) return;
        given_ = bits_of(given);
        place_ = requests::take(given_);
    }
    ~watched_one() {
        if (place_ != nullptr) give_back(*place_, given_, request_());
    }
    watched_one(const watched_one&) = delete;
    watched_one& operator=(const watched_one&) = delete;

    explicit operator bool() const noexcept { return place_ != nullptr; }
    [[nodiscard]] operation& of() const noexcept { return place_->of; }

private:
    Request request_;
    std::uint64_t given_ = 0;
    requests::place* place_ = nullptr;
};

/// The same for an array of requests: `RequestAt` gives the handle at a place of it.
template <class RequestAt>
class watched_many {
public:
    watched_many(thread& t, int count, RequestAt request_at)
        : thread_{t}, request_at_{request_at}, count_{count} {
        t.watched.clear();
        for (int i = 0; i < count; ++i) {
            MPI_Request given = request_at(i);
            if (given == MPI_REQUEST_NULL) continue;
            if (requests::place* found = requests::take(bits_of(given)))
                t.watched.push_back({.at = found, .given = bits_of(given), .index = i});
        }
    }
    ~watched_many() {
        for (const watched_request& w : thread_.watched)
            give_back(*w.at, w.given, request_at_(w.index));
    }
    watched_many(const watched_many&) = delete;
    watched_many& operator=(const watched_many&) = delete;

    explicit operator bool() const noexcept { return !thread_.watched.empty(); }
    [[nodiscard]] auto begin() const noexcept { return thread_.watched.begin(); }
    [[nodiscard]] auto end() const noexcept { return thread_.watched.end(); }
    /// The operation of the request at `index`; null if it is not followed.
    [[nodiscard]] operation* of(int index) const noexcept {
        const auto found =
            std::lower_bound(begin(), end(), index,
                             [](const watched_request& w, int wanted) { return w.index < wanted; });
        return found != end() && found->index == index ? &found->at->of : nullptr;
    }
    /// Those of the program, or ours where it ignores them and one of its requests is followed.
    [[nodiscard]] MPI_Status* statuses(MPI_Status* given) {
        if (!*this || given != MPI_STATUSES_IGNORE) return given;
        thread_.statuses.resize(static_cast<std::size_t>(count_));
        return thread_.statuses.data();
    }

private:
    thread& thread_;
    RequestAt request_at_;
    int count_;
};

}  // namespace tim::mpip
