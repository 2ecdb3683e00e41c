#include "recovery/process_record.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <tuple>

#include "measure/clock.hpp"
#include "profile/merge.hpp"
#include "profile/process_table.hpp"
#include "record/arena_view.hpp"
#include "record/losses.hpp"
#include "record/tree_reader.hpp"
#include "settings/say.hpp"

namespace tim {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

std::string signal_text(std::uint32_t signal) {
    const char* name = sigabbrev_np(static_cast<int>(signal));
    return name != nullptr ? fmt::format("signal {} (SIG{})", signal, name)
                           : fmt::format("signal {}", signal);
}

std::string end_text(const arena_record& h, bool running) {
    if (running) return "running";
    if (h.exit_status != unknown_status) {
        const auto status = static_cast<int>(h.exit_status);
        if (WIFSIGNALED(status))
            return "ended by " + signal_text(static_cast<std::uint32_t>(WTERMSIG(status)));
        return fmt::format("exit code {}", WEXITSTATUS(status));
    }
    if (const std::uint32_t signal = h.ended_by_signal.load(relaxed); signal != 0)
        return "ended by " + signal_text(signal);
    switch (h.state.load(relaxed)) {
        case arena_state::ended:
            return "ended while its results were written";
        case arena_state::delivered:
            return "ended, its results were written";
        default:
            return "ended without a word (killed, or _exit)";
    }
}

/// The moment up to which open regions are counted, in ticks, and whether it is that of the end.
/// A clock that only this boot of the machine has can be read as long as the process runs.
std::pair<std::int64_t, bool> end_of(const arena_record& h, bool running,
                                     const std::vector<std::int64_t>& begins) {
    if (const std::int64_t at = h.ended_at.load(relaxed); at != 0 && !running) return {at, true};
    if (running) return {h.nanoseconds_per_tick != 0 ? counter_ticks() : monotonic_ns(), true};
    std::int64_t last = h.anchor_ticks;
    for (const std::int64_t begin : begins) last = std::max(last, begin);
    return {last, false};
}

/// A lap of wall_clock; false for a component that can't be known afterwards.
bool lap_of(const component_description& what, std::int64_t ns, statistics& lap) {
    if (what.id != "wall_clock") return false;
    lap = one_lap(what, ns);
    return true;
}

}  // namespace

std::string text_of(const std::vector<std::string>& path) {
    std::string text;
    for (const std::string& name : path) text += (text.empty() ? "" : "/") + shown(name);
    return text;
}

std::string name_of(const process_record& p) {
    return p.has_rank
               ? fmt::format("rank {} (process {})", p.measured.ranks.front().first, p.process)
               : fmt::format("process {}", p.process);
}

process_record read_header(const arena_file& file) {
    const arena_view view{file.bytes()};
    const arena_record& h = file.header();
    process_record p;
    p.file = file.path();
    p.host = view.text(h.host);
    p.program = view.text(h.program);
    p.output = view.text(h.output);
    p.process = h.process;
    p.run = h.run;
    p.has_rank = h.rank.load(relaxed) != no_rank;
    p.running = is_running(h);
    p.incomplete = h.incomplete.load(relaxed) != 0;
    p.state = h.state.load(relaxed);
    p.end = end_text(h, p.running);
    p.memory = file.bytes().size();
    p.measured.job = h.job;
    p.measured.started = h.started;
    p.measured.first_pid = h.process;
    if (p.has_rank) {
        const std::uint32_t rank = h.rank.load(relaxed);
        p.measured.ranks = {{rank, rank}};
        p.measured.world_size = std::max(h.world_size.load(relaxed), rank + 1);
    }
    return p;
}

process_record read_process(const arena_file& file, const read_options& options) {
    const arena_view view{file.bytes()};
    const arena_record& h = file.header();
    const arena_clock clock{h};
    process_record p = read_header(file);

    tree_reader reader{view};
    reader.add_recorders(options.threads_apart);
    if (options.own_cost) reader.add_own_cost();
    std::vector<open_frame> frames;
    std::vector<std::int64_t> begins;
    reader.for_each_open([&](const open_frame& open) {
        frames.push_back(open);
        begins.push_back(open.values > 0 ? open.frame->begin[0].load(relaxed) : 0);
    });
    const auto [end, is_known] = end_of(h, p.running, begins);
    p.ended_at = clock.time_of(end);
    p.end_is_known = is_known;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const open_frame& f = frames[i];
        const std::int64_t ns = f.values > 0 ? clock.ns_between(begins[i], end) : -1;
        p.open.push_back({.thread = f.recorder->thread,
                          .system_thread = f.recorder->system_thread.load(relaxed),
                          .flow = f.flow,
                          .path = reader.names_to(f.node),
                          .ns = ns});
        for (const component_description& what : reader.components_of(f.bundle)) {
            statistics lap[bundle::most_fields] = {};
            const bool known = options.close_open && ns >= 0 && lap_of(what, ns, lap[0]);
            reader.add_row(what, f.path, known ? 1 : 0, lap);
        }
    }
    std::stable_sort(p.open.begin(), p.open.end(), [](const open_region& a, const open_region& b) {
        return std::tuple(a.thread, a.flow, a.path.size()) <
               std::tuple(b.thread, b.flow, b.path.size());
    });
    for (std::size_t i = 0; i < p.open.size(); ++i) {
        const bool last = i + 1 == p.open.size();
        p.open[i].innermost = last || p.open[i + 1].thread != p.open[i].thread ||
                              p.open[i + 1].flow != p.open[i].flow;
    }
    p.timeline = reader.laps_apart();

    profile measured = reader.finish();
    for (std::size_t i = 0; i < static_cast<std::size_t>(loss::count); ++i)
        if (const std::uint64_t n = h.losses[i].load(relaxed); n > 0)
            measured.losses[std::string{loss_name(static_cast<loss>(i))}] += n;
    if (options.close_open && !p.running && !p.open.empty())
        measured.losses[std::string{loss_name(loss::open_at_end)}] += p.open.size();
    p.unreadable = reader.unreadable();
    if (p.unreadable > 0) measured.losses[std::string{loss_name(loss::unreadable)}] += p.unreadable;
    measured.job = h.job;
    measured.started = h.started;
    measured.first_pid = h.process;
    describe_process(measured, p.host, p.end);
    p.measured = p.has_rank ? seal(std::move(measured), p.measured.ranks.front().first,
                                   p.measured.world_size)
                            : std::move(measured);
    return p;
}

}  // namespace tim
