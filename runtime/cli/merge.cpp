// `timemory merge`: what ranks and processes left in files becomes one result.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "cli/commands.hpp"
#include "fold/join.hpp"
#include "input/result_file.hpp"
#include "library/results.hpp"
#include "output/call_sites.hpp"
#include "output/place.hpp"
#include "output/profile_file.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view extension = ".timemory";

/// The files that are meant; false after a line for each input that is not there.
bool find_files(const merge_request& request, std::vector<std::string>& files) {
    bool all = true;
    for (const std::string& input : request.inputs) {
        std::error_code error;
        if (!fs::exists(input, error)) {
            say(fmt::format("there is no '{}'", input));
            all = false;
        } else if (!fs::is_directory(input, error)) {
            files.push_back(input);
        } else {
            for (std::string& file : profiles_in(input)) files.push_back(std::move(file));
        }
    }
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    return all;
}

/// What the files hold; false after a line for each that can't be read.
bool describe_files(const std::vector<std::string>& files, std::vector<piece>& pieces) {
    bool all = true;
    for (const std::string& file : files) {
        try {
            pieces.push_back(describe(read_profile(file), file));
        } catch (const std::exception& e) {
            say(fmt::format("'{}' is left out: {}", file, e.what()));
            all = false;
        }
    }
    return all;
}

/// Keeps the pieces of one job. Empty, or what is wrong.
std::string choose_job(std::vector<piece>& pieces, const std::string& wanted) {
    std::map<std::uint64_t, std::vector<const piece*>> jobs;
    for (const piece& p : pieces) jobs[p.job].push_back(&p);
    std::uint64_t chosen = jobs.begin()->first;
    if (!wanted.empty()) {
        const std::optional<std::uint64_t> number = job_number(wanted);
        chosen = number.value_or(0);
        if (number && jobs.contains(chosen)) jobs = {};
    }
    if (jobs.size() > 1 || (!wanted.empty() && !jobs.empty())) {
        std::string list;
        for (const auto& [job, of_job] : jobs)
            list += fmt::format("{}{:x} ({} file{}, as '{}')", list.empty() ? "" : ", ", job,
                                of_job.size(), of_job.size() == 1 ? "" : "s", of_job.front()->file);
        return wanted.empty()
                   ? fmt::format("there are profiles of several jobs; --job chooses one: {}", list)
                   : fmt::format("no profile is of the job '{}'; there are: {}", wanted, list);
    }
    std::erase_if(pieces, [chosen](const piece& p) { return p.job != chosen; });
    return {};
}

/// The settings as the writers need them.
settings output_settings(const merge_request& request, std::uint32_t size) {
    settings s = current_settings();
    const std::string& first = request.inputs.front();
    if (!request.output.empty()) {
        s.output_path = request.output;
    } else if (setting_origin_of("output_path") != "command line") {
        std::error_code error;
        s.output_path =
            fs::is_directory(first, error) ? first : fs::path(first).parent_path().string();
    }
    s.auto_output = true;
    return placed(s, {.rank = 0, .size = size, .arguments = command_line()});
}

exit_code fail(const std::string& why) {
    say(why);
    return failed;
}

}  // namespace

std::optional<std::uint64_t> job_number(std::string_view text) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, 16);
    if (error != std::errc{} || stop != end) return {};
    return number;
}

exit_code merge_profiles(const merge_request& request) {
    const settings given = current_settings();
    const join_options options{
        .collapse_ranks = given.collapse_processes,
        .groups = static_cast<std::uint32_t>(std::max<std::int64_t>(given.node_count, 1)),
        .collapse_threads = given.collapse_threads,
        .max_paths = static_cast<std::uint32_t>(given.max_paths)};
    const bool into_one = options.collapse_ranks && options.groups <= 1;

    std::vector<std::string> files;
    bool whole = find_files(request, files);
    std::vector<piece> pieces;
    whole &= describe_files(files, pieces);
    if (pieces.empty()) {
        if (!files.empty() || !whole) return failed;
        return fail(
            fmt::format("there is no profile (*{}) in '{}': TIMEMORY_PROFILE_OUTPUT=on "
                        "makes programs leave them",
                        extension, request.inputs.front()));
    }
    if (std::string wrong = choose_job(pieces, request.job); !wrong.empty()) return fail(wrong);
    const join_plan plan = plan_join(pieces, options);
    for (const std::string& line : plan.remarks) say(line);
    if (!plan.refusal.empty()) return fail(plan.refusal);
    if (!plan.missing.empty())
        say(fmt::format("of {} ranks these are missing: {}", plan.world_size,
                        ranks_text(plan.missing)));

    result r;
    r.profiles = join(plan, pieces, options, [](const piece& p) { return read_profile(p.file); });
    r.mpi = plan.world_size > 1;
    r.collapsed_ranks = into_one || !r.mpi;
    r.collapsed_threads = options.collapse_threads;
    if (std::string wrong = keep_components(r.profiles, request.components); !wrong.empty())
        return fail(wrong);
    if (!request.profile.empty()) {
        if (r.profiles.size() > 1)
            return fail("--profile holds one profile: ranks that are kept apart have one each");
        if (!write_profile_to(r.profiles.front(), request.profile, "the merged profile"))
            whole = false;
    }
    name_call_sites(r);
    if (write_results(r, output_settings(request, plan.world_size), request.announce) > 0)
        whole = false;
    return whole ? ok : failed;
}

}  // namespace tim::cli
