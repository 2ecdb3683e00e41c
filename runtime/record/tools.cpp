// What tools record beside regions: laps below any path, and rows of tables.

#include <algorithm>
#include <limits>
#include <new>

#include "record/recorder.hpp"

namespace tim {
namespace {

constexpr timemory_row no_values{.count = 0,
                                 .sum_low = 0,
                                 .sum_high = 0,
                                 .squares_low = 0,
                                 .squares_high = 0,
                                 .min = std::numeric_limits<std::int64_t>::max(),
                                 .max = std::numeric_limits<std::int64_t>::min()};

constexpr timemory_histogram no_histogram{.last = -1, .counts = {}};

}  // namespace

ref recorder::enter_at_slowly(region_id region) noexcept {
    return node_of(push(region));
}

ref recorder::current_node() noexcept {
    const frame_record* top = drop_closed();
    const ref node = place_of(*top).node;
    return node != record_->root ? node : 0;
}

/// What is not on top of the stack ends too, after a time that is not known here.
std::int64_t recorder::leave_after_slowly(region_id region) noexcept {
    const frame_record* top = drop_closed();
    const bool known =
        top->region.load(std::memory_order_relaxed) == region && bundle_of(region).clock;
    const std::int64_t begin = known ? top->begin[0].load(std::memory_order_relaxed) : 0;
    const std::int64_t lap = known ? ticks_to_ns(clock_ticks() - begin) : -1;
    leave_slowly(region);
    return lap;
}

ref recorder::book_below(ref parent, region_id region, const std::int64_t* lap) noexcept {
    ref here = record_->root;
    if (parent != 0) {
        ref& copy = copies_[parent];
        if (copy == 0) copy = copy_path(at<node_record>(parent));
        here = copy;
    }
    const place_record place = find_child(here, region);
    const bundle& b = bundle_of(region);
    book(b, at<block_record>(place.block), lap, *flow_->record, ref_of(flow_->top));
    // What only tools book has no value of the regions above by itself: it counts at each of them.
    if (b.operations_count > 0 && b.operations[0].how == derivation::booked)
        while (here != record_->root && here != 0) {
            auto& above = *at<node_record>(here);
            ref block = above.first_block.load(std::memory_order_relaxed);
            while (block != 0 && at<block_record>(block)->bundle != b.id)
                block = at<block_record>(block)->next;
            if (block == 0) block = block_at(above, b);
            book(b, at<block_record>(block), lap, *flow_->record, ref_of(flow_->top));
            here = above.parent;
        }
    return place.node;
}

void recorder::forget_rows() noexcept {
    for (ref r = record_->rows.load(std::memory_order_relaxed); r != 0;) {
        auto& row = *at<row_record>(r);
        row.values = no_values;
        if (row.histogram != 0) *histogram_of(row) = no_histogram;
        r = row.next;
    }
}

row_record* recorder::row_of(std::uint16_t table, std::span<const std::int64_t> keys,
                             bool histogram) noexcept {
    if (const ref known = rows_.find(table, keys); known != 0) return at<row_record>(known);
    std::byte* memory = memory_.take(row_size(keys.size(), histogram), alignof(row_record));
    if (memory == nullptr) {
        count_loss(loss::out_of_memory);
        return nullptr;
    }
    auto* row = reinterpret_cast<row_record*>(memory);  // zeroed
    row->values = no_values;
    row->table = table;
    row->keys = static_cast<std::uint8_t>(keys.size());
    row->histogram = histogram ? 1 : 0;
    std::copy(keys.begin(), keys.end(), row->key);
    if (histogram) histogram_of(*row)->last = no_histogram.last;
    row->next = record_->rows.load(std::memory_order_relaxed);
    try {
        rows_.insert(ref_of(row));
    } catch (const std::bad_alloc&) {
        count_loss(loss::out_of_memory);
        return nullptr;
    }
    // A reader finds the row by this link, so everything in it is written before.
    record_->rows.store(ref_of(row), std::memory_order_release);
    return row;
}

}  // namespace tim
