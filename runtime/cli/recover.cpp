// `timemory recover`: what a job had measured when it died.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "cli/commands.hpp"
#include "input/result_file.hpp"
#include "output/profile_file.hpp"
#include "output/timeline.hpp"
#include "profile/merge.hpp"
#include "recovery/arena_search.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim::cli {
namespace {

namespace fs = std::filesystem;

void list_jobs(const std::vector<job_arenas>& jobs, std::FILE* to) {
    fmt::print(to, "{:16}  {:>9}  {:>7}  {:>9}  {}\n", "JOB", "PROCESSES", "RUNNING", "KIB",
               "PROGRAM, RESULTS");
    for (const job_arenas& job : jobs) {
        std::uint64_t memory = 0;
        for (const process_record& p : job.processes) memory += p.memory;
        fmt::print(to, "{:016x}  {:9}  {:7}  {:9}  {}, {}\n", job.job, job.processes.size(),
                   job.running, memory / 1024, shown(job.processes.front().program),
                   shown(job.output));
    }
}

/// Of the jobs those that are meant; empty, after a line, where it is not clear which.
std::vector<job_arenas> choose_jobs(std::vector<job_arenas> jobs, const recover_request& request) {
    for (job_arenas& job : jobs) {
        std::erase_if(job.processes, [&](const process_record& p) {
            return p.state == arena_state::delivered || (p.running && !request.running);
        });
    }
    std::erase_if(jobs, [](const job_arenas& job) { return job.processes.empty(); });
    if (request.inputs.empty()) {
        if (jobs.size() <= 1) return jobs;
        // Where a user stands after a job has died.
        std::vector<job_arenas> here;
        std::error_code error;
        const fs::path now = fs::current_path(error);
        for (const job_arenas& job : jobs)
            if (fs::path{job.output}.parent_path() == now || job.output == now) here.push_back(job);
        if (here.size() == 1) return here;
        say("there are several jobs; name one, or the folder of its results:");
        constexpr std::size_t most = 10;
        std::stable_sort(jobs.begin(), jobs.end(), [](const job_arenas& a, const job_arenas& b) {
            return a.processes.back().measured.started > b.processes.back().measured.started;
        });
        const std::size_t more = jobs.size() - std::min(jobs.size(), most);
        jobs.resize(jobs.size() - more);
        list_jobs(jobs, stderr);
        if (more > 0) fmt::print(stderr, "and {} older ones: 'timemory recover --list'\n", more);
        return {};
    }
    std::erase_if(jobs, [&](const job_arenas& job) {
        return std::none_of(
            request.inputs.begin(), request.inputs.end(), [&](const std::string& input) {
                std::error_code error;
                if (job_number(input) == job.job) return true;
                const fs::path place = fs::weakly_canonical(fs::absolute(input), error);
                return std::any_of(job.processes.begin(), job.processes.end(), [&](const auto& p) {
                    const fs::path file = fs::weakly_canonical(p.file, error);
                    return file == place || file.parent_path() == place ||
                           fs::weakly_canonical(p.output, error) == place;
                });
            });
    });
    return jobs;
}

nlohmann::json as_json(const process_record& p) {
    nlohmann::json open = nlohmann::json::array();
    for (const open_region& r : p.open) {
        nlohmann::json region{{"thread", r.thread}, {"flow", r.flow}, {"path", r.path}};
        if (r.ns >= 0) region["seconds"] = static_cast<double>(r.ns) / 1e9;
        open.push_back(std::move(region));
    }
    nlohmann::json process{{"pid", p.process},
                           {"host", p.host},
                           {"program", p.program},
                           {"end", p.end},
                           {"end_is_known", p.end_is_known},
                           {"ended_at", static_cast<double>(p.ended_at) / 1e9},
                           {"incomplete", p.incomplete},
                           {"memory", p.memory},
                           {"unreadable", p.unreadable},
                           {"open", std::move(open)}};
    if (p.has_rank) process["rank"] = p.measured.ranks.front().first;
    return process;
}

void print_ends(const std::vector<process_record>& processes, std::FILE* to) {
    fmt::print(to, "\nHow the processes ended, and the regions they were in:\n");
    for (const process_record& p : processes) {
        fmt::print(to, "  {} on {}: {}{}\n", name_of(p), shown(p.host), p.end,
                   p.incomplete ? "; part of what it measured was not in the file" : "");
        for (const open_region& r : p.open) {
            if (!r.innermost) continue;
            fmt::print(to, "    thread {}: {}{}\n", r.thread, text_of(r.path),
                       r.ns < 0
                           ? ""
                           : fmt::format(", open for {}{:.3f} s", p.end_is_known ? "" : "at least ",
                                         static_cast<double>(r.ns) / 1e9));
        }
    }
}

/// The serialised profiles in those of the places that are folders.
std::vector<std::string> profiles_of(std::vector<std::string> places) {
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    std::vector<std::string> files;
    std::error_code error;
    for (const std::string& place : places)
        if (fs::is_directory(place, error))
            for (std::string& file : profiles_in(place)) files.push_back(std::move(file));
    return files;
}

/// The profiles of the processes, in files of the folder, and what is known of them beside.
bool save(const std::vector<process_record>& processes, const std::string& folder,
          std::vector<std::string>& files) {
    bool whole = true;
    settings s = current_settings();
    s.output_path = folder;
    nlohmann::json known = nlohmann::json::array();
    for (const process_record& p : processes) {
        known.push_back(as_json(p));
        if (!p.timeline.empty())
            whole &= write_timeline(
                p.timeline, s,
                p.has_rank ? std::optional{p.measured.ranks.front().first} : std::nullopt);
        if (p.measured.components.empty() && p.measured.losses.empty()) continue;
        const std::string file =
            fmt::format("{}/profile-{}pid{}-{:x}.timemory", folder,
                        p.has_rank ? std::to_string(p.measured.ranks.front().first) + "-" : "",
                        p.process, p.measured.started);
        if (write_profile_to(p.measured, file, "the profile of " + name_of(p)))
            files.push_back(file);
        else
            whole = false;
    }
    std::ofstream out{folder + "/recovered.json"};
    out << nlohmann::json{{"processes", std::move(known)}}.dump(
               1, ' ', false, nlohmann::json::error_handler_t::replace)
        << '\n';
    out.close();
    if (!out) say(fmt::format("cannot write '{}/recovered.json'", folder));
    return whole && static_cast<bool>(out);
}

exit_code recover_job(const job_arenas& job, const recover_request& request) {
    const settings s = current_settings();
    std::vector<process_record> processes;
    bool whole = true;
    if (job.running > 0 && !request.running)
        say(fmt::format(
            "{} processes of the job are running, and left out; --running takes them too",
            job.running));
    for (const process_record& p : job.processes) {
        try {
            processes.push_back(read_process(arena_file{p.file, arena_file::access::copied},
                                             {.threads_apart = !s.collapse_threads,
                                              .close_open = !request.completed,
                                              .own_cost = s.own_cost_output}));
            if (processes.back().measured.job == 0) processes.back().measured.job = job.job;
        } catch (const std::exception& e) {
            say(fmt::format("'{}' is left out: {}", p.file, e.what()));
            whole = false;
        }
    }
    const std::string folder = !request.output.empty() ? request.output : job.output;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        say(fmt::format("cannot make the folder '{}': {}; --output names another", folder,
                        error.message()));
        return failed;
    }
    std::vector<std::string> saved;
    whole &= save(processes, folder, saved);
    // With what other ranks wrote themselves.
    merge_request merge{.inputs = saved,
                        .output = folder,
                        .job = fmt::format("{:x}", job.job),
                        .announce = request.announce};
    std::vector<std::string> places = request.inputs;
    places.push_back(folder);
    for (const process_record& p : processes) places.push_back(p.output);
    for (std::string& file : profiles_of(places)) merge.inputs.push_back(std::move(file));
    if (!merge.inputs.empty() && merge_profiles(merge) != ok) whole = false;
    print_ends(processes, request.announce);
    std::fflush(request.announce);
    if (!whole) return failed;
    if (!request.keep)
        for (const process_record& p : processes)
            if (!p.running) unlink(p.file.c_str());
    return ok;
}

/// Whether a job has processes that have ended, and others that go on.
bool is_ending(const std::vector<job_arenas>& jobs) {
    return std::any_of(jobs.begin(), jobs.end(), [](const job_arenas& job) {
        return job.running > 0 && job.running < job.processes.size();
    });
}

}  // namespace

exit_code recover(const recover_request& request) {
    bool whole = true;
    std::vector<std::string> places = request.folders;
    if (places.empty()) places = arena_folders();
    for (const std::string& input : request.inputs) {
        std::error_code error;
        if (fs::exists(input, error)) places.push_back(input);
    }
    std::map<std::string, std::set<std::string>> broken;  // files, by what is wrong with them
    const auto look = [&] {
        return find_jobs(places, [&](const std::string& file, const std::string& why) {
            broken[why].insert(file);
        });
    };
    std::vector<job_arenas> found = look();
    // The ranks of a job do not die at once.
    for (int i = 0; i < 20 && !request.list && !request.running && is_ending(found); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
        found = look();
    }
    for (const auto& [why, files] : broken) {
        const std::string more =
            files.size() > 1 ? fmt::format(" with {} more", files.size() - 1) : "";
        say(fmt::format("'{}' is left out{}: {}", *files.begin(), more, why));
    }
    whole &= broken.empty();
    if (request.list) {
        list_jobs(found, stdout);
        return whole ? ok : failed;
    }
    const std::vector<job_arenas> jobs = choose_jobs(found, request);
    if (jobs.empty()) {
        // All ranks wrote what they had themselves.
        if (std::vector<std::string> files = profiles_of(request.inputs); !files.empty())
            return merge_profiles({.inputs = std::move(files),
                                   .output = request.output,
                                   .announce = request.announce});
        if (found.empty() || !request.inputs.empty())
            say(
                fmt::format("nothing to recover: no process that has ended left what it measured "
                            "in '{}'; 'timemory recover --list' shows what is there",
                            fmt::join(places, "', '")));
        return failed;
    }
    if (jobs.size() > 1 && !request.output.empty()) {
        say("these are several jobs; --output takes one:");
        list_jobs(jobs, stderr);
        return failed;
    }
    for (const job_arenas& job : jobs)
        if (recover_job(job, request) != ok) whole = false;
    return whole ? ok : failed;
}

}  // namespace tim::cli
