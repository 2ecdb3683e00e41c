#include "recovery/arena_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <tuple>

#include "settings/settings.hpp"

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

std::vector<job_arenas> find_jobs(const std::vector<std::string>& places,
                                  const std::function<void(const std::string&)>& broken) {
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

    std::map<std::pair<std::uint64_t, std::string>, job_arenas> jobs;
    for (const std::string& file : files) {
        try {
            process_record p = read_header(arena_file{file, arena_file::access::copied});
            const std::uint64_t id = p.measured.job != 0 ? p.measured.job : p.run;
            job_arenas& job = jobs[{id, p.output}];
            job.job = id;
            job.output = p.output;
            job.processes.push_back(std::move(p));
        } catch (const std::exception& e) {
            broken(fmt::format("'{}' is left out: {}", file, e.what()));
        }
    }
    std::vector<job_arenas> found;
    for (auto& [key, job] : jobs) {
        std::sort(job.processes.begin(), job.processes.end(),
                  [](const auto& a, const auto& b) { return order_of(a) < order_of(b); });
        found.push_back(std::move(job));
    }
    return found;
}

bool is_delivered(const process_record& process, const job_arenas& job) {
    if (process.state == arena_state::delivered) return true;
    if (process.state != arena_state::handed_over) return false;
    return std::none_of(job.processes.begin(), job.processes.end(), [](const process_record& p) {
        return p.has_rank && p.measured.ranks.front().first == 0 &&
               p.state != arena_state::delivered;
    });
}

}  // namespace tim
