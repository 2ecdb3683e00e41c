// The recorder: what one thread measures. A stack of open regions and a tree of call paths.
//
// On the way in or out of a region: no lock, no system call of its own, and no allocation once its
// path was seen.

#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "record/arena.hpp"
#include "record/layout.hpp"
#include "record/losses.hpp"
#include "record/regions.hpp"
#include "record/seen_name.hpp"

namespace tim {

/// Whether regions are recorded. Read on every edge.
enum class activity : int {
    off = 0,   ///< paused or disabled
    on = 1,    ///< recording
    slow = 2,  ///< not initialised yet, or finalized: the slow path decides
    flat = 3,  ///< recording, and new regions stand under the root
};

/// What every edge reads, in one line of the cache.
struct alignas(64) recording_state {
    std::atomic<activity> active{activity::slow};
    /// Changes with the default components, so that caches by name know.
    std::atomic<std::uint32_t> generation{1};
    std::atomic<std::uint16_t> default_bundle{0};
};
extern recording_state state;

/// Called on slow paths (a new path, a new thread) where it is set: a chance to notice MPI.
extern void (*slow_path_hook)();

/// The children of all nodes of a recorder, by parent and a number. Private memory: it can be
/// rebuilt from the nodes.
class child_table {
public:
    child_table() : entries_(64) {}

    [[nodiscard]] place_record find(ref parent, std::uint32_t number) const noexcept {
        for (std::size_t i = slot(parent, number);; i = (i + 1) & (entries_.size() - 1)) {
            const entry& e = entries_[i];
            if (e.number == number && e.parent == parent) return e.where;
            if (e.parent == 0) return {};
        }
    }
    void insert(ref parent, std::uint32_t number, place_record where);

private:
    /// 16 bytes, four in a line of the cache.
    struct entry {
        ref parent = 0;
        std::uint32_t number = 0;
        place_record where;
    };

    [[nodiscard]] std::size_t slot(ref parent, std::uint32_t number) const noexcept {
        const std::uint64_t key = std::uint64_t{parent} << 32 | number;
        return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15 >> shift_);
    }

    std::vector<entry> entries_;  ///< a power of two
    std::size_t used_ = 0;
    int shift_ = 58;  ///< 64 less the logarithm of the size
};

class recorder {
public:
    /// The recorder of the calling thread, made on its first region; null when there is no memory
    /// for one.
    static recorder* attach();

    void enter(region_id region) noexcept { push_quickly(region); }
    void enter_flat(region_id region) noexcept { push<true>(region); }
    void leave(region_id region) noexcept;

    /// As enter(), returns a record for end().
    template <bool Flat>
    std::uint64_t begin(region_id region) noexcept;
    /// Ends a record of this or another recorder, on this thread.
    void end(std::uint64_t record) noexcept;

    /// By name, with the default components. The name is looked up by the address of the string,
    /// verified.
    void push_name(const char* name) noexcept;
    void push_name_flat(const char* name) noexcept { push<true>(region_of(name)); }
    void pop_name(const char* name) noexcept;

    /// While nothing is recorded: keeps pushes and pops paired. unskip() says whether the pop
    /// belongs to a skipped push.
    void skip() noexcept { ++skipped_; }
    bool unskip() noexcept {
        if (skipped_ == 0) return false;
        --skipped_;
        return true;
    }

    std::uint32_t create_flow() noexcept;
    std::uint32_t switch_flow(std::uint32_t flow) noexcept;
    void delete_flow(std::uint32_t flow) noexcept;

    [[nodiscard]] std::uint32_t number() const noexcept { return number_; }
    [[nodiscard]] const recorder_record* record() const noexcept { return record_; }

    /// Called when its thread ends. Its tree stays; a later thread may go on with it if threads are
    /// collapsed.
    static void release(recorder* r) noexcept;

private:
    /// A stack of frames: pieces of memory that are kept once they were needed.
    struct stack {
        flow_record* record = nullptr;
        frame_record* top = nullptr;
        std::byte* next = nullptr;         ///< where the next frame goes
        std::byte* piece_begin = nullptr;  ///< of the piece that `next` lies in
        std::byte* piece_end = nullptr;
        std::uint32_t piece = 0;
        std::vector<std::pair<std::byte*, std::byte*>> pieces;
        bool in_use = true;
    };

    explicit recorder(std::uint32_t number) noexcept : number_{number}, seen_(seen_names) {}

    bool open() noexcept;
    frame_record* push_quickly(region_id region) noexcept;
    template <bool Flat>
    frame_record* push(region_id region) noexcept;
    void finish_push(frame_record* f, const bundle& b) noexcept;
    void book_clock(block_record* block, std::uint64_t lap, flow_record& flow, ref top) noexcept;
    void pop_top_slowly(frame_record* f, std::int64_t now) noexcept;
    void pop_top(std::int64_t now) noexcept;
    /// Adds one lap to a block, and sets the top of its flow: see layout.hpp for the order.
    void book(const bundle& b, block_record* block, const std::int64_t* lap, flow_record& flow,
              ref top) noexcept;
    void end_below_top(frame_record* f, std::int64_t now) noexcept;
    void end_foreign(std::uint64_t record, std::int64_t now) noexcept;
    enum class match { region, name };
    void leave_other(region_id region, match by, std::int64_t now) noexcept;
    place_record find_child(node_record* parent, ref parent_ref, region_id region) noexcept;
    place_record add_child(ref parent, region_id region) noexcept;
    ref copy_path(const node_record* other) noexcept;
    static void step_back(stack& s) noexcept;
    bool grow(stack& s, std::size_t bytes) noexcept;
    std::uint32_t new_flow(std::size_t bytes) noexcept;
    frame_record* drop_closed() noexcept;
    seen_name& seen_at(const char* name) noexcept {
        return seen_[(reinterpret_cast<std::uintptr_t>(name) * 0x9E3779B97F4A7C15) >> 55];
    }
    region_id region_of(const char* name) noexcept;
    void push_name_slowly(const char* name) noexcept { push<false>(region_of(name)); }
    void leave_slowly(region_id region) noexcept;
    void pop_name_slowly(const char* name, std::int64_t now) noexcept;

    static constexpr std::size_t seen_names = 512;
    static constexpr std::size_t first_stack = 32 * 1024;
    static constexpr std::size_t coroutine_stack = 1024;

    stack* flow_ = nullptr;
    journal_record* journal_ = nullptr;
    std::uint64_t skipped_ = 0;
    std::uint32_t serial_ = 0;
    std::uint32_t number_;
    recorder_record* record_ = nullptr;
    ref overflow_node_ = 0;  ///< takes what finds no memory; not linked into the tree
    ref overflow_block_ = 0;
    allocator memory_;
    child_table children_;  ///< by region
    child_table nodes_;     ///< by name: one node may have several blocks
    std::vector<std::unique_ptr<stack>> flows_;
    std::uint32_t current_flow_ = 0;
    std::vector<seen_name> seen_;
    std::unordered_map<std::string_view, region_id>
        by_text_;  ///< of generation `by_text_generation_`
    std::uint32_t by_text_generation_ = 0;
};

/// The calling thread's recorder. Initial-exec: one load, and no allocation on first use.
extern __thread recorder* this_recorder __attribute__((tls_model("initial-exec")));

/// Whether a thread may go on with the recorder of one that ended: where threads are collapsed.
extern std::atomic<bool> reuse_recorders;

/// All recorders that were ever made, in the order of their numbers. The pointers stay valid.
std::vector<const recorder*> all_recorders();

/// In the child of a fork: no recorders.
void recorders_after_fork() noexcept;

// ---- The hot path ----

/// The order of stores that a reader relies on. On x86 it costs nothing; thread sanitizer has no
/// model of fences, and all words are atomic for it anyway.
inline void store_fence() noexcept {
#if !defined(__SANITIZE_THREAD__)
    std::atomic_thread_fence(std::memory_order_release);
#endif
}

inline place_record recorder::find_child(node_record* parent, ref parent_ref,
                                         region_id region) noexcept {
    if (parent->hit_region == region) [[likely]]
        return parent->hit;
    place_record place = children_.find(parent_ref, number_of(region));
    if (place.node == 0) [[unlikely]]
        place = add_child(parent_ref, region);
    __builtin_prefetch(at<block_record>(place.block), 1);
    parent->hit_region = region;
    parent->hit = place;
    return place;
}

/// The way without a branch taken: wall_clock alone, under the same parent as the last time.
/// Everything else is push().
[[gnu::always_inline]] inline frame_record* recorder::push_quickly(region_id region) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    stack& s = *flow_;
    frame_record* top = s.top;
    const auto* parent =
        at<node_record>(std::bit_cast<place_record>(top->place.load(relaxed)).node);
    auto* f = reinterpret_cast<frame_record*>(s.next);
    std::byte* next = s.next + frame_size(1);
    if ((region & clock_only_bit) == 0 || parent->hit_region != region || next > s.piece_end ||
        top->region.load(relaxed) == 0 || !the_clock.counter) [[unlikely]]
        return push<false>(region);
    s.next = next;
    f->region.store(region, relaxed);
    f->place.store(std::bit_cast<std::uint64_t>(parent->hit), relaxed);
    f->previous.store(ref_of(top), relaxed);
    f->serial = 0;
    s.top = f;
    flow_record* record = s.record;
    const ref here = ref_of(f);
    f->begin[0].store(clock_ticks(), relaxed);
    record->top.store(here, std::memory_order_release);
    return f;
}

/// Adds one lap of wall_clock alone to a block, and sets the top of its flow: see layout.hpp for
/// the order.
[[gnu::always_inline]] inline void recorder::book_clock(block_record* block, std::uint64_t lap,
                                                        flow_record& flow, ref top) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    journal_record& j = *journal_;
    field_record& new_field = j.field[0];
    field_record& field = block->field[0];
    const auto joined = [](std::uint64_t low, std::uint64_t high) {
        return static_cast<unsigned __int128>(high) << 64 | low;
    };
    const auto value = static_cast<std::int64_t>(lap);
    const std::uint64_t laps = block->laps.load(relaxed) + 1;
    const auto sum = joined(field.sum_low.load(relaxed), field.sum_high.load(relaxed)) + lap;
    const auto squares = joined(field.squares_low.load(relaxed), field.squares_high.load(relaxed)) +
                         static_cast<unsigned __int128>(lap) * lap;
    const std::int64_t min = std::min(field.min.load(relaxed), value);
    const std::int64_t max = std::max(field.max.load(relaxed), value);
    const auto store = [=](field_record & to) __attribute__((always_inline)) {
        to.sum_low.store(static_cast<std::uint64_t>(sum), relaxed);
        to.sum_high.store(static_cast<std::uint64_t>(sum >> 64), relaxed);
        to.squares_low.store(static_cast<std::uint64_t>(squares), relaxed);
        to.squares_high.store(static_cast<std::uint64_t>(squares >> 64), relaxed);
        to.min.store(min, relaxed);
        to.max.store(max, relaxed);
    };
    store(new_field);
    j.target.store(ref_of(block), relaxed);
    j.laps.store(laps, relaxed);
    const std::uint64_t sequence = j.sequence.load(relaxed);
    j.sequence.store(sequence + 1, std::memory_order_release);
    store_fence();
    block->laps.store(laps, relaxed);
    store(field);
    flow.top.store(top, relaxed);
    j.sequence.store(sequence + 2, std::memory_order_release);
}

/// Ends the region on top of the stack.
[[gnu::always_inline]] inline void recorder::pop_top(std::int64_t now) noexcept {
    stack& s = *flow_;
    frame_record* f = s.top;
    if ((f->region.load(std::memory_order_relaxed) & clock_only_bit) == 0 ||
        s.next == s.piece_begin) [[unlikely]]
        return pop_top_slowly(f, now);
    const auto place = std::bit_cast<place_record>(f->place.load(std::memory_order_relaxed));
    const ref previous = f->previous.load(std::memory_order_relaxed);
    const std::int64_t lap = ticks_to_ns(now - f->begin[0].load(std::memory_order_relaxed));
    s.next = reinterpret_cast<std::byte*>(f);
    s.top = at<frame_record>(previous);
    book_clock(at<block_record>(place.block), static_cast<std::uint64_t>(lap), *s.record, previous);
}

inline void recorder::leave(region_id region) noexcept {
    if (!the_clock.counter) [[unlikely]]
        return leave_slowly(region);
    const std::int64_t now = clock_ticks();
    if (flow_->top->region.load(std::memory_order_relaxed) != region) [[unlikely]]
        return leave_other(region, match::region, now);
    pop_top(now);
}

inline void recorder::push_name(const char* name) noexcept {
    const seen_name& seen = seen_at(name);
    // Without the counter, as under valgrind, names are compared by the letter.
    if (!the_clock.counter ||
        !seen.is_quickly_at(name, state.generation.load(std::memory_order_relaxed))) [[unlikely]]
        return push_name_slowly(name);
    push_quickly(seen.region);
}

inline void recorder::pop_name(const char* name) noexcept {
    if (!the_clock.counter) [[unlikely]]
        return pop_name_slowly(name, monotonic_ns());
    const std::int64_t now = clock_ticks();
    const seen_name& seen = seen_at(name);
    if (!seen.is_quickly_at(name, state.generation.load(std::memory_order_relaxed)) ||
        flow_->top->region.load(std::memory_order_relaxed) != seen.region) [[unlikely]]
        return pop_name_slowly(name, now);
    pop_top(now);
}

template <bool Flat>
inline std::uint64_t recorder::begin(region_id region) noexcept {
    frame_record* f = Flat ? push<true>(region) : push_quickly(region);
    if (f == nullptr) [[unlikely]]
        return ~std::uint64_t{0};
    // 16 bits, never 0.
    serial_ = serial_ == 0xFFFF ? 1 : serial_ + 1;
    f->serial = serial_;
    return std::uint64_t{number_} << 48 | std::uint64_t{serial_} << 32 | ref_of(f);
}

inline void recorder::end(std::uint64_t record) noexcept {
    const std::int64_t now = clock_ticks();
    const frame_record* top = flow_->top;
    if (static_cast<ref>(record) != ref_of(top) || record >> 48 != number_ ||
        (record >> 32 & 0xFFFF) != top->serial || top->region.load(std::memory_order_relaxed) == 0)
        [[unlikely]]
        return end_foreign(record, now);
    pop_top(now);
}

}  // namespace tim
