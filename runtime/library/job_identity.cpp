#include "library/job_identity.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <charconv>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

#include "library/communicator.hpp"
#include "record/process_identity.hpp"

namespace tim {
namespace {

std::uint64_t now() noexcept {
    timespec t{};
    clock_gettime(CLOCK_REALTIME, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(t.tv_nsec);
}

std::uint64_t started = now();
/// Shared with children of forks, and with no other process.
const std::uint64_t family =
    XXH3_64bits_withSeed(&started, sizeof started, static_cast<std::uint64_t>(getpid()));

}  // namespace

std::uint64_t job_from_environment(bool launched) {
    const auto value_of = [](const char* name) -> std::string_view {
        const char* value = std::getenv(name);
        return value != nullptr ? value : "";
    };
    std::string job;
    if (launched)
        for (const char* name : {"PMIX_NAMESPACE", "PMI_JOBID"})
            if (job.empty()) job = value_of(name);
    if (job.empty() && launched && !value_of("SLURM_STEP_ID").empty())
        job = fmt::format("{}.{}", value_of("SLURM_JOB_ID"), value_of("SLURM_STEP_ID"));
    if (job.empty()) job = value_of("TIMEMORY_RUN");
    if (job.empty() && launched) job = hydra_job();
    for (const char* name : {"SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID"})
        if (job.empty()) job = value_of(name);
    return job.empty() ? 0 : XXH3_64bits(job.data(), job.size());
}

std::string spawned_job_from_environment() {
    const char* value = std::getenv("PMIX_NAMESPACE");
    const std::string_view space = value != nullptr ? value : "";
    // The number of the job is the lower half of Open MPI 4's namespaces, and stands behind the @
    // in those of PRRTE; the launcher's first job is 1.
    std::uint32_t number = 0;
    const std::string_view digits = space.substr(space.rfind('@') + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    number = error == std::errc{} && end == digits.data() + digits.size() ? number & 0xffff : 0;
    if (number > 1) return std::to_string(number - 1);
    const std::string hydra = hydra_job();
    const std::uint64_t job =
        hydra.empty() ? job_from_environment(true) : XXH3_64bits(hydra.data(), hydra.size());
    return fmt::format("{:x}", job);
}

std::uint64_t run_from_environment() noexcept {
    const char* run = std::getenv("TIMEMORY_RUN");
    return run != nullptr ? run_number(run) : family;
}

std::uint64_t process_started() noexcept {
    return started;
}
void started_by_fork() noexcept {
    started = now();
}

profile identified(profile p, bool launched) {
    p.job = job_from_environment(launched);
    p.started = started;
    return p;
}

}  // namespace tim
