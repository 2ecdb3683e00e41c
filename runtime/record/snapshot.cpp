#include "record/snapshot.hpp"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "profile/merge.hpp"
#include "record/recorder.hpp"

namespace tim {
namespace {

/// A block's values, read whole.
struct block_values {
    std::uint64_t laps = 0;
    statistics field[bundle::most_fields];
};

int128 joined(const std::atomic<std::uint64_t>& low,
              const std::atomic<std::uint64_t>& high) noexcept {
    return static_cast<int128>(static_cast<uint128>(high.load(std::memory_order_relaxed)) << 64 |
                               low.load(std::memory_order_relaxed));
}

void copy_fields(const field_record* from, unsigned fields, block_values& to) noexcept {
    for (unsigned i = 0; i < fields; ++i)
        to.field[i] = {
            .sum = joined(from[i].sum_low, from[i].sum_high),
            .squares = static_cast<uint128>(joined(from[i].squares_low, from[i].squares_high)),
            .min = from[i].min.load(std::memory_order_relaxed),
            .max = from[i].max.load(std::memory_order_relaxed)};
}

/// Reads a block while its thread may be booking laps: a copy that was taken between two equal
/// sequence numbers is whole; in an odd one the journal has the values of the block that is being
/// written.
block_values read_block(const block_record& block, const journal_record& journal) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    block_values values;
    for (;;) {
        const std::uint64_t before = journal.sequence.load(std::memory_order_acquire);
        const std::uint64_t target = journal.target.load(relaxed);
        const bool in_flight = before % 2 == 1 && static_cast<ref>(target) == ref_of(&block);
        const bool whole = (target & journal_record::only_low_words) == 0;
        values.laps = (in_flight ? journal.laps : block.laps).load(relaxed);
        copy_fields(in_flight && whole ? journal.field : block.field, block.fields, values);
        if (in_flight && !whole) {
            const field_record& high = block.field[0];
            values.field[0].sum = joined(journal.field[0].sum_low, high.sum_high);
            values.field[0].squares =
                static_cast<uint128>(joined(journal.field[0].squares_low, high.squares_high));
        }
#if !defined(__SANITIZE_THREAD__)
        std::atomic_thread_fence(std::memory_order_acquire);
#endif
        if (journal.sequence.load(std::memory_order_acquire) == before) return values;
    }
}

std::string_view text_of(ref name) noexcept {
    const auto* record = at<string_record>(name);
    return {record->text, record->length};
}

/// Builds one profile of all recorders; paths in the order of the trees, a parent before its
/// children.
class builder {
public:
    builder() {
        profile_.paths.push_back({.hash = path_hash(0, path_kind::root, {})});
        profile_.names.emplace_back();
    }

    void add(const recorder_record& record, bool thread_level, open_regions open) {
        record_ = &record;
        paths_.clear();
        walk(thread_level ? add_path(0, std::to_string(record.thread), path_kind::thread) : 0);
        open_ = open;
        if (open != open_regions::leave) close_open();
    }

    profile finish() {
        for (auto& [id, columns] : columns_) {
            sort_rows(columns);
            profile_.components.push_back(std::move(columns));
        }
        // Paths that are equal now are those of different threads.
        return canonical(profile_, dimension::threads);
    }

private:
    std::uint32_t add_path(std::uint32_t parent, std::string_view name, path_kind kind) {
        const auto index = static_cast<std::uint32_t>(profile_.paths.size());
        profile_.paths.push_back({.parent = parent,
                                  .name = static_cast<std::uint32_t>(profile_.names.size()),
                                  .kind = kind,
                                  .hash = path_hash(profile_.paths[parent].hash, kind, name),
                                  .order = index});
        profile_.names.emplace_back(name);
        return index;
    }

    /// Depth first, without recursion: call paths may be deeper than a stack.
    void walk(std::uint32_t top) {
        std::vector<std::pair<ref, std::uint32_t>> open{{record_->root, top}};
        std::vector<std::pair<ref, std::uint32_t>> children;
        paths_[record_->root] = top;
        while (!open.empty()) {
            const auto [place, parent] = open.back();
            open.pop_back();
            const auto* node = at<node_record>(place);
            std::uint32_t index = parent;
            if (place != record_->root) {
                const auto kind = static_cast<path_kind>(node->kind);
                index = kind == path_kind::lap
                            ? add_path(parent, lap_name(node->lap, text_of(node->name)), kind)
                            : add_path(parent, text_of(node->name), kind);
                paths_[place] = index;
                add_blocks(*node, index);
            }
            children.clear();
            for (ref c = node->first_child.load(std::memory_order_acquire); c != 0;
                 c = at<node_record>(c)->next_sibling.load(std::memory_order_acquire))
                children.emplace_back(c, index);
            open.insert(open.end(), children.rbegin(), children.rend());
        }
    }

    void add_blocks(const node_record& node, std::uint32_t index) {
        for (ref b = node.first_block.load(std::memory_order_acquire); b != 0;
             b = at<block_record>(b)->next) {
            const auto& block = *at<block_record>(b);
            const block_values values = read_block(block, record_->journal);
            if (values.laps == 0) continue;
            unsigned field = 0;
            for (const component_description& what : bundles[block.bundle]->components) {
                add_row(what, index, values.laps, values.field + field);
                field += static_cast<unsigned>(what.fields());
            }
        }
    }

    void add_row(const component_description& what, std::uint32_t index, std::uint64_t laps,
                 const statistics* fields) {
        component_columns& columns = columns_[what.id];
        if (columns.fields.empty()) {
            columns.what = what;
            columns.fields.resize(what.fields());
        }
        columns.path.push_back(index);
        columns.laps.push_back(laps);
        for (std::size_t i = 0; i < what.fields(); ++i) {
            columns.fields[i].value.push_back(total(what, fields[i]));
            columns.fields[i].laps.push_back(fields[i]);
            columns.fields[i].ranks.emplace_back();
        }
    }

    static int128 total(const component_description& what, const statistics& s) noexcept {
        if (what.over_laps == combine::sum) return s.sum;
        // For doubles the bits, as everywhere.
        return what.type == number::real ? static_cast<int128>(static_cast<std::uint64_t>(s.max))
                                         : s.max;
    }

    /// Rows came in the order of the tree, but for blocks of several bundles and for open regions:
    /// two rows of one path with the same component are two sets of laps.
    static void sort_rows(component_columns& c) {
        if (std::is_sorted(c.path.begin(), c.path.end(), std::less_equal<>{})) return;
        component_columns sorted;
        sorted.what = c.what;
        sorted.fields.resize(c.fields.size());
        std::vector<std::size_t> order(c.path.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return c.path[a] < c.path[b]; });
        for (const std::size_t row : order) {
            const bool same = !sorted.path.empty() && sorted.path.back() == c.path[row];
            if (same) {
                sorted.laps.back() += c.laps[row];
            } else {
                sorted.path.push_back(c.path[row]);
                sorted.laps.push_back(c.laps[row]);
            }
            for (std::size_t i = 0; i < c.fields.size(); ++i) {
                field_columns& to = sorted.fields[i];
                if (same) {
                    add_laps(c.what, to, c.fields[i], row);
                } else {
                    to.value.push_back(c.fields[i].value[row]);
                    to.laps.push_back(c.fields[i].laps[row]);
                    to.ranks.emplace_back();
                }
            }
        }
        c = std::move(sorted);
    }

    static void add_laps(const component_description& what, field_columns& to,
                         const field_columns& from, std::size_t row) noexcept {
        statistics& a = to.laps.back();
        const statistics& b = from.laps[row];
        if (what.type == number::real) {
            const auto smaller = [](std::int64_t x, std::int64_t y, bool least) {
                return (std::bit_cast<double>(x) < std::bit_cast<double>(y)) == least ? x : y;
            };
            a = {.sum = raw_of(real_of(a.sum) + real_of(b.sum)),
                 .squares = static_cast<uint128>(raw_of(real_of(static_cast<int128>(a.squares)) +
                                                        real_of(static_cast<int128>(b.squares)))),
                 .min = smaller(a.min, b.min, true),
                 .max = smaller(a.max, b.max, false)};
        } else {
            a = {.sum = a.sum + b.sum,
                 .squares = a.squares + b.squares,
                 .min = std::min(a.min, b.min),
                 .max = std::max(a.max, b.max)};
        }
        to.value.back() = total(what, a);
    }

    /// Books the regions on the stacks of all flows as laps that end now. Other threads may be
    /// pushing and popping: a frame that changes while it is read is skipped, since it ends by
    /// itself.
    void close_open() {
        for (ref f = record_->flows.load(std::memory_order_acquire); f != 0;
             f = at<flow_record>(f)->next.load(std::memory_order_acquire)) {
            const auto* flow = at<flow_record>(f);
            std::size_t depth = 0;
            for (ref open = flow->top.load(std::memory_order_acquire);
                 open != 0 && ++depth < 1'000'000; open = below(*at<frame_record>(open)))
                close(*at<frame_record>(open));
        }
    }

    void close(const frame_record& f) {
        const region_id region = f.region.load(std::memory_order_acquire);
        if (below(f) == 0 || region == 0 || region >> bundle_shift == 0xFFFF) return;
        const bundle& b = bundle_of(region);
        std::int64_t begin[bundle::most_values];
        std::int64_t end[bundle::most_values];
        std::int64_t lap[bundle::most_fields];
        for (unsigned i = 0; i < b.values; ++i)
            begin[i] = f.begin[i].load(std::memory_order_relaxed);
        const auto path =
            paths_.find(std::bit_cast<place_record>(f.place.load(std::memory_order_relaxed)).node);
        if (f.region.load(std::memory_order_acquire) != region || path == paths_.end()) return;
        if (open_ == open_regions::drop) return count_loss(loss::dropped_at_finalize);
        count_loss(loss::open_at_finalize);
        b.read_end(end, clock_ticks());
        b.derive(begin, end, lap);
        unsigned field = 0;
        for (const component_description& what : b.components) {
            const auto fields = static_cast<unsigned>(what.fields());
            statistics laps[bundle::most_fields];
            for (unsigned i = 0; i < fields; ++i) laps[i] = one_lap(what, lap[field + i]);
            field += fields;
            // Another thread's own sources can't be read from here.
            if (!what.per_thread ||
                (this_recorder != nullptr && this_recorder->record() == record_))
                add_row(what, path->second, 1, laps);
        }
    }

    static statistics one_lap(const component_description& what, std::int64_t value) noexcept {
        if (what.type == number::real) {
            const auto real = std::bit_cast<double>(value);
            return {.sum = raw_of(real),
                    .squares = static_cast<uint128>(raw_of(real * real)),
                    .min = value,
                    .max = value};
        }
        return {.sum = value,
                .squares = static_cast<uint128>(int128{value} * value),
                .min = value,
                .max = value};
    }

    const recorder_record* record_ = nullptr;
    open_regions open_ = open_regions::leave;
    profile profile_;
    std::unordered_map<ref, std::uint32_t> paths_;
    std::map<std::string, component_columns> columns_;
};

/// Depth first over the nodes of a recorder.
void add_laps(const recorder_record& record, std::vector<lap_event>& to) {
    std::vector<ref> open{record.root};
    while (!open.empty()) {
        const auto* node = at<node_record>(open.back());
        open.pop_back();
        const std::int64_t end = node->end.load(std::memory_order_relaxed);
        if (static_cast<path_kind>(node->kind) == path_kind::lap && end != 0) {
            const std::int64_t begin = node->begin.load(std::memory_order_relaxed);
            to.push_back({.name = std::string{text_of(node->name)},
                          .thread = record.thread,
                          .begin = time_of(begin),
                          .duration = ticks_to_ns(end - begin)});
        }
        for (ref c = node->first_child.load(std::memory_order_acquire); c != 0;
             c = at<node_record>(c)->next_sibling.load(std::memory_order_acquire))
            open.push_back(c);
    }
}

}  // namespace

std::vector<lap_event> take_timeline() {
    std::vector<lap_event> laps;
    for (const recorder* r : all_recorders()) add_laps(*r->record(), laps);
    std::sort(laps.begin(), laps.end(), [](const lap_event& a, const lap_event& b) {
        return std::tie(a.thread, a.begin, b.duration) < std::tie(b.thread, b.begin, a.duration);
    });
    return laps;
}

profile take_snapshot(const snapshot_options& options) {
    const auto recorders = all_recorders();
    builder all;
    for (const recorder* r : recorders)
        all.add(*r->record(), !options.collapse_threads, options.open);
    profile whole = all.finish();
    if (whole.paths.size() > options.max_paths)
        whole = merge(whole, builder{}.finish(), dimension::threads, options.max_paths);
    whole.first_pid = static_cast<std::uint64_t>(getpid());
    whole.threads = static_cast<std::uint32_t>(recorders.size());
    for (std::size_t i = 0; i < loss_counts.size(); ++i)
        if (const std::uint64_t n = loss_counts[i].load(std::memory_order_relaxed); n > 0)
            whole.losses[std::string{loss_name(static_cast<loss>(i))}] += n;
    return whole;
}

}  // namespace tim
