#include "library/delivery.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <string>

#include "fold/reduce.hpp"
#include "library/communicator.hpp"
#include "library/job_identity.hpp"
#include "library/results.hpp"
#include "output/call_sites.hpp"
#include "output/place.hpp"
#include "output/profile_file.hpp"
#include "output/timeline.hpp"
#include "profile/merge.hpp"
#include "record/snapshot.hpp"
#include "settings/say.hpp"

namespace tim {
namespace {

reduce_options options_for_fold(const settings& s) {
    return {.collapse_ranks = s.collapse_processes,
            .groups = static_cast<std::uint32_t>(std::max<std::int64_t>(s.node_count, 1)),
            .timeout = std::chrono::seconds{s.finalize_timeout},
            .max_paths = static_cast<std::uint32_t>(s.max_paths)};
}

result as_result(profile p, const settings& s, bool mpi) {
    result r;
    r.profiles.push_back(std::move(p));
    r.mpi = mpi;
    r.collapsed_threads = s.collapse_threads;
    r.collapsed_ranks = s.collapse_processes || !mpi;
    return r;
}

bool wants_profiles(const settings& s) {
    return s.profile_output && s.auto_output && s.file_output;
}

/// This process without MPI, for `timemory merge`. Named after its rank, if a launcher gave it one,
/// and itself: a rank may have several processes, and hosts that share the folder give the same
/// numbers.
void write_process_profile(profile p) {
    if (!has_rows(p)) return;
    const auto launched = launch_position_from_environment();
    p = identified(std::move(p), launched.has_value());
    std::string name = fmt::format("pid{}-{:x}", getpid(), process_started());
    if (launched) {
        p = seal(std::move(p), launched->rank, launched->size);
        name = fmt::format("{}-{}", launched->rank, name);
    }
    const launch_position where = launched.value_or(launch_position{});
    std::string path;
    write_profile(p, settings_of_rank(where.rank, where.size), name,
                  fmt::format("the profile of process {}", getpid()), path);
}

/// Below `output_path`; empty where MPI_Comm_spawn has not started this job.
std::string folder_of_spawned;

}  // namespace

void note_spawned() {
    folder_of_spawned = "spawned-" + spawned_job_from_environment();
}

settings settings_of_rank(std::uint32_t rank, std::uint32_t size) {
    settings s = current_settings();
    if (!folder_of_spawned.empty() && !names_process(s.output_path + s.output_prefix))
        s.output_path += (s.output_path.empty() ? "" : "/") + folder_of_spawned;
    return placed(std::move(s), {.rank = rank, .size = size, .arguments = command_line()});
}

settings own_file_settings(bool child_of_fork) {
    const settings given = current_settings();
    const launch_position launched = launch_position_from_environment().value_or(launch_position{});
    settings s = settings_of_rank(launched.rank, launched.size);
    const std::string names = given.output_path + given.output_prefix;
    std::string own;
    if (child_of_fork) {
        own = names_process(names) ? "" : std::to_string(getpid());
        s.cout_output = false;  // of many children the tables would drown what the program prints
    } else if (launched.size > 1) {
        own = names_process(names) || names_rank(names) ? "" : std::to_string(launched.rank);
    }
    if (own.empty()) return s;
    for (std::string* prefix : {&s.output_prefix, &s.input_prefix})
        *prefix += prefix->empty() ? own : "-" + own;
    return s;
}

void write_laps(const settings& s, std::optional<std::uint32_t> rank) {
    if (!s.timeline_profile || !s.auto_output || !s.file_output) return;
    if (const auto laps = take_timeline(); !laps.empty()) write_timeline(laps, s, rank);
}

bool write_local(profile p, const settings& s, std::FILE* announce) {
    if (wants_profiles(s)) write_process_profile(p);
    result r = as_result(seal(std::move(p), 0, 1), s, false);
    if (s.auto_output) name_call_sites(r);
    return write_results(r, s, announce) == 0;
}

bool fold_and_write(profile mine, const communicator& mpi, const settings& s, std::FILE* announce) {
    const std::uint32_t rank = mpi.rank();
    mine = identified(std::move(mine), true);
    // Mostly all ranks call from the same places: rank 0's are looked up while it waits for others.
    std::future<frame_names> sites;
    if (rank == 0 && s.auto_output) sites = look_up_call_sites(mine);
    reduce_outcome outcome =
        reduce(seal(std::move(mine), rank, mpi.size()), mpi, options_for_fold(s));
    bool written = true;
    for (const profile& p : outcome.undelivered)
        if (has_rows(p) && s.auto_output && s.file_output)
            written &= write_fallback(p, s, rank, outcome.reason);
    if (outcome.results.empty()) return confirm(outcome, mpi, written);
    if (outcome.missing > 0)
        say(
            fmt::format("the profiles of {} ranks did not arrive within {} s and are not in "
                        "the result; TIMEMORY_FINALIZE_TIMEOUT sets the time, and 'timemory merge "
                        "{}' joins what they leave there",
                        outcome.missing, s.finalize_timeout, s.output_path));
    // With what the others leave, `timemory merge` has all.
    if (wants_profiles(s) || (outcome.missing > 0 && s.auto_output && s.file_output))
        for (const profile& p : outcome.results) {
            std::string path;
            if (has_rows(p))
                written &= write_profile(p, s, name_of_ranks(p), "the profile of all ranks", path);
        }
    result r;
    r.profiles = std::move(outcome.results);
    r.mpi = true;
    r.collapsed_ranks = s.collapse_processes && s.node_count <= 1;
    r.collapsed_threads = s.collapse_threads;
    if (s.auto_output) name_call_sites(r, std::move(sites));
    written &= write_results(r, s, announce) == 0;
    const bool late =
        mpi.size() > 1 && outcome.missing == 0 && std::chrono::steady_clock::now() >= outcome.until;
    if (late && written)
        say(
            fmt::format("the results are whole, but the other ranks had given up waiting for them "
                        "after {} s, and keep what they recorded, too; TIMEMORY_FINALIZE_TIMEOUT "
                        "sets the time",
                        s.finalize_timeout));
    // Of a job either all ranks' recordings are kept or none: a part is no use to `recover`.
    return confirm(outcome, mpi, written) && !late;
}

bool write_own_profile(profile p, std::uint32_t rank, const char* reason) {
    const auto launched = launch_position_from_environment();
    const std::uint32_t size = launched ? launched->size : rank + 1;
    const settings s = settings_of_rank(rank, size);
    write_laps(s, rank);
    p = identified(seal(std::move(p), rank, size), true);
    return !has_rows(p) || !s.auto_output || !s.file_output || write_fallback(p, s, rank, reason);
}

}  // namespace tim
