// Regions that do not end in order: below others, in another flow, or on another thread.

#include "record/recorder.hpp"

namespace tim {

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
    std::int64_t lap[bundle::most_fields];
    read_lap(b, *f, now, begin, lap);
    b.close_brackets(begin, lap);
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
    const bundle& b = bundle_of(region);
    std::int64_t begin[bundle::most_values];
    std::int64_t lap[bundle::most_fields];
    read_lap(b, *f, now, begin, lap);
    const auto* node = at<node_record>(place_of(*f).node);
    if (!f->region.compare_exchange_strong(region, 0, std::memory_order_acq_rel)) return;
    b.close_brackets(begin, lap);
    // Readings of the other thread's own sources say nothing here.
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

}  // namespace tim
