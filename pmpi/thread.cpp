#include "thread.hpp"

#include <pthread.h>

#include <array>
#include <new>
#include <span>

#include "communicators.hpp"
#include "windows.hpp"

namespace tim::mpip {

std::atomic<bool> mpi_is_up{false};
std::atomic<bool> calls_wanted{false};
std::atomic<timemory_region_t> regions[call_count];
__thread thread* this_thread __attribute__((tls_model("initial-exec"))) = nullptr;

namespace {

void delete_thread(void* t) {
    this_thread = nullptr;  // MPI may still be called by destructors that run later
    delete static_cast<thread*>(t);
}

/// A key whose destructor runs when a thread ends.
pthread_key_t ending_key() noexcept {
    static const pthread_key_t key = [] {
        pthread_key_t made{};
        pthread_key_create(&made, delete_thread);
        pthread_atfork(nullptr, nullptr, [] {
            mpi_is_up = false;  // it is the parent's
            calls_wanted = false;
            if (this_thread != nullptr) this_thread->forget_rows();
        });
        return made;
    }();
    return key;
}

timemory_row* row_of(int table, std::span<const std::int64_t> keys) noexcept {
    return timemory_row_of(table, keys.data(), keys.size());
}

}  // namespace

thread* make_thread() noexcept {
    this_thread = new (std::nothrow) thread;
    if (this_thread != nullptr) pthread_setspecific(ending_key(), this_thread);
    return this_thread;
}

std::int64_t text_of(call_id id) noexcept {
    static std::array<std::atomic<std::int64_t>, call_count> texts{};
    auto& known = texts[static_cast<std::size_t>(id)];
    std::int64_t text = known.load(std::memory_order_relaxed);
    if (text == 0) {
        text = timemory_text(call_table[static_cast<std::size_t>(id)].name);
        known.store(text, std::memory_order_relaxed);
    }
    return text;
}

[[gnu::noinline]] void thread::rows_of_calls::become(std::uint64_t its_place, int its_peer,
                                                     std::uint64_t its_site) noexcept {
    *this = {.place = its_place, .site = its_site, .peer = its_peer};
}

inline thread::rows_of_calls& thread::calls_of(const origin& of, int peer,
                                               std::uint64_t site) noexcept {
    const std::uint64_t place = std::uint64_t{of.path} << 32 | of.instance;
    const std::uint64_t mixed =
        place ^ std::uint64_t{static_cast<std::uint32_t>(peer)} << 20 ^ site;
    rows_of_calls& rows = calls_[mixed * 0x9E3779B97F4A7C15 >> (64 - calls_bits)];
    if (rows.place != place || rows.peer != peer || rows.site != site) [[unlikely]]
        rows.become(place, peer, site);
    return rows;
}

inline void thread::add_message(rows_of_calls& rows, const origin& of, direction way,
                                std::int64_t bytes) noexcept {
    const int bucket = timemory_bucket(bytes);
    const auto i = static_cast<std::size_t>(way);
    if (rows.buckets[i] != bucket) [[unlikely]]
        find_message_row(rows, of, way, bucket);
    add(rows.messages[i], bytes);
}

void thread::book_call(const ended_call& c) noexcept {
    rows_of_calls& rows = calls_of(c.of, c.peer, c.site);
    // Mostly the rows of its messages are the same; those of all places that call are one.
    const auto is_here = [&](const message& m) { return m.peer == c.peer; };
    const bool sends = c.sent.bytes >= 0;
    const bool receives = c.received.bytes >= 0;
    if (sends && is_here(c.sent)) add_message(rows, c.of, direction::sent, c.sent.bytes);
    if (receives && is_here(c.received))
        add_message(rows, c.of, direction::received, c.received.bytes);
    if (c.ns >= 0) [[likely]] {
        if (!rows.has_row) [[unlikely]]
            make_call_row(rows, c.of);
        if (rows.row != nullptr) timemory_add_time(rows.row, c.ns);
        if (rows.lengths != nullptr) timemory_count_value(rows.lengths, c.ns);
    }
    // Last, since those of another peer may take the place of these.
    if (sends && !is_here(c.sent)) book_message(c.of, c.sent.peer, direction::sent, c.sent.bytes);
    if (receives && !is_here(c.received))
        book_message(c.of, c.received.peer, direction::received, c.received.bytes);
}

void thread::book_message(const origin& of, int peer, direction way, std::int64_t bytes) noexcept {
    add_message(calls_of(of, peer, 0), of, way, bytes);
}

void thread::make_call_row(rows_of_calls& rows, const origin& of) noexcept {
    static const int table = timemory_table("mpi_calls");
    static const int histograms = timemory_table("mpi_latency");
    const std::array<std::int64_t, 5> keys{
        of.path, text_of(of.call), of.label,
        communicators::world_rank(*of.where, of.instance, rows.peer), sites.label(rows.site)};
    rows.row = row_of(table, keys);
    rows.lengths = timemory_histogram_of(histograms, keys.data(), 1);
    rows.has_row = true;
}

void thread::find_message_row(rows_of_calls& rows, const origin& of, direction way,
                              int bucket) noexcept {
    const key k = key_of(of.path, of.instance, rows.peer, row_kind::messages, way, of.call, bucket);
    cached_row& c = cached(k);
    if (c.of != k) {
        static const int table = timemory_table("mpi_messages");
        const std::array<std::int64_t, 6> keys{
            of.path,
            text_of(of.call),
            of.label,
            communicators::world_rank(*of.where, of.instance, rows.peer),
            static_cast<std::int64_t>(way),
            bucket};
        c = {.of = k, .row = row_of(table, keys)};
    }
    rows.messages[static_cast<std::size_t>(way)] = c.row;
    rows.buckets[static_cast<std::size_t>(way)] = bucket;
}

void thread::book_file(std::int64_t file, call_id call, direction way,
                       std::int64_t bytes) noexcept {
    static const int table = timemory_table("mpi_files");
    const std::array<std::int64_t, 4> keys{file, text_of(call), static_cast<std::int64_t>(way),
                                           timemory_bucket(bytes)};
    add(row_of(table, keys), bytes);
}

void thread::book_window(MPI_Win win, call_id call, int peer, direction way,
                         std::int64_t bytes) noexcept {
    static const int table = timemory_table("mpi_windows");
    const window& w = windows::find(win);
    const key k = key_of(~std::uint32_t{0}, w.instance, peer, row_kind::windows, way, call, 0);
    cached_row& c = cached(k);
    if (c.of != k || c.row == nullptr) {
        const std::array<std::int64_t, 4> keys{w.label, text_of(call), windows::world_rank(w, peer),
                                               static_cast<std::int64_t>(way)};
        c = {.of = k, .row = row_of(table, keys)};
    }
    add(c.row, bytes);
}

}  // namespace tim::mpip
