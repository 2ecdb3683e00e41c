#include "record/snapshot.hpp"

#include <unistd.h>

#include "profile/merge.hpp"
#include "record/recorder.hpp"
#include "record/tree_reader.hpp"

namespace tim {
namespace {

arena_view own_arena() noexcept {
    return arena_view{{arena_base, arena()->used.load(std::memory_order_acquire)}};
}

/// Books an open region as a lap that ends now. Other threads may be pushing and popping: a frame
/// that changes while it is read is left out, since it ends by itself.
void close(const open_frame& open, tree_reader& reader) {
    const bundle& b = *bundles[open.bundle];
    std::int64_t begin[bundle::most_values];
    std::int64_t end[bundle::most_values];
    std::int64_t lap[bundle::most_fields];
    for (unsigned i = 0; i < b.values; ++i)
        begin[i] = open.frame->begin[i].load(std::memory_order_relaxed);
    if (open.frame->region.load(std::memory_order_acquire) != open.region) return;
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
            (this_recorder != nullptr && this_recorder->record() == open.recorder))
            reader.add_row(what, open.path, 1, laps);
    }
}

}  // namespace

std::vector<lap_event> take_timeline() {
    return has_arena() ? tree_reader{own_arena()}.laps_apart() : std::vector<lap_event>{};
}

profile take_snapshot(const snapshot_options& options) {
    profile whole;
    if (!has_arena()) {
        whole = empty_profile();
    } else {
        tree_reader reader{own_arena()};
        reader.add_recorders(!options.collapse_threads);
        if (options.own_cost) reader.add_own_cost();
        reader.for_each_open([&](const open_frame& open) {
            if (options.open == open_regions::close) close(open, reader);
            if (options.open == open_regions::drop) count_loss(loss::dropped_at_finalize);
        });
        whole = reader.finish();
    }
    if (whole.paths.size() > options.max_paths)
        whole = merge(whole, empty_profile(), dimension::threads, options.max_paths);
    for (std::size_t i = 0; i < loss_counts.size(); ++i)
        if (const std::uint64_t n = loss_counts[i].load(std::memory_order_relaxed); n > 0)
            whole.losses[std::string{loss_name(static_cast<loss>(i))}] += n;
    whole.first_pid = static_cast<std::uint64_t>(getpid());
    return whole;
}

}  // namespace tim
