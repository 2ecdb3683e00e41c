// Booking: how a lap that ends becomes part of a block. The short way, wall_clock alone, is in
// recorder.hpp.

#include <algorithm>
#include <bit>
#include <limits>

#include "record/recorder.hpp"

namespace tim {
namespace {

/// Writes to `to` what `old` becomes with one more lap.
void add_to_field(const field_record& old, std::int64_t lap, field_record& to) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    const auto joined = [](const std::atomic<std::uint64_t>& low,
                           const std::atomic<std::uint64_t>& high) {
        return static_cast<unsigned __int128>(high.load(relaxed)) << 64 | low.load(relaxed);
    };
    const auto sum =
        joined(old.sum_low, old.sum_high) + static_cast<unsigned __int128>(__int128{lap});
    const auto squares = joined(old.squares_low, old.squares_high) +
                         static_cast<unsigned __int128>(__int128{lap} * lap);
    to.sum_low.store(static_cast<std::uint64_t>(sum), relaxed);
    to.sum_high.store(static_cast<std::uint64_t>(sum >> 64), relaxed);
    to.squares_low.store(static_cast<std::uint64_t>(squares), relaxed);
    to.squares_high.store(static_cast<std::uint64_t>(squares >> 64), relaxed);
    to.min.store(std::min(old.min.load(relaxed), lap), relaxed);
    to.max.store(std::max(old.max.load(relaxed), lap), relaxed);
}

/// The same of a double, as its bits.
void add_real_to_field(const field_record& old, std::int64_t lap, bool first,
                       field_record& to) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    const auto value = std::bit_cast<double>(lap);
    const auto raised = [](const std::atomic<std::uint64_t>& sum, double by) {
        return std::bit_cast<std::uint64_t>(std::bit_cast<double>(sum.load(relaxed)) + by);
    };
    const std::int64_t min = old.min.load(relaxed);
    const std::int64_t max = old.max.load(relaxed);
    to.sum_low.store(raised(old.sum_low, value), relaxed);
    to.sum_high.store(0, relaxed);
    to.squares_low.store(raised(old.squares_low, value * value), relaxed);
    to.squares_high.store(0, relaxed);
    to.min.store(first || value < std::bit_cast<double>(min) ? lap : min, relaxed);
    to.max.store(first || value > std::bit_cast<double>(max) ? lap : max, relaxed);
}

void copy(const field_record& from, field_record& to) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    to.sum_low.store(from.sum_low.load(relaxed), relaxed);
    to.sum_high.store(from.sum_high.load(relaxed), relaxed);
    to.squares_low.store(from.squares_low.load(relaxed), relaxed);
    to.squares_high.store(from.squares_high.load(relaxed), relaxed);
    to.min.store(from.min.load(relaxed), relaxed);
    to.max.store(from.max.load(relaxed), relaxed);
}

}  // namespace

/// The rest of a push with more sources than the clock.
void recorder::finish_push(frame_record* f, const bundle& b) noexcept {
    std::int64_t readings[bundle::most_values];
    b.read_begin(readings);
    if (b.bracket_count > 0) [[unlikely]]
        b.open_brackets(readings, name_of(f->region.load(std::memory_order_relaxed)).text.data());
    for (unsigned i = 0; i < b.values; ++i)
        f->begin[i].store(readings[i], std::memory_order_relaxed);
    flow_->record->top.store(ref_of(f), std::memory_order_release);
}

void recorder::pop_top_slowly(frame_record* f, std::int64_t now) noexcept {
    stack& s = *flow_;
    const bundle& b = bundle_of(f->region.load(std::memory_order_relaxed));
    const ref previous = below(*f);
    std::int64_t begin[bundle::most_values];
    std::int64_t lap[bundle::most_fields];
    read_lap(b, *f, now, begin, lap);
    b.close_brackets(begin, lap);
    const place_record place = place_of(*f);
    book(b, at<block_record>(place.block), lap, *s.record, previous);
    if (scope.timeline.load(std::memory_order_relaxed)) [[unlikely]]
        at<node_record>(place.node)->end.store(now, std::memory_order_relaxed);
    if (s.next == s.piece_begin) step_back(s);
    s.next = reinterpret_cast<std::byte*>(f);
    s.top = at<frame_record>(previous);
}

/// The same for a region of wall_clock alone by the counter; returns the lap.
std::uint64_t recorder::pop_clock_slowly(frame_record* f, std::int64_t now) noexcept {
    const std::int64_t begin = f->begin[0].load(std::memory_order_relaxed);
    pop_top_slowly(f, now);
    return counter_to_ns(static_cast<std::uint64_t>(now - begin));
}

/// Forgets the laps of a block, as one step for a reader.
void recorder::empty(block_record& block) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    journal_record& j = *journal_;
    const unsigned fields = block.fields;
    for (unsigned i = 0; i < fields; ++i) {
        for (auto* word : {&j.field[i].sum_low, &j.field[i].sum_high, &j.field[i].squares_low,
                           &j.field[i].squares_high})
            word->store(0, relaxed);
        j.field[i].min.store(std::numeric_limits<std::int64_t>::max(), relaxed);
        j.field[i].max.store(std::numeric_limits<std::int64_t>::min(), relaxed);
    }
    j.target.store(ref_of(&block), relaxed);
    j.laps.store(0, relaxed);
    const std::uint64_t sequence = j.sequence.load(relaxed);
    j.sequence.store(sequence + 1, std::memory_order_release);
    store_fence();
    block.laps.store(0, relaxed);
    for (unsigned i = 0; i < fields; ++i) copy(j.field[i], block.field[i]);
    j.sequence.store(sequence + 2, std::memory_order_release);
}

void recorder::book(const bundle& b, block_record* block, const std::int64_t* lap,
                    flow_record& flow, ref top) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    journal_record& j = *journal_;
    const std::uint64_t laps = block->laps.load(relaxed) + 1;
    const unsigned fields = b.fields;
    if (b.real_fields == 0) [[likely]] {
        for (unsigned i = 0; i < fields; ++i) add_to_field(block->field[i], lap[i], j.field[i]);
    } else {
        for (unsigned i = 0; i < fields; ++i) {
            if ((b.real_fields >> i & 1U) != 0)
                add_real_to_field(block->field[i], lap[i], laps == 1, j.field[i]);
            else
                add_to_field(block->field[i], lap[i], j.field[i]);
        }
    }
    j.target.store(ref_of(block), relaxed);
    j.laps.store(laps, relaxed);
    const std::uint64_t sequence = j.sequence.load(relaxed);
    j.sequence.store(sequence + 1, std::memory_order_release);
    store_fence();
    block->laps.store(laps, relaxed);
    for (unsigned i = 0; i < fields; ++i) copy(j.field[i], block->field[i]);
    flow.top.store(top, relaxed);
    j.sequence.store(sequence + 2, std::memory_order_release);
}

/// What a pair of edges of a region with this bundle takes, in ns: the least of some pairs whose
/// laps go nowhere. What a user's components do when they are read is left out, they may count it,
/// and so is what tools do.
std::uint32_t recorder::cost_of(const bundle& b) noexcept {
    constexpr int tries = 16;
    const auto* const end = b.uses.begin() + b.uses_count;
    const bool users = std::any_of(
        b.uses.begin(), end, [](const bundle::use& u) { return u.source == source_kind::user; });
    const region_id region =
        make_region(capped_name(), users || b.bracket_count > 0 ? compile({}) : b);
    remember(place_of(*flow_->top).node, region,
             {.block = overflow_block_, .node = overflow_node_});
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t clock = least;
    for (int i = 0; i < tries; ++i) {
        const std::int64_t first = clock_ticks();
        const std::int64_t begin = clock_ticks();
        if (push_quickly(region) == nullptr) return 0;
        leave(region);
        least = std::min(least, clock_ticks() - begin);
        clock = std::min(clock, begin - first);
    }
    if (number_of(region) < last_count_) last_[number_of(region)] = {};
    const std::int64_t ns = ticks_to_ns(std::max<std::int64_t>(least - clock, 0));
    return static_cast<std::uint32_t>(std::min<std::int64_t>(ns, 0xFFFFFFFF));
}

}  // namespace tim
