#include "library/results.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <map>

#include "library/lifecycle.hpp"
#include "measure/bundle.hpp"
#include "measure/component_table.hpp"
#include "output/files.hpp"
#include "output/mpi_summary.hpp"
#include "output/writers.hpp"
#include "record/losses.hpp"
#include "settings/say.hpp"
#include "timemory/timemory.h"

namespace tim {
namespace {

/// Blocks SIGPIPE while we write, and takes back the one we may have caused: a program whose reader
/// has gone ends as it would have without us.
class quiet_pipe {
public:
    quiet_pipe() noexcept {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        sigset_t pending;
        sigemptyset(&pending);
        sigpending(&pending);
        was_pending_ = sigismember(&pending, SIGPIPE) == 1;
        pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~quiet_pipe() {
        const timespec now{};
        if (!was_pending_)
            while (sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) {
            }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    quiet_pipe(const quiet_pipe&) = delete;
    quiet_pipe& operator=(const quiet_pipe&) = delete;

private:
    sigset_t pipe_;
    sigset_t before_;
    bool was_pending_ = false;
};

const char* advice(std::string_view cause) noexcept {
    if (cause == loss_name(loss::pop_without_push))
        return "were ignored: each pop ends a region of that name which the same thread has pushed";
    if (cause == loss_name(loss::open_at_finalize))
        return "were ended there: their time goes up to that moment";
    if (cause == loss_name(loss::after_finalize))
        return "were not recorded: call timemory_finalize later, or not at all";
    if (cause == loss_name(loss::out_of_memory))
        return "were not recorded: raise TIMEMORY_MAX_MEMORY, or use fewer distinct names";
    if (cause == loss_name(loss::other_thread))
        return "were left out: they mean one thread's own time";
    if (cause == loss_name(loss::dropped_at_finalize))
        return "were left out: TIMEMORY_STACK_CLEARING is off";
    if (cause == loss_name(loss::timeline_full))
        return "were put together: raise TIMEMORY_MAX_TIMELINE to see them apart";
    if (cause == loss_name(loss::throttled))
        return "were not recorded: see TIMEMORY_THROTTLE_COUNT and TIMEMORY_THROTTLE_VALUE";
    if (cause == loss_name(loss::open_at_end))
        return "are in the result with their time up to that moment, as far as it is known";
    if (cause == loss_name(loss::unreadable)) return "were left out";
    if (cause == loss_name(loss::device_dropped))
        return "are in no result: all its buffers were full. A lower "
               "TIMEMORY_CUPTI_ACTIVITY_LEVEL makes fewer records";
    if (cause == loss_name(loss::device_no_launch)) return "stand at the top of the call tree";
    if (cause == loss_name(loss::device_no_time))
        return "were left out: what they are of had not ended, or CUPTI could not time it";
    if (cause == loss_name(loss::device_broken)) return "were left out from there on";
    if (cause == loss_name(loss::device_late)) return "are missing in these shares alone";
    if (cause == loss_name(loss::mpi_requests))
        return "are in the result without their bytes: too many were pending at once, or they were "
               "freed before they were complete";
    if (cause == loss_name(loss::capped))
        return "were of paths that were put together: raise TIMEMORY_MAX_PATHS, or "
               "TIMEMORY_MAX_MEMORY, to see them apart";
    return "were put together: raise TIMEMORY_MAX_PATHS to see them";
}

}  // namespace

void say_loss(std::string_view cause, std::uint64_t events) {
    say(fmt::format("{} {} {}", events, cause, advice(cause)));
}

namespace {

void say_losses(const result& r) {
    std::map<std::string, std::uint64_t> total;
    for (const profile& p : r.profiles)
        for (const auto& [cause, events] : p.losses) total[cause] += events;
    for (const auto& [cause, events] : total) say_loss(cause, events);
}

/// For `verbose`.
void say_what_is_written(const result& r, const settings& s) {
    std::size_t paths = 0;
    std::uint64_t ranks = 0;
    std::uint64_t threads = 0;
    measuring_cost cost;
    for (const profile& p : r.profiles) {
        cost += p.measuring;
        paths = std::max(paths, p.paths.size() - 1);  // without the root
        for (const rank_range& range : p.ranks) ranks += range.last - range.first + 1;
        threads = std::max<std::uint64_t>(threads, p.threads);
    }
    say(fmt::format("version {} recorded {} call paths of {} ranks with up to {} threads; {}",
                    TIMEMORY_VERSION, paths, ranks, threads,
                    s.file_output ? fmt::format("the results are in '{}'", s.output_path)
                                  : "no files are written"));
    say(fmt::format("recording took about {:.3g} s for {} regions, and {:.1f} MiB of memory",
                    static_cast<double>(cost.nanoseconds) / 1e9, cost.regions,
                    static_cast<double>(cost.memory) / (1 << 20)));
    for (const profile& p : r.profiles)
        for (const component_columns& c : p.components)
            if (s.verbose > 1) say(fmt::format("{} has {} rows", c.what.id, c.path.size()));
}

}  // namespace

bool has_rows(const profile& p) noexcept {
    return !p.components.empty() || !p.losses.empty() || has_mpi(p);
}

int write_results(const result& r, const settings& s, std::FILE* announce) {
    bool any = false;
    for (const profile& p : r.profiles) any |= has_rows(p);
    if (!any || !s.auto_output) return 0;
    const quiet_pipe quiet;
    const int failed = write_outputs(r, s, announce);
    std::fflush(announce);
    say_losses(r);
    if (s.verbose > 0) say_what_is_written(r, s);
    return failed;
}

std::string local_text(int format, std::string_view components) {
    const settings s = current_settings();
    result r;
    r.profiles.push_back(local_profile());
    r.collapsed_threads = s.collapse_threads;
    std::vector<std::string> chosen = components_of(r);
    if (!components.empty()) {
        std::string wanted = ",";
        for (const component& row :
             parse_components(components, [](std::string_view name) { say(why_left_out(name)); }))
            wanted += row.what.id + ',';
        std::erase_if(chosen, [&](const std::string& id) {
            return wanted.find("," + id + ",") == std::string::npos;
        });
    }
    return text_of(r, chosen, format);
}

std::string text_of(const result& r, const std::vector<std::string>& component_ids, int format) {
    const settings s = current_settings();
    std::string text;
    const sink append = [&](std::string_view piece) { text += piece; };
    switch (format) {
        case TIMEMORY_TEXT:
            for (const std::string& id : component_ids) write_text(r, id, s, false, append);
            break;
        case TIMEMORY_JSON:
            write_document(r, component_ids, write_json, s, append);
            break;
        case TIMEMORY_TREE:
            write_document(r, component_ids, write_tree, s, append);
            break;
        case TIMEMORY_CSV:
            write_csv(r, component_ids, s, append);
            break;
        default:
            break;
    }
    return text;
}

void clear(std::string_view components) {
    std::string wanted = ",";
    for (const component& row : parse_components(components, [](std::string_view) {}))
        wanted += row.what.id + ',';
    std::string together;
    const auto chosen = [&](const bundle& b) {
        std::size_t listed = 0;
        std::string other;
        for (const component_description& what : b.components) {
            const bool is_listed = wanted.find("," + what.id + ",") != std::string::npos;
            listed += is_listed ? 1 : 0;
            if (!is_listed) other = what.id;
        }
        if (components.empty() || listed == b.components.size()) return true;
        if (listed > 0) together = other;
        return false;
    };
    recorder::clear_idle(this_recorder, chosen, components.empty());
    if (!together.empty())
        say(fmt::format("clear: regions that measure {} with '{}' were not cleared; list both",
                        components, together));
}

}  // namespace tim
