// What a thread of the program has while its MPI calls are recorded: whether it is inside of one,
// and the rows of tables that it used last.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <vector>

#include "call_sites.hpp"
#include "calls.hpp"
#include "communicators.hpp"
#include "mpi_header.hpp"
#include "requests.hpp"
#include "timemory/tools.h"

namespace tim::mpip {

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
    timemory_path_t path = 0;  ///< 0: it is not to be recorded
    call_id call{};
    const communicator* where = &communicators::none;
    const void* returns_to = nullptr;
    std::int64_t ns = -1;  ///< -1: it is not recorded
    int peer = no_peer;
    message sent;
    message received;

    [[nodiscard]] origin of() const noexcept {
        return {.path = path,
                .call = call,
                .instance = where->instance,
                .where = where,
                .label = where->label};
    }
};

class thread {
public:
    /// Whether an MPI call of the program is under way on this thread: what MPI calls inside is not
    /// the program's.
    bool inside = false;

    void book_call(const ended_call& c) noexcept;
    /// The same, faster and some 400 bytes of code.
    void book_call_here(const ended_call& c) noexcept;
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
    const communicator* last_where = &communicators::none;

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

    /// What calls have in common that are booked in the same rows.
    struct rows_key {
        std::uint64_t place = 0;  ///< path and instance of the communicator
        std::uint64_t site = 0;
        int peer = 0;
        int sent_to = 0;
        int received_from = 0;
        bool operator==(const rows_key&) const = default;
    };
    struct alignas(64) rows_of_calls {
        rows_key of;
        /// Of mpi_messages, by direction: those of the buckets that there were last, or nothing_.
        std::array<timemory_row*, 2> messages{};
        timemory_row* row = nullptr;  ///< of mpi_calls; not_made_ before the first call
        timemory_histogram* lengths = nullptr;
    };
    static constexpr int cache_bits = 9;
    static constexpr int calls_bits = 9;

    static std::uint64_t key_part(timemory_path_t path, std::uint32_t instance) noexcept {
        return std::uint64_t{path} << 32 | instance;
    }
    static key key_of(std::uint32_t path, std::uint32_t instance, int peer, row_kind kind,
                      direction way, call_id call, int bucket) noexcept {
        return {key_part(path, instance),
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
    static rows_key key_of(const ended_call& c, std::uint64_t site) noexcept {
        return {.place = key_part(c.path, c.where->instance),
                .site = site,
                .peer = c.peer,
                .sent_to = c.sent.peer,
                .received_from = c.received.peer};
    }
    /// Where the rows are, or others.
    rows_of_calls& place_of_rows(const rows_key& k) noexcept;
    rows_of_calls& rows_of(const rows_key& k) noexcept;
    void book_unusual_call(const ended_call& c) noexcept;
    void add_messages(rows_of_calls& rows, const ended_call& c) noexcept;
    void add_message(rows_of_calls& rows, const origin& of, direction way,
                     const message& m) noexcept;
    static void add(timemory_row* row, std::int64_t value) noexcept {
        if (row != nullptr) timemory_add_value(row, value);
    }
    void make_call_row(rows_of_calls& rows, const ended_call& c) noexcept;
    timemory_row* message_row(const origin& of, direction way, const message& m) noexcept;

    std::array<cached_row, std::size_t{1} << cache_bits> rows_;
    std::array<rows_of_calls, std::size_t{1} << calls_bits> calls_;
    /// What calls without a message count as messages of -1 bytes in: it is in no result.
    timemory_row nothing_{.count = 0,
                          .sum_low = 0,
                          .sum_high = 0,
                          .squares_low = 0,
                          .squares_high = 0,
                          .min = no_message,
                          .max = no_message};
    /// What no call is a usual one of.
    timemory_row not_made_{.count = 0,
                           .sum_low = 0,
                           .sum_high = 0,
                           .squares_low = 0,
                           .squares_high = 0,
                           .min = std::numeric_limits<std::int64_t>::max(),
                           .max = std::numeric_limits<std::int64_t>::min()};
    // What is added to where there is no memory for it.
    timemory_row spare_row_{};
    timemory_histogram spare_lengths_{.last = -1, .counts = {}};
};

[[gnu::always_inline]] inline thread::rows_of_calls& thread::place_of_rows(
    const rows_key& k) noexcept {
    const std::uint64_t mixed = k.place ^ k.site ^
                                std::uint64_t{static_cast<std::uint32_t>(k.peer)} << 20 ^
                                std::uint64_t{static_cast<std::uint32_t>(k.sent_to)} << 10;
    return calls_[mixed * 0x9E3779B97F4A7C15 >> (64 - calls_bits)];
}

/// The usual case: the rows there are its own, it took neither less nor more time than those
/// before, and its messages are equal to all that the rows have, which says that they are of their
/// buckets, too.
[[gnu::always_inline]] inline void thread::book_call_here(const ended_call& c) noexcept {
    // With more than one frame its rows are never found here: those have another site.
    const rows_key k = key_of(c, call_sites::address_of(c.returns_to));
    rows_of_calls& rows = place_of_rows(k);
    const auto is_usual = [](const message& m, const timemory_row& row) {
        return m.bytes == row.min && m.bytes == row.max;
    };
    const auto [sent, received] = rows.messages;
    if (!(rows.of == k) || c.ns < rows.row->min || c.ns > rows.row->max) [[unlikely]]
        return book_unusual_call(ended_call{c});
    timemory_add_time(rows.row, c.ns);
    timemory_count_value(rows.lengths, c.ns);
    if (!is_usual(c.sent, *sent) || !is_usual(c.received, *received)) [[unlikely]]
        return add_messages(rows, ended_call{c});
    timemory_add_equal(sent);
    timemory_add_equal(received);
}

/// Whether MPI is up, so that requests and communicators are followed; and whether calls are
/// recorded, which is so besides if neither the program nor the user has stopped it.
extern std::atomic<bool> mpi_is_up;
[[gnu::visibility("hidden")]] extern std::atomic<timemory_region_t>
    calls_wanted;  ///< all bits, or none

inline bool timemory_records() noexcept {
    constexpr int on = 1;  // as TIMEMORY_RECORDING, less "not initialised yet, or finalized"
    return (__atomic_load_n(&timemory_active, __ATOMIC_RELAXED) & on) != 0;
}
inline bool recording() noexcept {
    return calls_wanted.load(std::memory_order_relaxed) != 0 && timemory_records();
}

/// The region of each call: not_wanted, not_made before its first, or what timemory_region() gave.
[[gnu::visibility("hidden")]] extern std::atomic<timemory_region_t> regions[call_count];
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

/// The region of a call, which may be not_made; not_wanted if it is not to be recorded now.
[[gnu::always_inline]] inline timemory_region_t region_of(call_id id) noexcept {
    const timemory_region_t region =
        regions[static_cast<std::size_t>(id)].load(std::memory_order_relaxed) &
        calls_wanted.load(std::memory_order_relaxed);
    return region != not_wanted && timemory_records() ? region : not_wanted;
}

/// The thread on which a call is to be recorded; null if it goes straight to MPI.
[[gnu::always_inline]] inline thread* thread_of_call(timemory_region_t region) noexcept {
    return region != not_wanted ? thread_outside() : nullptr;
}
/// The same for a call that has to be seen also where it is not to be recorded.
inline thread* thread_of_any_call() noexcept {
    return mpi_is_up.load(std::memory_order_relaxed) ? thread_outside() : nullptr;
}

/// The number of the name of a call, as a key of a table.
std::int64_t text_of(call_id id) noexcept;

}  // namespace tim::mpip
