#include "recovery/arena_search.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <tuple>

#include "measure/clock.hpp"
#include "record/process_identity.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"
#include "system/descriptor.hpp"

namespace tim {
namespace {

auto order_of(const process_record& p) {
    const std::uint32_t rank = p.has_rank ? p.measured.ranks.front().first : no_rank;
    return std::tuple(rank, p.measured.started, p.process);
}

}  // namespace

std::vector<std::string> arena_folders() {
    const char* temporary = std::getenv("TMPDIR");
    std::vector<std::string> folders{current_settings().arena_path,
                                     temporary != nullptr ? temporary : "/tmp"};
    std::erase(folders, "");
    if (folders.size() == 2 && folders[0] == folders[1]) folders.pop_back();
    return folders;
}

std::vector<job_arenas> find_jobs(
    const std::vector<std::string>& places,
    const std::function<void(const std::string&, const std::string&)>& broken) {
    std::vector<std::string> files;
    for (const std::string& place : places) {
        std::error_code error;
        if (!std::filesystem::is_directory(place, error)) {
            files.push_back(place);
            continue;
        }
        for (std::string& file : arenas_in(place)) files.push_back(std::move(file));
    }
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());

    std::map<std::uint64_t, job_arenas> jobs;
    for (const std::string& file : files) {
        try {
            process_record p = read_header(arena_file{file, arena_file::access::copied});
            const std::uint64_t id = p.measured.job != 0 ? p.measured.job : p.run;
            job_arenas& job = jobs[id];
            job.job = id;
            job.processes.push_back(std::move(p));
        } catch (const std::exception& e) {
            broken(file, e.what());
        }
    }
    std::vector<job_arenas> found;
    for (auto& [key, job] : jobs) {
        std::sort(job.processes.begin(), job.processes.end(),
                  [](const auto& a, const auto& b) { return order_of(a) < order_of(b); });
        job.output = job.processes.front().output;
        job.running = static_cast<std::size_t>(
            std::count_if(job.processes.begin(), job.processes.end(),
                          [](const process_record& p) { return p.running; }));
        found.push_back(std::move(job));
    }
    return found;
}

namespace {

/// Whether the arena is of the command's own process, not of one that it started.
bool is_of(const arena_record& header, const ended_command& command) {
    return header.process == command.pid && header.process_start == command.process_start &&
           header.boot == this_boot();
}

/// Completes an arena with what is known of the end of its process, as far as it does not say.
void complete(arena_record& header, const ended_command& command) {
    if (is_of(header, command)) header.exit_status = command.status;
    if (header.ended_at.load(std::memory_order_relaxed) == 0)
        header.ended_at = header.nanoseconds_per_tick != 0 ? counter_ticks() : monotonic_ns();
}

/// Empty, or why not. The copy has its name when it is whole: launchers that end a job kill us,
/// too.
std::string write_copy(const arena_file& file, const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), error);
    const std::string unfinished = path + ".tmp";
    const descriptor fd{
        open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (fd.get() < 0) return std::strerror(errno);
    try {
        write_all(fd.get(), file.bytes());
        std::filesystem::rename(unfinished, path);
        return {};
    } catch (const std::exception& e) {
        unlink(unfinished.c_str());
        return e.what();
    }
}

}  // namespace

std::vector<std::string> save_arenas(const ended_command& command) {
    std::vector<std::string> folders;
    std::size_t saved = 0;
    for (const std::string& folder : arena_folders()) {
        for (const std::string& path : arenas_in(folder)) {
            try {
                arena_file file{path, arena_file::access::copied};
                const process_record p = read_header(file);
                const bool mine =
                    (command.run != 0 && p.run == command.run) || is_of(file.header(), command);
                if (!mine || p.running) continue;
                if (p.state == arena_state::delivered) {
                    unlink(path.c_str());
                    continue;
                }
                complete(file.header(), command);
                const std::string copy =
                    (std::filesystem::path{p.output} / std::filesystem::path{path}.filename())
                        .string();
                if (const std::string why = write_copy(file, copy); !why.empty()) {
                    say(
                        fmt::format("cannot write '{}' ({}): what process {} had measured stays in "
                                    "'{}'; 'timemory recover {}' reads it",
                                    copy, why, p.process, path, path));
                    continue;
                }
                unlink(path.c_str());
                ++saved;
                if (std::find(folders.begin(), folders.end(), p.output) == folders.end())
                    folders.push_back(p.output);
            } catch (const std::exception&) {
                continue;  // not an arena, or not ours
            }
        }
    }
    if (saved > 0)
        say(
            fmt::format("{} process{} ended without writing results; 'timemory recover {}' shows "
                        "what had been measured",
                        saved, saved == 1 ? "" : "es", fmt::join(folders, " ")));
    return folders;
}

}  // namespace tim
