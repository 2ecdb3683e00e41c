// The recorder: what one thread measures. A stack of open regions and a tree of call paths.
//
// On the way in or out of a region: no lock, no system call of its own, and no allocation once its
// path was seen.

#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "profile/profile.hpp"
#include "record/arena.hpp"
#include "record/layout.hpp"
#include "record/losses.hpp"
#include "record/regions.hpp"
#include "record/row_table.hpp"
#include "record/seen_name.hpp"

namespace tim {

/// Whether regions are recorded. Read on every edge.
enum class activity : int {
    off = 0,     ///< paused or disabled
    on = 1,      ///< recording
    slow = 2,    ///< not initialised yet, or finalized: the slow path decides
    scoped = 3,  ///< recording, and recording_scope says where: the slower way
};

/// Where regions are recorded, other than under the region that is open. Read where `activity` is
/// `scoped`, and where a path is new.
struct recording_scope {
    std::atomic<bool> flat{false};      ///< under the root
    std::atomic<bool> timeline{false};  ///< each lap apart from the others of its path
    /// Levels of regions that are recorded; regions below them are not.
    std::atomic<std::uint32_t> max_depth{0xFFFF};
    /// Laps that a thread keeps apart; later ones go to one row of their path.
    std::atomic<std::uint64_t> max_timeline{100'000};
    /// Whether values that the program stores under a name stand below the region that is open.
    std::atomic<bool> secondary{true};
    std::atomic<bool> report{false};  ///< a line for each region that ends
};
extern recording_scope scope;

/// When push_trace() stops recording a region: where `calls` of it took less than `ns` each.
struct throttle_limits {
    std::atomic<std::uint64_t> calls{10'000};
    std::atomic<std::uint64_t> ns{10'000};
};
extern throttle_limits throttle;

/// What every edge reads, in one line of the cache.
struct alignas(64) recording_state {
    std::atomic<activity> active{activity::slow};
    /// Changes with the default components, so that caches by name know.
    std::atomic<std::uint32_t> generation{1};
    std::atomic<std::uint16_t> default_bundle{0};
    std::atomic<std::uint16_t> trace_bundle{0};
};
[[gnu::visibility("hidden")]] extern recording_state state;

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
    void leave(region_id region) noexcept;

    /// As enter(), returns a record for end().
    std::uint64_t begin(region_id region) noexcept { return begin_record(push_quickly(region)); }
    /// Ends a record of this or another recorder, on this thread.
    void end(std::uint64_t record) noexcept;

    /// As enter(); the node where the region is booked, 0 if there is no memory for it.
    ref enter_at(region_id region) noexcept;
    ref enter_at_slowly(region_id region) noexcept;
    ref enter_at_scoped(region_id region) noexcept { return node_of(push_scoped(region)); }
    /// As leave(); the nanoseconds that the region was open, or -1.
    std::int64_t leave_after(region_id region) noexcept;
    std::int64_t leave_after_slowly(region_id region) noexcept;
    /// The node of the innermost region that is open; 0 if none is.
    [[nodiscard]] ref current_node() noexcept;
    /// Books a lap below a node of any recorder (0: the root), and says at which node.
    ref book_below(ref parent, region_id region, const std::int64_t* lap) noexcept;
    /// The row of a table, made if it is not there; null for want of memory. Keys as in row_record.
    row_record* row_of(std::uint16_t table, std::span<const std::int64_t> keys,
                       bool histogram) noexcept;

    // The same where the scope counts.
    void enter_scoped(region_id region) noexcept { push_scoped(region); }
    std::uint64_t begin_scoped(region_id region) noexcept {
        return begin_record(push_scoped(region));
    }
    /// The same, under the root or apart from its other laps whatever the scope says.
    std::uint64_t begin_in(bool flat, bool apart, region_id region) noexcept {
        return begin_record(push_in(flat, apart, region));
    }
    void push_name_scoped(const char* name) noexcept { push_scoped(region_of(name)); }
    void leave_slowly(region_id region) noexcept;
    void end_slowly(std::uint64_t record) noexcept;
    void pop_name_slowly(const char* name) noexcept;

    /// The region of a record that is open; 0 if it is none.
    [[nodiscard]] region_id region_of_record(std::uint64_t record) const noexcept {
        const frame_record* f = find_open(record);
        return f != nullptr ? f->region.load(std::memory_order_relaxed) : 0;
    }

    /// Adds a lap with these fields to the region of a record that is open; and ends one without
    /// measuring it.
    void book_into(std::uint64_t record, const std::int64_t* lap) noexcept;
    void abandon(std::uint64_t record) noexcept;

    /// Forgets the laps of the wanted bundles that `mine` and the threads that have ended measured,
    /// and, if wanted, the rows of their tables.
    static void clear_idle(recorder* mine, const std::function<bool(const bundle&)>& wanted,
                           bool tables);

    /// By name, with the default components. The name is looked up by the address of the string,
    /// verified.
    void push_name(const char* name) noexcept;
    void pop_name(const char* name) noexcept;

    /// By name, with the components of tracing, and throttled: a region whose calls are short on
    /// average is not recorded any more on this thread. Each call looks the name up by its text.
    void push_trace(std::string_view name) noexcept;
    void pop_trace(std::string_view name) noexcept;
    [[nodiscard]] bool is_throttled(std::string_view name) const noexcept;
    void reset_throttle(std::string_view name) noexcept;

    /// While nothing is recorded: keeps pushes and pops paired. unskip() says whether the pop
    /// belongs to a skipped push.
    void skip() noexcept { ++skipped_; }
    bool unskip() noexcept {
        if (skipped_ == 0) return false;
        --skipped_;
        return true;
    }

    /// Books a value that the program stores as a lap of `b`, which has one field: below the
    /// innermost open region under `name`, or at that region itself where `name` is null. False if
    /// `name` is null and no region is open. Takes a lock.
    bool store(const bundle& b, const char* name, std::int64_t value) noexcept;

    std::uint32_t create_flow() noexcept;
    std::uint32_t switch_flow(std::uint32_t flow) noexcept;
    void delete_flow(std::uint32_t flow) noexcept;

    [[nodiscard]] std::uint32_t number() const noexcept { return number_; }
    [[nodiscard]] const recorder_record* record() const noexcept { return record_; }
    /// The frame of the region that was opened last. Async-signal-safe, on the recorder's thread.
    [[nodiscard]] ref top() const noexcept {
        return flow_->record->top.load(std::memory_order_acquire);
    }

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
    bool push_usual(region_id region, frame_record*& pushed) noexcept;
    frame_record* push_quickly(region_id region) noexcept;
    frame_record* push(region_id region) noexcept;
    frame_record* push_scoped(region_id region) noexcept;
    frame_record* push_in(bool flat, bool apart, region_id region) noexcept;
    frame_record* push_at(place_record place, region_id region) noexcept;
    std::uint64_t begin_record(frame_record* f) noexcept;
    void finish_push(frame_record* f, const bundle& b) noexcept;
    static void read_lap(const bundle& b, const frame_record& f, std::int64_t now,
                         std::int64_t* begin, std::int64_t* lap) noexcept;
    bool book_clock(ref target, std::uint64_t lap, flow_record& flow, ref top) noexcept;
    void pop_top_slowly(frame_record* f, std::int64_t now) noexcept;
    std::uint64_t pop_clock_slowly(frame_record* f, std::int64_t now) noexcept;
    std::uint64_t pop_top_quickly(std::int64_t now) noexcept;
    static ref node_of(const frame_record* f) noexcept;
    /// Adds one lap to a block, and sets the top of its flow: see layout.hpp for the order.
    void book(const bundle& b, block_record* block, const std::int64_t* lap, flow_record& flow,
              ref top) noexcept;
    void end_below_top(frame_record* f, std::int64_t now) noexcept;
    frame_record* find_open(std::uint64_t record) const noexcept;
    place_record place_of_other(const node_record& node, const bundle& b) noexcept;
    void forget_laps(const std::function<bool(const bundle&)>& wanted) noexcept;
    void forget_rows() noexcept;
    void empty(block_record& block) noexcept;
    void end_foreign(std::uint64_t record, std::int64_t now) noexcept;
    enum class match { region, name };
    void leave_other(region_id region, match by, std::int64_t now) noexcept;
    place_record find_child(ref parent, region_id region) noexcept;
    void remember(ref parent, region_id region, place_record where) noexcept;
    place_record place_in(bool flat, bool apart, region_id region) noexcept;
    ref block_at(node_record& node, const bundle& b) noexcept;
    place_record add_child(ref parent, region_id region) noexcept;
    place_record capped_child(ref parent, const bundle& b) noexcept;
    place_record add_lap(ref parent, region_id region) noexcept;
    node_record* add_node(ref parent, const region_name& name, path_kind kind,
                          std::uint32_t lap) noexcept;
    block_record* add_block(node_record* node, const bundle& b) noexcept;
    std::uint32_t cost_of(const bundle& b) noexcept;
    [[nodiscard]] bool is_apart(ref node) const noexcept {
        return node == overflow_node_ || node == deep_node_;
    }
    ref copy_path(const node_record* other) noexcept;
    static void step_back(stack& s) noexcept;
    bool grow(stack& s, std::size_t bytes) noexcept;
    std::uint32_t new_flow(std::size_t bytes) noexcept;
    frame_record* drop_closed() noexcept;
    seen_name& seen_at(const char* name) noexcept {
        return seen_[(reinterpret_cast<std::uintptr_t>(name) * 0x9E3779B97F4A7C15) >> 55];
    }
    region_id region_of(const char* name) noexcept;
    void push_name_slowly(const char* name) noexcept { push(region_of(name)); }

    static constexpr std::size_t seen_names = 512;
    static constexpr std::size_t first_stack = 32 * 1024;
    static constexpr std::size_t coroutine_stack = 1024;

    /// Where a region was entered last.
    struct last_place {
        ref parent = 0;  ///< with `not_quick`, a region that push_quickly() leaves to push()
        std::uint32_t unused = 0;
        place_record where;

        static constexpr ref not_quick = ref{1} << 31;  // no ref of a node: the arena ends before
    };

    stack* flow_ = nullptr;
    journal_record* journal_ = nullptr;
    std::unique_ptr<last_place[]> last_;  ///< by number of region
    std::uint32_t last_count_ = 0;
    std::uint64_t skipped_ = 0;
    std::uint32_t serial_ = 0;
    std::uint32_t number_;
    recorder_record* record_ = nullptr;
    ref overflow_node_ = 0;  ///< takes what finds no memory; not linked into the tree
    ref overflow_block_ = 0;
    ref deep_node_ = 0;  ///< stands for all regions below scope.max_depth; not linked either
    std::uint64_t laps_apart_ = 0;
    allocator memory_;
    row_table rows_;
    std::unordered_map<ref, ref> copies_;  ///< of other recorders' nodes, for book_below()
    child_table children_;                 ///< by region
    child_table nodes_;                    ///< by name: one node may have several blocks
    std::vector<std::unique_ptr<stack>> flows_;
    std::uint32_t current_flow_ = 0;
    std::vector<seen_name> seen_;
    std::unordered_map<std::string_view, region_id>
        by_text_;  ///< of generation `by_text_generation_`
    std::uint32_t by_text_generation_ = 0;

    struct traced {
        region_id region = 0;
        std::uint32_t generation = 0;
        std::uint32_t open = 0;   ///< calls that are open
        std::int64_t begin = 0;   ///< of the outermost of them, in ticks
        std::uint64_t calls = 0;  ///< since the last look
        std::uint64_t ns = 0;     ///< that they took
        bool throttled = false;
    };
    traced* trace_of(std::string_view name) noexcept;
    std::unordered_map<std::string_view, traced> traced_;  ///< the names are interned
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

/// A region that is never entered: the root frame of every flow, so that the stack is never empty.
inline constexpr region_id no_region = ~region_id{0};

/// The frame under a frame; 0 under the lowest.
inline ref below(const frame_record& f) noexcept {
    return static_cast<ref>(f.link.load(std::memory_order_relaxed));
}

/// Where an open region is booked.
inline place_record place_of(const frame_record& f) noexcept {
    return std::bit_cast<place_record>(f.place.load(std::memory_order_relaxed));
}

/// The order of stores that a reader relies on. On x86 it costs nothing; thread sanitizer has no
/// model of fences, and all words are atomic for it anyway.
inline void store_fence() noexcept {
#if !defined(__SANITIZE_THREAD__)
    std::atomic_thread_fence(std::memory_order_release);
#endif
}

/// The lap of a frame's region if it ends at `now`, and in `begin` what its sources said when it
/// began: who does end it closes its brackets with that. The sources are read before anything else.
inline void recorder::read_lap(const bundle& b, const frame_record& f, std::int64_t now,
                               std::int64_t* begin, std::int64_t* lap) noexcept {
    std::int64_t end[bundle::most_values];
    b.read_end(end, now);
    for (unsigned i = 0; i < b.values; ++i) begin[i] = f.begin[i].load(std::memory_order_relaxed);
    b.derive(begin, end, lap);
}

/// The way without a branch taken: wall_clock alone by the counter, under the same parent as the
/// last time. False, with nothing done, for everything else, which is for push().
[[gnu::always_inline]] inline bool recorder::push_usual(region_id region,
                                                        frame_record*& pushed) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    stack& s = *flow_;
    frame_record* top = s.top;
    auto* f = reinterpret_cast<frame_record*>(s.next);
    std::byte* next = s.next + frame_size(1);
    const std::uint32_t number = number_of(region);
    if (number >= last_count_ || next > s.piece_end || top->region.load(relaxed) == 0) [[unlikely]]
        return false;
    const last_place last = last_[number];
    if (last.parent != top->place.load(relaxed) >> 32) [[unlikely]]
        return false;
    __builtin_prefetch(at<block_record>(last.where.block), 1);
    const ref here = ref_of(f);
    f->link.store(ref_of(top), relaxed);
    s.next = next;
    s.top = f;
    f->region.store(region, relaxed);
    f->place.store(std::bit_cast<std::uint64_t>(last.where), relaxed);
    flow_record* record = s.record;
    f->begin[0].store(counter_ticks(), relaxed);
    record->top.store(here, std::memory_order_release);
    pushed = f;
    return true;
}

[[gnu::always_inline]] inline frame_record* recorder::push_quickly(region_id region) noexcept {
    frame_record* f = nullptr;
    return push_usual(region, f) ? f : push(region);
}

/// Adds one lap of wall_clock alone to a block, and sets the top of its flow: see layout.hpp for
/// the order. False, with nothing done, for a lap that is the least or the greatest so far, or that
/// carries into a high word: that is seldom.
[[gnu::always_inline]] inline bool recorder::book_clock(ref target, std::uint64_t lap,
                                                        flow_record& flow, ref top) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    auto* block = at<block_record>(target);
    field_record& field = block->field[0];
    std::uint64_t sum = 0;
    std::uint64_t squares = 0;
    if (static_cast<std::int64_t>(lap) < field.min.load(relaxed) ||
        static_cast<std::int64_t>(lap) > field.max.load(relaxed) ||
        __builtin_mul_overflow(lap, lap, &squares) ||
        __builtin_add_overflow(field.sum_low.load(relaxed), lap, &sum) ||
        __builtin_add_overflow(field.squares_low.load(relaxed), squares, &squares)) [[unlikely]]
        return false;
    journal_record& j = *journal_;
    const std::uint64_t laps = block->laps.load(relaxed) + 1;
    const std::uint64_t sequence = j.sequence.load(relaxed);
    j.target.store(target | journal_record::only_low_words, relaxed);
    j.laps.store(laps, relaxed);
    j.field[0].sum_low.store(sum, relaxed);
    j.field[0].squares_low.store(squares, relaxed);
    j.sequence.store(sequence + 1, std::memory_order_release);
    store_fence();
    block->laps.store(laps, relaxed);
    field.sum_low.store(sum, relaxed);
    field.squares_low.store(squares, relaxed);
    flow.top.store(top, relaxed);
    j.sequence.store(sequence + 2, std::memory_order_release);
    return true;
}

inline ref recorder::node_of(const frame_record* f) noexcept {
    return f != nullptr ? place_of(*f).node : 0;
}

[[gnu::always_inline]] inline ref recorder::enter_at(region_id region) noexcept {
    frame_record* f = nullptr;
    return push_usual(region, f) ? place_of(*f).node : enter_at_slowly(region);
}

/// Ends the region on top of the stack, of wall_clock alone by the counter. Returns the lap.
[[gnu::always_inline]] inline std::uint64_t recorder::pop_top_quickly(std::int64_t now) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    stack& s = *flow_;
    frame_record* f = s.top;
    const ref below_it = below(*f);
    // A counter that went back, on another core, gives a lap that book_clock() refuses.
    const std::uint64_t lap =
        counter_to_ns(static_cast<std::uint64_t>(now - f->begin[0].load(relaxed)));
    const auto target = static_cast<ref>(f->place.load(relaxed));
    if (s.next == s.piece_begin || !book_clock(target, lap, *s.record, below_it)) [[unlikely]]
        return pop_clock_slowly(f, now);
    s.next = reinterpret_cast<std::byte*>(f);
    s.top = at<frame_record>(below_it);
    return lap;
}

[[gnu::always_inline]] inline std::int64_t recorder::leave_after(region_id region) noexcept {
    const std::int64_t now = counter_ticks();
    const frame_record* top = flow_->top;
    if ((region & clock_only_bit) != 0 && top->region.load(std::memory_order_relaxed) == region)
        [[likely]]
        return static_cast<std::int64_t>(pop_top_quickly(now));
    return leave_after_slowly(region);
}

inline void recorder::leave(region_id region) noexcept {
    const std::int64_t now = counter_ticks();
    if ((region & clock_only_bit) == 0 ||
        flow_->top->region.load(std::memory_order_relaxed) != region) [[unlikely]]
        return leave_slowly(region);
    pop_top_quickly(now);
}

inline void recorder::push_name(const char* name) noexcept {
    const seen_name& seen = seen_at(name);
    if (!seen.is_quickly_at(name, state.generation.load(std::memory_order_relaxed))) [[unlikely]]
        return push_name_slowly(name);
    push_quickly(seen.region);
}

inline void recorder::pop_name(const char* name) noexcept {
    const std::int64_t now = counter_ticks();
    const seen_name& seen = seen_at(name);
    if (!seen.is_quickly_at(name, state.generation.load(std::memory_order_relaxed)) ||
        flow_->top->region.load(std::memory_order_relaxed) != seen.region) [[unlikely]]
        return pop_name_slowly(name);
    pop_top_quickly(now);
}

inline std::uint64_t recorder::begin_record(frame_record* f) noexcept {
    if (f == nullptr) [[unlikely]]
        return ~std::uint64_t{0};
    // 16 bits, never 0.
    serial_ = serial_ == 0xFFFF ? 1 : serial_ + 1;
    const std::uint64_t link = f->link.load(std::memory_order_relaxed);
    f->link.store(std::uint64_t{serial_} << 32 | link, std::memory_order_relaxed);
    return std::uint64_t{number_} << 48 | std::uint64_t{serial_} << 32 | ref_of(f);
}

inline void recorder::end(std::uint64_t record) noexcept {
    const std::int64_t now = counter_ticks();
    const frame_record* top = flow_->top;
    if (static_cast<ref>(record) != ref_of(top) || record >> 48 != number_ ||
        (record >> 32 & 0xFFFF) != top->link.load(std::memory_order_relaxed) >> 32 ||
        (top->region.load(std::memory_order_relaxed) & clock_only_bit) == 0) [[unlikely]]
        return end_slowly(record);
    pop_top_quickly(now);
}

}  // namespace tim
