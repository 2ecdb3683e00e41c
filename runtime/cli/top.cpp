// `timemory top`: what a running job is in, and where its time goes. Only reads the arenas.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/commands.hpp"
#include "recovery/arena_search.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim::cli {
namespace {

namespace fs = std::filesystem;
using names = std::vector<std::string>;

/// A call path over all processes.
struct path_total {
    std::uint64_t laps = 0;  ///< that have ended
    std::uint64_t open = 0;
    double value = 0;  ///< in display units; of wall_clock with the time of open regions
    double self = 0;   ///< without what is below
};

struct moment {
    std::chrono::steady_clock::time_point when;
    std::vector<process_record> processes;
    std::map<names, path_total> paths;
    std::string unit;
};

names names_of(const profile& p, std::uint32_t path) {
    names all;
    for (; path != 0; path = p.paths[path].parent) all.emplace_back(p.shown_name(p.paths[path]));
    std::reverse(all.begin(), all.end());
    return all;
}

void add_rows(const profile& p, const component_columns& c, moment& to) {
    to.unit = c.what.element(0).unit;
    const double unit = c.what.element(0).unit_value;
    for (std::size_t row = 0; row < c.path.size(); ++row) {
        const names path = names_of(p, c.path[row]);
        const int128 raw = c.fields[0].value[row];
        const double value =
            (c.what.type == number::real ? real_of(raw) : static_cast<double>(raw)) / unit;
        path_total& total = to.paths[path];
        total.laps += c.laps[row];
        total.value += value;
        total.self += value;
        if (path.size() > 1) to.paths[{path.begin(), path.end() - 1}].self -= value;
    }
}

moment look(const std::vector<std::string>& files, const std::string& component) {
    moment now{.when = std::chrono::steady_clock::now()};
    for (const std::string& file : files) {
        try {
            process_record p = read_process(arena_file{file, arena_file::access::mapped}, {});
            if (!p.running) continue;
            if (const component_columns* c = p.measured.find(component))
                add_rows(p.measured, *c, now);
            for (const open_region& r : p.open) {
                path_total& total = now.paths[r.path];
                ++total.open;
                if (component == "wall_clock" && total.laps > 0 && r.ns >= 0) --total.laps;
            }
            now.processes.push_back(std::move(p));
        } catch (const std::exception&) {
            continue;  // it has ended since the files were looked for
        }
    }
    return now;
}

/// The files of the running processes that are meant; empty, after a line, if there are none or it
/// is not clear which.
std::vector<std::string> choose(const top_request& request) {
    const std::vector<std::string> places =
        request.folders.empty() ? arena_folders() : request.folders;
    std::vector<job_arenas> jobs = find_jobs(places, [](const std::string&, const std::string&) {});
    const std::optional<std::uint64_t> number = job_number(request.what);
    std::error_code error;
    const fs::path folder = fs::weakly_canonical(request.what, error);
    for (job_arenas& job : jobs) {
        const bool all = request.what.empty() || number == job.job ||
                         fs::weakly_canonical(job.output, error) == folder;
        std::erase_if(job.processes, [&](const process_record& p) {
            return !p.running || !(all || std::to_string(p.process) == request.what);
        });
    }
    std::erase_if(jobs, [](const job_arenas& job) { return job.processes.empty(); });
    if (jobs.size() != 1) {
        say(jobs.empty()
                ? fmt::format("no process that records is running{}, as far as '{}' shows",
                              request.what.empty() ? "" : fmt::format(" as '{}'", request.what),
                              fmt::join(places, "' and '"))
                : "several jobs are running; name one, one of their processes, or a folder:");
        for (const job_arenas& job : jobs)
            fmt::print(stderr, "  {:016x}  {} processes, first {}  {}\n", job.job,
                       job.processes.size(), job.processes.front().process,
                       shown(job.processes.front().program));
        return {};
    }
    std::vector<std::string> files;
    for (const process_record& p : jobs.front().processes) files.push_back(p.file);
    return files;
}

nlohmann::json as_json(const moment& now) {
    nlohmann::json processes = nlohmann::json::array();
    for (const process_record& p : now.processes) {
        nlohmann::json inside = nlohmann::json::array();
        for (const open_region& r : p.open) {
            if (!r.innermost) continue;
            inside.push_back({{"thread", r.thread},
                              {"system_thread", r.system_thread},
                              {"path", r.path},
                              {"seconds", static_cast<double>(r.ns) / 1e9}});
        }
        nlohmann::json process{{"pid", p.process},     {"host", p.host},
                               {"program", p.program}, {"threads", p.measured.threads},
                               {"memory", p.memory},   {"inside", std::move(inside)}};
        if (p.has_rank) process["rank"] = p.measured.ranks.front().first;
        processes.push_back(std::move(process));
    }
    nlohmann::json paths = nlohmann::json::array();
    for (const auto& [path, total] : now.paths)
        paths.push_back({{"path", path},
                         {"laps", total.laps},
                         {"open", total.open},
                         {"value", total.value},
                         {"self", total.self}});
    return {{"unit", now.unit}, {"processes", std::move(processes)}, {"paths", std::move(paths)}};
}

/// The hottest paths first: by what they took themselves since `before`.
void print(const moment& now, const moment& before, const top_request& request) {
    struct line {
        const names* path;
        const path_total* total;
        double self;
        double laps;
    };
    const double seconds = std::chrono::duration<double>(now.when - before.when).count();
    std::vector<line> lines;
    for (const auto& [path, total] : now.paths) {
        const auto old = before.paths.find(path);
        const path_total none;
        const path_total& was = old != before.paths.end() ? old->second : none;
        lines.push_back({.path = &path,
                         .total = &total,
                         .self = total.self - was.self,
                         .laps = static_cast<double>(total.laps) - static_cast<double>(was.laps)});
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const line& a, const line& b) { return a.self > b.self; });
    std::uint64_t threads = 0;
    for (const process_record& p : now.processes) threads += p.measured.threads;
    fmt::print("{} processes, {} threads, {} call paths\n\n", now.processes.size(), threads,
               now.paths.size());
    const bool rates = seconds > 0;
    fmt::print("{:>10} {:>10} {:>12}{}  PATH ({})\n", "SELF", "TOTAL", "CALLS",
               rates ? fmt::format(" {:>12} {:>10}", "SELF/S", "CALLS/S") : "", now.unit);
    for (std::size_t i = 0; i < std::min(lines.size(), request.rows); ++i) {
        const line& l = lines[i];
        fmt::print(
            "{:10.3f} {:10.3f} {:12}{}  {}{}\n", l.total->self, l.total->value, l.total->laps,
            rates ? fmt::format(" {:12.3f} {:10.0f}", l.self / seconds, l.laps / seconds) : "",
            text_of(*l.path), l.total->open > 0 ? fmt::format("  ({} inside)", l.total->open) : "");
    }
    fmt::print("\nInside now:\n");
    for (const process_record& p : now.processes) {
        bool any = false;
        for (const open_region& r : p.open) {
            if (!r.innermost) continue;
            fmt::print(
                "  {}, thread {} ({}): {}{}\n", name_of(p), r.thread, r.system_thread,
                text_of(r.path),
                r.ns >= 0 ? fmt::format(", for {:.3f} s", static_cast<double>(r.ns) / 1e9) : "");
            any = true;
        }
        if (!any) fmt::print("  {}: outside of all regions\n", name_of(p));
    }
    std::fflush(stdout);
}

}  // namespace

exit_code top(const top_request& request) {
    std::vector<std::string> files = choose(request);
    if (files.empty()) return failed;
    moment before = look(files, request.component);
    if (request.json || request.once) {
        if (before.processes.empty()) {
            say("the job has ended");
            return failed;
        }
        if (request.json)
            fmt::print("{}\n", as_json(before).dump(1, ' ', false,
                                                    nlohmann::json::error_handler_t::replace));
        else
            print(before, {.when = before.when}, request);
        return ok;
    }
    const bool terminal = isatty(STDOUT_FILENO) == 1;
    for (;;) {
        std::this_thread::sleep_for(std::chrono::duration<double>(request.interval));
        moment now = look(files, request.component);
        if (now.processes.empty()) break;
        if (terminal) fmt::print("\x1b[H\x1b[2J");
        print(now, before, request);
        before = std::move(now);
    }
    fmt::print("the job has ended\n");
    return ok;
}

}  // namespace tim::cli
