// The recorders of all threads: a thread that starts goes on with that of one that ended.

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <mutex>

#include "record/affinity.hpp"
#include "record/recorder.hpp"
#include "settings/say.hpp"

namespace tim {

std::atomic<bool> reuse_recorders{true};
__thread recorder* this_recorder __attribute__((tls_model("initial-exec"))) = nullptr;

namespace {

struct registry {
    std::mutex lock;
    std::vector<recorder*> all;
    std::vector<recorder*> idle;
    pthread_key_t at_thread_end{};
    bool has_key = false;
};

registry& the_registry() {
    static auto* const r = new registry;  // never destroyed: regions may end during exit
    return *r;
}

void thread_ended(void* r) {
    recorder::release(static_cast<recorder*>(r));
}

/// For the first region of a process: a shell that never records one leaves nothing behind.
bool open_first_arena() noexcept {
    if (!open_arena()) {
        static std::atomic_flag said;
        if (!said.test_and_set())
            say("no address space for recording; nothing is measured (see ulimit -v)");
        count_loss(loss::out_of_memory);
        return false;
    }
    static_assert(std::size(loss_counts) <=
                  sizeof(arena_record::losses) / sizeof(arena_record::losses[0]));
    for (std::size_t i = 0; i < loss_counts.size(); ++i)
        arena()->losses[i].store(loss_counts[i].load(std::memory_order_relaxed),
                                 std::memory_order_relaxed);
    return true;
}

}  // namespace

recorder* recorder::attach() {
    if (slow_path_hook != nullptr) slow_path_hook();
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    if (!has_arena() && !open_first_arena()) return nullptr;
    if (!r.has_key) r.has_key = pthread_key_create(&r.at_thread_end, thread_ended) == 0;
    recorder* mine = nullptr;
    if (!r.idle.empty() && reuse_recorders.load(std::memory_order_relaxed)) {
        mine = r.idle.back();
        r.idle.pop_back();
    } else if (r.all.size() < 0xFFFE) {
        std::unique_ptr<recorder> fresh{new recorder{static_cast<std::uint32_t>(r.all.size())}};
        if (fresh->open()) r.all.push_back(mine = fresh.release());
    }
    if (mine == nullptr) {
        count_loss(loss::out_of_memory);
        return nullptr;
    }
    this_recorder = mine;
    mine->record_->system_thread.store(static_cast<std::uint32_t>(gettid()),
                                       std::memory_order_relaxed);
    if (r.has_key) pthread_setspecific(r.at_thread_end, mine);
    if (debugging.load(std::memory_order_relaxed))
        say_detail(
            fmt::format("thread {} of the system records as thread {}", gettid(), mine->number_));
    if (pin_threads.load(std::memory_order_relaxed)) pin_this_thread(mine->number_);
    return mine;
}

void recorder::release(recorder* mine) noexcept {
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    if (this_recorder == mine) this_recorder = nullptr;
    // Regions that the thread left open stay open: no other thread may stack its own on them.
    if (mine->current_flow_ == 0 && below(*mine->flow_->top) == 0) r.idle.push_back(mine);
}

std::vector<const recorder*> all_recorders() {
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    return {r.all.begin(), r.all.end()};
}

void recorders_after_fork() noexcept {
    registry& r = the_registry();
    new (&r.lock) std::mutex;  // another thread of the parent may have held it
    r.all.clear();  // not freed: their memory belongs to a heap that another thread may have been
                    // changing
    r.idle.clear();
    this_recorder = nullptr;
    for (auto& count : loss_counts) count.store(0, std::memory_order_relaxed);
    path_count.store(0, std::memory_order_relaxed);
}

void recorder::clear_idle(recorder* mine, const std::function<bool(const bundle&)>& wanted,
                          bool tables) {
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    std::vector<recorder*> cleared = r.idle;
    if (mine != nullptr) cleared.push_back(mine);
    for (recorder* one : cleared) {
        one->forget_laps(wanted);
        if (tables) one->forget_rows();
    }
}

}  // namespace tim
