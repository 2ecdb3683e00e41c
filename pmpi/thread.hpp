// What a thread of the program has while its MPI calls are recorded: whether it is inside of one,
// and the rows of tables that it used last.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "call_sites.hpp"
#include "calls.hpp"
#include "mpi_header.hpp"
#include "requests.hpp"
#include "timemory/tools.h"

namespace tim::mpip {

struct communicator;

enum class direction : std::uint8_t { sent = 0, received = 1 };

inline constexpr int no_peer = -1;
inline constexpr int unknown_peer = -2;

/// A request of an array, taken while a call is under way.
struct watched_request {
    requests::place* at = nullptr;
    std::uint64_t given = 0;  ///< the program's handle
    int index = 0;            ///< in the array
};

/// What is known of a call when it ends.
struct ended_call {
    origin of;
    int peer = no_peer;
    std::uint64_t site = 0;  ///< of thread::sites
    std::int64_t ns = -1;    ///< -1: it is not recorded
    message sent;
    message received;
};

class thread {
public:
    /// Whether an MPI call of the program is under way on this thread: what MPI calls inside is not
    /// the program's.
    bool inside = false;

    void book_call(const ended_call& c) noexcept;
    void book_message(const origin& of, int peer, direction way, std::int64_t bytes) noexcept;
    void book_file(std::int64_t file, call_id call, direction way, std::int64_t bytes) noexcept;
    void book_window(MPI_Win win, call_id call, int peer, direction way,
                     std::int64_t bytes) noexcept;

    /// In the child of a fork the rows are not this process's.
    void forget_rows() noexcept {
        rows_ = {};
        calls_ = {};
    }

    call_sites sites;

    // For calls with arrays of requests; kept, so that they need no memory each time.
    std::vector<watched_request> watched;
    std::vector<MPI_Status> statuses;

private:
    enum class row_kind : std::uint8_t { messages, windows };
    struct key {
        std::uint64_t place = 0;  ///< path and instance of the communicator
        std::uint64_t what = 0;   ///< peer, table, direction, call, bucket
        bool operator==(const key&) const = default;
    };
    struct cached_row {
        key of;
        timemory_row* row = nullptr;
    };

    /// The rows of the calls of one path with one communicator and peer, from one place: what a
    /// call adds to is found at once.
    struct alignas(64) rows_of_calls {
        std::uint64_t place = 0;  ///< as in a key
        std::uint64_t site = 0;
        timemory_row* row = nullptr;  ///< of mpi_calls
        timemory_histogram* lengths = nullptr;
        /// Of mpi_messages, by direction: those of the bucket that there was last.
        std::array<timemory_row*, 2> messages{};
        std::array<int, 2> buckets{-1, -1};
        int peer = 0;
        bool has_row = false;

        void become(std::uint64_t its_place, int its_peer, std::uint64_t its_site) noexcept;
    };
    static constexpr int cache_bits = 9;
    static constexpr int calls_bits = 9;

    static key key_of(std::uint32_t path, std::uint32_t instance, int peer, row_kind kind,
                      direction way, call_id call, int bucket) noexcept {
        return {std::uint64_t{path} << 32 | instance,
                std::uint64_t{static_cast<std::uint32_t>(peer)} << 32 |
                    std::uint64_t{static_cast<std::uint8_t>(kind)} << 29 |
                    std::uint64_t{static_cast<std::uint8_t>(way)} << 28 |
                    std::uint64_t{static_cast<std::uint16_t>(call)} << 16 |
                    static_cast<std::uint64_t>(bucket)};
    }
    cached_row& cached(const key& k) noexcept {
        const std::uint64_t hash = (k.place * 0x9E3779B97F4A7C15 ^ k.what) * 0xD6E8FEB86659FD93;
        return rows_[hash >> (64 - cache_bits)];
    }
    rows_of_calls& calls_of(const origin& of, int peer, std::uint64_t site) noexcept;
    /// Adds a message to a row of `rows`, which are those of its peer.
    void add_message(rows_of_calls& rows, const origin& of, direction way,
                     std::int64_t bytes) noexcept;
    static void add(timemory_row* row, std::int64_t value) noexcept {
        if (row != nullptr) timemory_add_value(row, value);
    }
    void make_call_row(rows_of_calls& rows, const origin& of) noexcept;
    /// Finds or makes that of a bucket.
    void find_message_row(rows_of_calls& rows, const origin& of, direction way,
                          int bucket) noexcept;

    std::array<cached_row, std::size_t{1} << cache_bits> rows_;
    std::array<rows_of_calls, std::size_t{1} << calls_bits> calls_;
};

/// Whether MPI is up, so that requests and communicators are followed; and whether calls are
/// recorded, which is so besides if neither the program nor the user has stopped it.
extern std::atomic<bool> mpi_is_up;
extern std::atomic<bool> calls_wanted;

inline bool recording() noexcept {
    constexpr int on = 1;  // as TIMEMORY_RECORDING, less "not initialised yet, or finalized"
    return calls_wanted.load(std::memory_order_relaxed) &&
           (__atomic_load_n(&timemory_active, __ATOMIC_RELAXED) & on) != 0;
}

/// The region of each call: not_wanted, not_made before its first, or what timemory_region() gave.
extern std::atomic<timemory_region_t> regions[call_count];
inline constexpr timemory_region_t not_wanted = 0;
inline constexpr timemory_region_t not_made = ~timemory_region_t{0};

/// The region of a call that is wanted.
timemory_region_t make_region(call_id id) noexcept;

/// This thread's, once it has one. One pointer of static TLS: a library that is preloaded has room
/// for it.
extern __thread thread* this_thread __attribute__((tls_model("initial-exec")));

/// Makes it; null where there is no memory.
thread* make_thread() noexcept;

/// The thread that calls, unless the call is one of MPI's own inside of another; null then, and
/// where there is no memory.
[[gnu::always_inline]] inline thread* thread_outside() noexcept {
    thread* t = this_thread;
    if (t == nullptr) [[unlikely]]
        t = make_thread();
    return t != nullptr && !t->inside ? t : nullptr;
}

/// Whether a call is one that is wanted, and calls are recorded.
[[gnu::always_inline]] inline bool is_recorded(call_id id) noexcept {
    return regions[static_cast<std::size_t>(id)].load(std::memory_order_relaxed) != not_wanted &&
           recording();
}

/// The thread on which a call is to be recorded; null if it goes straight to MPI.
[[gnu::always_inline]] inline thread* thread_of_call(call_id id) noexcept {
    return is_recorded(id) ? thread_outside() : nullptr;
}
/// The same for a call that has to be seen also where it is not to be recorded.
inline thread* thread_of_call() noexcept {
    return mpi_is_up.load(std::memory_order_relaxed) ? thread_outside() : nullptr;
}

/// The number of the name of a call, as a key of a table.
std::int64_t text_of(call_id id) noexcept;

}  // namespace tim::mpip
