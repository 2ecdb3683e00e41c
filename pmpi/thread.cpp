#include "thread.hpp"

#include <pthread.h>

#include <array>
#include <new>
#include <span>

#include "communicators.hpp"
#include "windows.hpp"

namespace tim::mpip {

std::atomic<bool> mpi_is_up{false};
std::atomic<timemory_region_t> calls_wanted{0};
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
            calls_wanted = 0;
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

inline thread::rows_of_calls& thread::rows_of(const rows_key& k) noexcept {
    rows_of_calls& rows = place_of_rows(k);
    if (!(rows.of == k)) rows = {.of = k, .messages = {&nothing_, &nothing_}, .row = &not_made_};
    return rows;
}

void thread::book_call(const ended_call& c) noexcept {
    book_call_here(c);
}

[[gnu::noinline]] void thread::book_unusual_call(const ended_call& c) noexcept {
    rows_of_calls& rows = rows_of(key_of(c, sites.find(c.returns_to)));
    if (c.ns >= 0) {
        if (rows.row == &not_made_) make_call_row(rows, c);
        timemory_add_time(rows.row, c.ns);
        timemory_count_value(rows.lengths, c.ns);
    }
    add_messages(rows, c);
}

[[gnu::noinline]] void thread::add_messages(rows_of_calls& rows, const ended_call& c) noexcept {
    const origin of = c.of();
    add_message(rows, of, direction::sent, c.sent);
    add_message(rows, of, direction::received, c.received);
}

void thread::book_message(const origin& of, int peer, direction way, std::int64_t bytes) noexcept {
    const rows_key k{.place = key_part(of.path, of.instance),
                     .peer = peer,
                     .sent_to = peer,
                     .received_from = peer};
    add_message(rows_of(k), of, way, {.peer = peer, .bytes = bytes});
}

inline void thread::add_message(rows_of_calls& rows, const origin& of, direction way,
                                const message& m) noexcept {
    timemory_row*& row = rows.messages[static_cast<std::size_t>(way)];
    if (m.bytes < 0) {
        row = &nothing_;
        return;
    }
    if (row == &nothing_ || timemory_bucket(row->min) != timemory_bucket(m.bytes))
        row = message_row(of, way, m);
    timemory_add_value(row, m.bytes);
}

void thread::make_call_row(rows_of_calls& rows, const ended_call& c) noexcept {
    static const int table = timemory_table("mpi_calls");
    static const int histograms = timemory_table("mpi_latency");
    const std::array<std::int64_t, 5> keys{
        c.path, text_of(c.call), c.where->label,
        communicators::world_rank(*c.where, c.where->instance, c.peer), sites.label(rows.of.site)};
    rows.row = row_of(table, keys);
    if (rows.row == nullptr) rows.row = &spare_row_;
    rows.lengths = timemory_histogram_of(histograms, keys.data(), 1);
    if (rows.lengths == nullptr) rows.lengths = &spare_lengths_;
}

timemory_row* thread::message_row(const origin& of, direction way, const message& m) noexcept {
    const int bucket = timemory_bucket(m.bytes);
    const key k = key_of(of.path, of.instance, m.peer, row_kind::messages, way, of.call, bucket);
    cached_row& c = cached(k);
    if (c.of != k) {
        static const int table = timemory_table("mpi_messages");
        const std::array<std::int64_t, 6> keys{
            of.path,
            text_of(of.call),
            of.label,
            communicators::world_rank(*of.where, of.instance, m.peer),
            static_cast<std::int64_t>(way),
            bucket};
        c = {.of = k, .row = row_of(table, keys)};
    }
    return c.row != nullptr ? c.row : &spare_row_;
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
