#include "record/recorder.hpp"

#include <algorithm>

#include "profile/profile.hpp"

namespace tim {

recording_state state;
recording_scope scope;
throttle_limits throttle;
std::atomic<std::uint64_t> most_paths{1'000'000};
std::atomic<std::uint64_t> path_count{0};
void (*slow_path_hook)() = nullptr;
std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(loss::count)> loss_counts{};
static_assert(static_cast<std::size_t>(loss::count) <=
              std::extent_v<decltype(arena_record::losses)>);

void count_loss(loss cause, std::uint64_t events) noexcept {
    const auto i = static_cast<std::size_t>(cause);
    loss_counts[i].fetch_add(events, std::memory_order_relaxed);
    if (has_arena()) arena()->losses[i].fetch_add(events, std::memory_order_relaxed);
}

namespace {

void clear(block_record& block, const bundle& b) noexcept {
    for (unsigned i = 0; i < b.fields; ++i) {
        const bool real = (b.real_fields >> i & 1U) != 0;
        block.field[i].min.store(real ? 0 : INT64_MAX, std::memory_order_relaxed);
        block.field[i].max.store(real ? 0 : INT64_MIN, std::memory_order_relaxed);
    }
}

bool paths_are_full() noexcept {
    return path_count.load(std::memory_order_relaxed) >=
               most_paths.load(std::memory_order_relaxed) ||
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
        path_count.fetch_add(1, std::memory_order_relaxed);
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

// ---- Regions that begin

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
