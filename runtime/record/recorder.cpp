#include "record/recorder.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>

#include "profile/profile.hpp"
#include "record/affinity.hpp"
#include "settings/say.hpp"

namespace tim {

recording_state state;
recording_scope scope;
throttle_limits throttle;
std::atomic<std::uint64_t> most_paths{1'000'000};
void (*slow_path_hook)() = nullptr;
std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(loss::count)> loss_counts{};
static_assert(static_cast<std::size_t>(loss::count) <=
              std::extent_v<decltype(arena_record::losses)>);

void count_loss(loss cause, std::uint64_t events) noexcept {
    const auto i = static_cast<std::size_t>(cause);
    loss_counts[i].fetch_add(events, std::memory_order_relaxed);
    if (has_arena()) arena()->losses[i].fetch_add(events, std::memory_order_relaxed);
}

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

void clear(block_record& block, const bundle& b) noexcept {
    for (unsigned i = 0; i < b.fields; ++i) {
        const bool real = (b.real_fields >> i & 1U) != 0;
        block.field[i].min.store(real ? 0 : INT64_MAX, std::memory_order_relaxed);
        block.field[i].max.store(real ? 0 : INT64_MIN, std::memory_order_relaxed);
    }
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
    for (std::size_t i = 0; i < loss_counts.size(); ++i)
        arena()->losses[i].store(loss_counts[i].load(std::memory_order_relaxed),
                                 std::memory_order_relaxed);
    return true;
}

/// In this process.
std::atomic<std::uint64_t> paths{0};

bool paths_are_full() noexcept {
    return paths.load(std::memory_order_relaxed) >= most_paths.load(std::memory_order_relaxed) ||
           arena_is_nearly_full();
}

std::size_t block_size(unsigned fields) noexcept {
    return sizeof(block_record) + (std::max(fields, 1U) - 1) * sizeof(field_record);
}

}  // namespace

// ---- Children ----

void child_table::insert(ref parent, std::uint32_t number, place_record where) {
    const auto place = [this](const entry& e) {
        std::size_t i = slot(e.parent, e.number);
        while (entries_[i].parent != 0) i = (i + 1) & (entries_.size() - 1);
        entries_[i] = e;
    };
    if (++used_ * 4 > entries_.size() * 3) {
        std::vector<entry> old(entries_.size() * 2);
        old.swap(entries_);
        --shift_;
        for (const entry& e : old)
            if (e.parent != 0) place(e);
    }
    place({.parent = parent, .number = number, .where = where});
}

/// Keeps where the region was entered last, for find_child() and push_quickly().
void recorder::remember(ref parent, region_id region, place_record where) noexcept {
    const std::uint32_t number = number_of(region);
    if (number >= last_count_) {
        const std::uint32_t count = std::bit_ceil(std::max(number + 1, 64U));
        auto* more = new (std::nothrow) last_place[count]{};
        if (more == nullptr) return;  // only slower
        std::copy_n(last_.get(), last_count_, more);
        last_.reset(more);
        last_count_ = count;
    }
    const bool quick = (region & clock_only_bit) != 0;
    last_[number] = {.parent = quick ? parent : parent | last_place::not_quick, .where = where};
}

place_record recorder::find_child(ref parent, region_id region) noexcept {
    const std::uint32_t number = number_of(region);
    if (number < last_count_ && (last_[number].parent & ~last_place::not_quick) == parent)
        return last_[number].where;
    place_record place = children_.find(parent, number);
    if (place.node == 0) place = add_child(parent, region);
    remember(parent, region, place);
    return place;
}

/// A new node under a parent, linked to it; null for want of memory.
node_record* recorder::add_node(ref parent, const region_name& name, path_kind kind,
                                std::uint32_t lap) noexcept {
    const ref text = name_in_arena(name);
    std::byte* memory = nullptr;
    if (parent == overflow_node_ || text == 0 ||
        (memory = memory_.take(sizeof(node_record), 64)) == nullptr) {
        count_loss(loss::out_of_memory);
        return nullptr;
    }
    auto* above = at<node_record>(parent);
    auto* node = new (memory) node_record{};
    node->hash = kind == path_kind::lap ? path_hash(above->hash, kind, lap_name(lap, name.text))
                                        : path_hash(above->hash, kind, name.text);
    node->parent = parent;
    node->name = text;
    node->kind = static_cast<std::uint16_t>(kind);
    node->depth = static_cast<std::uint16_t>(std::min(above->depth + 1, 0xFFFF));
    node->lap = lap;
    // A reader finds the node by this link, so everything in it is written before.
    auto& link = above->last_child == 0 ? above->first_child
                                        : at<node_record>(above->last_child)->next_sibling;
    link.store(ref_of(node), std::memory_order_release);
    above->last_child = ref_of(node);
    return node;
}

/// A new block at a node, linked to it; null for want of memory.
block_record* recorder::add_block(node_record* node, const bundle& b) noexcept {
    std::byte* memory = memory_.take(block_size(b.fields), 64);
    if (memory == nullptr) {
        count_loss(loss::out_of_memory);
        return nullptr;
    }
    if (!is_in_arena(b)) bundle_in_arena(b, cost_of(b));
    auto* block = new (memory) block_record{};
    block->bundle = b.id;
    block->fields = b.fields;
    clear(*block, b);
    block->next = node->first_block.load(std::memory_order_relaxed);
    node->first_block.store(ref_of(block), std::memory_order_release);
    return block;
}

/// Where a new path goes when there are too many. What is below a <capped> is part of it, as where
/// profiles are merged.
place_record recorder::capped_child(ref parent, const bundle& b) noexcept {
    return find_child(parent, make_region(capped_name(), b));
}

/// Makes the node of a region under a parent, or only the block if the node is there with another
/// bundle.
place_record recorder::add_child(ref parent, region_id region) noexcept {
    if (parent == deep_node_ ||
        at<node_record>(parent)->depth >= scope.max_depth.load(std::memory_order_relaxed) ||
        static_cast<path_kind>(at<node_record>(parent)->kind) == path_kind::capped)
        return {.block = overflow_block_, .node = deep_node_};
    if (slow_path_hook != nullptr) slow_path_hook();
    const place_record overflow{.block = overflow_block_, .node = overflow_node_};
    const region_name& name = name_of(region);
    const bool is_capped = name.number == capped_name().number;
    place_record known = nodes_.find(parent, name.number);
    if (known.node == 0) {
        if (!is_capped && paths_are_full()) return capped_child(parent, bundle_of(region));
        const node_record* node =
            add_node(parent, name, is_capped ? path_kind::capped : path_kind::region, 0);
        if (node == nullptr) return overflow;
        paths.fetch_add(1, std::memory_order_relaxed);
        known.node = ref_of(node);
        nodes_.insert(parent, name.number, known);
    }
    const block_record* block = add_block(at<node_record>(known.node), bundle_of(region));
    if (block == nullptr) return overflow;
    known.block = ref_of(block);
    children_.insert(parent, number_of(region), known);
    return known;
}

/// Makes a node for the next lap of a region alone.
place_record recorder::add_lap(ref parent, region_id region) noexcept {
    const place_record together = find_child(parent, region);
    if (is_apart(together.node)) return together;
    if (laps_apart_ >= scope.max_timeline.load(std::memory_order_relaxed)) {
        count_loss(loss::timeline_full);
        return together;
    }
    auto* counter = at<node_record>(together.node);
    node_record* node = add_node(parent, name_of(region), path_kind::lap, counter->lap);
    const block_record* block = node != nullptr ? add_block(node, bundle_of(region)) : nullptr;
    if (block == nullptr) return together;
    ++counter->lap;
    ++laps_apart_;
    node->begin.store(clock_ticks(), std::memory_order_relaxed);
    return {.block = ref_of(block), .node = ref_of(node)};
}

/// The node in this recorder's tree with the same path as a node of another recorder; 0 for want of
/// memory.
ref recorder::copy_path(const node_record* other) noexcept {
    std::vector<const node_record*> way;
    for (; other->parent != 0; other = at<node_record>(other->parent)) way.push_back(other);
    ref here = record_->root;
    const bundle& none = compile({});
    for (auto n = way.rbegin(); n != way.rend(); ++n) {
        const auto* text = at<string_record>((*n)->name);
        const region_name& name = intern({text->text, text->length});
        here = find_child(here, make_region(name, none)).node;
    }
    return here;
}

// ---- Threads ----

bool recorder::open() noexcept {
    auto* record_memory = memory_.take(sizeof(recorder_record), 64);
    auto* root = memory_.take(sizeof(node_record), 64);
    auto* overflow = memory_.take(sizeof(node_record), 64);
    auto* deep = memory_.take(sizeof(node_record), 64);
    auto* block = memory_.take(block_size(bundle::most_fields), 64);
    if (record_memory == nullptr || root == nullptr || overflow == nullptr || deep == nullptr ||
        block == nullptr)
        return false;
    record_ = new (record_memory) recorder_record{};
    record_->thread = number_;
    auto* node = new (root) node_record{};
    node->hash = path_hash(0, path_kind::root, {});
    record_->root = ref_of(node);
    new (overflow) node_record{};
    new (block) block_record{};
    overflow_node_ = ref_of(overflow);
    deep_node_ = ref_of(new (deep) node_record{});
    overflow_block_ = ref_of(block);
    journal_ = &record_->journal;
    new_flow(first_stack);
    if (flows_.empty()) return false;
    flow_ = flows_[0].get();
    record_->next.store(arena()->recorders.load(std::memory_order_relaxed),
                        std::memory_order_relaxed);
    arena()->recorders.store(ref_of(record_), std::memory_order_release);
    return true;
}

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
    paths.store(0, std::memory_order_relaxed);
}

// ---- Regions that do not end in order ----

frame_record* recorder::push(region_id region) noexcept {
    if (flow_->top->region.load(std::memory_order_acquire) == 0) drop_closed();
    return push_at(find_child(place_of(*flow_->top).node, region), region);
}

frame_record* recorder::push_in(bool flat, bool apart, region_id region) noexcept {
    if (flow_->top->region.load(std::memory_order_acquire) == 0) drop_closed();
    return push_at(place_in(flat, apart, region), region);
}

frame_record* recorder::push_scoped(region_id region) noexcept {
    return push_in(false, false, region);
}

/// Where a region goes that begins now: under the root if it or the scope is flat, and apart from
/// the other laps if it or the scope is a timeline.
place_record recorder::place_in(bool flat, bool apart, region_id region) noexcept {
    flat = flat || scope.flat.load(std::memory_order_relaxed);
    const ref parent = flat ? record_->root : place_of(*flow_->top).node;
    apart = apart || scope.timeline.load(std::memory_order_relaxed);
    return apart ? add_lap(parent, region) : find_child(parent, region);
}

/// Null if there is no memory for the frame: the push is skipped then.
frame_record* recorder::push_at(place_record place, region_id region) noexcept {
    stack& s = *flow_;
    const bundle& b = bundle_of(region);
    const std::size_t bytes = frame_size(b.values);
    const ref top = ref_of(s.top);
    if (s.next + bytes > s.piece_end && !grow(s, bytes)) return nullptr;
    auto* f = reinterpret_cast<frame_record*>(s.next);
    s.next += bytes;
    f->region.store(region, std::memory_order_relaxed);
    f->place.store(std::bit_cast<std::uint64_t>(place), std::memory_order_relaxed);
    f->link.store(top, std::memory_order_relaxed);
    s.top = f;
    if (b.clock_only) {
        f->begin[0].store(clock_ticks(), std::memory_order_relaxed);
        s.record->top.store(ref_of(f), std::memory_order_release);
    } else {
        finish_push(f, b);
    }
    return f;
}

/// Drops frames that were ended out of order from the top of the stack.
frame_record* recorder::drop_closed() noexcept {
    stack& s = *flow_;
    while (s.top->region.load(std::memory_order_acquire) == 0) {
        if (s.next == s.piece_begin) step_back(s);
        s.next = reinterpret_cast<std::byte*>(s.top);
        s.top = at<frame_record>(below(*s.top));
    }
    s.record->top.store(ref_of(s.top), std::memory_order_release);
    return s.top;
}

/// Ends a region with others open above it: it is booked now, and its frame dropped when it comes
/// to the top.
void recorder::end_below_top(frame_record* f, std::int64_t now) noexcept {
    const bundle& b = bundle_of(f->region.load(std::memory_order_relaxed));
    std::int64_t begin[bundle::most_values];
    std::int64_t end[bundle::most_values];
    std::int64_t lap[bundle::most_fields];
    b.read_end(end, now);
    for (unsigned i = 0; i < b.values; ++i) begin[i] = f->begin[i].load(std::memory_order_relaxed);
    b.derive(begin, end, lap);
    auto* block = at<block_record>(place_of(*f).block);
    book(b, block, lap, *flow_->record, ref_of(flow_->top));
    at<node_record>(place_of(*f).node)->end.store(now, std::memory_order_relaxed);
    f->region.store(0, std::memory_order_release);
    if (flow_->top == f) drop_closed();
}

/// Ends the innermost open region of the current flow that is `region`, or only has its name:
/// regions by name may have been begun when other components were the default.
void recorder::leave_other(region_id region, match by, std::int64_t now) noexcept {
    const auto matches = [&](region_id open) {
        return open == region ||
               (by == match::name && open != 0 && name_of(open).number == name_of(region).number);
    };
    frame_record* f = drop_closed();
    for (; below(*f) != 0; f = at<frame_record>(below(*f))) {
        const region_id open = f->region.load(std::memory_order_relaxed);
        if (!matches(open)) continue;
        if (f == flow_->top)
            pop_top_slowly(f, now);
        else
            end_below_top(f, now);
        return;
    }
    if (!unskip()) count_loss(loss::pop_without_push);
}

/// The frame of a record of this or another recorder; null if it has ended.
frame_record* recorder::find_open(std::uint64_t record) const noexcept {
    const auto place = static_cast<ref>(record);
    if (record == ~std::uint64_t{0} || !has_arena() ||
        std::uint64_t{place} * ref_unit + frame_size(bundle::most_values) >=
            arena()->used.load(std::memory_order_relaxed))
        return nullptr;
    auto* f = at<frame_record>(place);
    if (f->link.load(std::memory_order_relaxed) >> 32 != (record >> 32 & 0xFFFF)) return nullptr;
    if (record >> 48 != number_) {
        const region_id region = f->region.load(std::memory_order_acquire);
        const bool open =
            region != 0 && region != no_region && bundles[region >> bundle_shift] != nullptr;
        return open ? f : nullptr;
    }
    // Where the memory was used for other frames since, the number could be there by chance.
    for (const auto& s : flows_)
        for (const frame_record* open = s->top; below(*open) != 0;
             open = at<frame_record>(below(*open)))
            if (open == f && f->region.load(std::memory_order_relaxed) != 0) return f;
    return nullptr;
}

/// Where a region of another thread is booked here: at the same path in this thread's tree.
place_record recorder::place_of_other(const node_record& node, const bundle& b) noexcept {
    const auto* text = at<string_record>(node.name);
    const ref parent = copy_path(at<node_record>(node.parent));
    return find_child(parent, make_region(intern({text->text, text->length}), b));
}

/// Ends a record that is not on top of the current flow: further down, in another flow, or of
/// another thread. A record that was ended before is ignored.
void recorder::end_foreign(std::uint64_t record, std::int64_t now) noexcept {
    frame_record* f = find_open(record);
    if (f == nullptr) return;
    if (record >> 48 == number_) return end_below_top(f, now);
    region_id region = f->region.load(std::memory_order_acquire);
    if (region == 0) return;
    // Readings of the other thread's own sources say nothing here.
    const bundle& b = bundle_of(region);
    std::int64_t begin[bundle::most_values];
    for (unsigned i = 0; i < b.values; ++i) begin[i] = f->begin[i].load(std::memory_order_relaxed);
    const auto* node = at<node_record>(place_of(*f).node);
    if (!f->region.compare_exchange_strong(region, 0, std::memory_order_acq_rel)) return;
    std::int64_t end[bundle::most_values];
    std::int64_t lap[bundle::most_fields];
    b.read_end(end, now);
    b.derive(begin, end, lap);
    const bundle& rest = b.per_thread ? without_thread_sources(b) : b;
    if (b.per_thread) count_loss(loss::other_thread);
    unsigned kept = 0;
    unsigned field = 0;
    for (const component_description& what : b.components) {
        const auto fields = static_cast<unsigned>(what.fields());
        if (!what.per_thread)
            for (unsigned i = 0; i < fields; ++i) lap[kept++] = lap[field + i];
        field += fields;
    }
    const ref block = place_of_other(*node, rest).block;
    book(rest, at<block_record>(block), lap, *flow_->record, ref_of(flow_->top));
}

// ---- Laps that the program measures itself ----

void recorder::book_into(std::uint64_t record, const std::int64_t* lap) noexcept {
    const frame_record* f = find_open(record);
    if (f == nullptr) return;
    const bundle& b = bundle_of(f->region.load(std::memory_order_relaxed));
    place_record place = place_of(*f);
    if (record >> 48 != number_) place = place_of_other(*at<node_record>(place.node), b);
    book(b, at<block_record>(place.block), lap, *flow_->record, ref_of(flow_->top));
    at<node_record>(place.node)->end.store(clock_ticks(), std::memory_order_relaxed);
}

void recorder::abandon(std::uint64_t record) noexcept {
    frame_record* f = find_open(record);
    if (f == nullptr) return;
    f->region.store(0, std::memory_order_release);
    if (flow_->top == f) drop_closed();
}

void recorder::forget_laps(const std::function<bool(const bundle&)>& wanted) noexcept {
    std::vector<ref> todo{record_->root};
    while (!todo.empty()) {
        const auto& node = *at<node_record>(todo.back());
        todo.pop_back();
        for (ref n = node.first_child.load(std::memory_order_relaxed); n != 0;
             n = at<node_record>(n)->next_sibling.load(std::memory_order_relaxed))
            todo.push_back(n);
        for (ref b = node.first_block.load(std::memory_order_relaxed); b != 0;
             b = at<block_record>(b)->next)
            if (wanted(*bundles[at<block_record>(b)->bundle])) empty(*at<block_record>(b));
    }
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

/// The block of a bundle at a node, which gets it if it has none.
ref recorder::block_at(node_record& node, const bundle& b) noexcept {
    if (node.kind == static_cast<std::uint16_t>(path_kind::region)) {
        const auto* text = at<string_record>(node.name);
        return find_child(node.parent, make_region(intern({text->text, text->length}), b)).block;
    }
    // A lap that stands apart is not looked for by its name.
    for (ref r = node.first_block.load(std::memory_order_relaxed); r != 0;
         r = at<block_record>(r)->next)
        if (at<block_record>(r)->bundle == b.id) return r;
    const block_record* block = add_block(&node, b);
    return block != nullptr ? ref_of(block) : overflow_block_;
}

bool recorder::store(const bundle& b, const char* name, std::int64_t value) noexcept {
    const ref innermost = place_of(*drop_closed()).node;
    if (name == nullptr && innermost == record_->root) return false;
    place_record place{.block = overflow_block_, .node = overflow_node_};
    if (name != nullptr) {
        place = place_in(false, false, make_region(intern(name), b));
        auto* node = at<node_record>(place.node);
        if (node->kind == static_cast<std::uint16_t>(path_kind::lap))
            node->end.store(node->begin.load(std::memory_order_relaxed), std::memory_order_relaxed);
    } else if (!is_apart(innermost)) {
        place.block = block_at(*at<node_record>(innermost), b);
    }
    book(b, at<block_record>(place.block), &value, *flow_->record, ref_of(flow_->top));
    return true;
}

void recorder::leave_slowly(region_id region) noexcept {
    const std::int64_t now = clock_ticks();
    frame_record* top = flow_->top;
    if (top->region.load(std::memory_order_relaxed) == region)
        pop_top_slowly(top, now);
    else
        leave_other(region, match::region, now);
}

void recorder::end_slowly(std::uint64_t record) noexcept {
    const std::int64_t now = clock_ticks();
    frame_record* top = flow_->top;
    const bool on_top = static_cast<ref>(record) == ref_of(top) && record >> 48 == number_ &&
                        (record >> 32 & 0xFFFF) == top->link.load(std::memory_order_relaxed) >> 32;
    if (on_top && top->region.load(std::memory_order_relaxed) != 0)
        pop_top_slowly(top, now);
    else
        end_foreign(record, now);
}

void recorder::pop_name_slowly(const char* name) noexcept {
    const std::int64_t now = clock_ticks();
    const region_id region = region_of(name);
    frame_record* top = flow_->top;
    if (top->region.load(std::memory_order_relaxed) == region)
        pop_top_slowly(top, now);
    else
        leave_other(region, match::name, now);
}

/// The region of a name with the default components. Looks at the address, then at the text, then
/// asks the registry.
region_id recorder::region_of(const char* name) noexcept {
    const std::uint32_t generation = state.generation.load(std::memory_order_acquire);
    seen_name& seen = seen_at(name);
    if (seen.is_at(name, generation)) return seen.region;
    if (by_text_generation_ != generation) {
        by_text_.clear();
        by_text_generation_ = generation;
    }
    const std::string_view text{name};
    auto known = by_text_.find(text);
    if (known == by_text_.end()) {
        const region_name& fresh = intern(text);
        const bundle& b = *bundles[state.default_bundle.load(std::memory_order_relaxed)];
        known = by_text_.emplace(fresh.text, make_region(fresh, b)).first;
    }
    seen = seen_name{name, known->first, known->second, generation};
    return known->second;
}

}  // namespace tim
