// `timemory run`: runs a command with what it needs in its environment, and stays out of its way.

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "cli/command_times.hpp"
#include "cli/commands.hpp"
#include "cli/mpi_wrappers.hpp"
#include "cli/node_gathering.hpp"
#include "input/result_file.hpp"
#include "library/communicator.hpp"
#include "library/lifecycle.hpp"
#include "measure/clock.hpp"
#include "output/place.hpp"
#include "record/process_identity.hpp"
#include "recovery/arena_search.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"
#include "system/installation.hpp"

namespace tim::cli {
namespace {

namespace fs = std::filesystem;

using environment = std::vector<std::pair<std::string, std::string>>;

/// Files before the command ran: those that are new or others afterwards are its own.
class files_before {
public:
    explicit files_before(std::string folder) : folder_(std::move(folder)) {
        for (const std::string& file : present()) known_[file] = state_of(file);
    }
    [[nodiscard]] std::vector<std::string> new_ones() const {
        std::vector<std::string> files = present();
        std::erase_if(files, [&](const std::string& file) {
            const auto before = known_.find(file);
            return before != known_.end() && before->second == state_of(file);
        });
        return files;
    }

private:
    [[nodiscard]] std::vector<std::string> present() const {
        std::error_code error;
        return fs::is_directory(folder_, error) ? profiles_in(folder_) : std::vector<std::string>{};
    }
    using state = std::tuple<ino_t, time_t, long>;
    static state state_of(const std::string& file) {
        struct stat about {};
        if (stat(file.c_str(), &about) != 0) return {};
        return {about.st_ino, about.st_mtim.tv_sec, about.st_mtim.tv_nsec};
    }
    std::string folder_;
    std::map<std::string, state> known_;
};

std::string random_id() {
    std::ifstream file{"/proc/sys/kernel/random/uuid"};
    std::string id;
    std::getline(file, id);
    return id.empty() ? fmt::format("{}-{}", getpid(), time(nullptr)) : id;
}

/// CUDA and NVTX open the library when the command uses them. What cannot work is said here:
/// without a driver nobody would ever open it.
void measure_gpus(environment& added) {
    const std::string library = installed_library("libtimemory-cupti.so");
    if (library.empty())
        return say_once_per_job(
            "run --gpu: GPU activity is not measured: libtimemory-cupti.so is not installed (it is "
            "built "
            "where CUPTI's headers are)");
    added.emplace_back("NVTX_INJECTION64_PATH", library);
    added.emplace_back("CUDA_INJECTION64_PATH", library);
    if (void* driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL))
        dlclose(driver);
    else
        say_once_per_job(
            "run --gpu: GPU activity is not measured: there is no CUDA driver (libcuda.so.1)");
}

/// What is given to the command besides our own environment.
environment environment_for(const std::string& output, const run_request& request) {
    environment added;
    for (const setting_info& row : setting_table())
        if (setting_origin_of(row.name) == "command line")
            added.emplace_back(row.environment, get_setting(row.name).value_or(""));
    if (!output.empty()) added.emplace_back("TIMEMORY_OUTPUT_PATH", output);
    // Behind a launcher each rank has a `timemory run` of its own, and they are one job.
    if (std::getenv("TIMEMORY_RUN") == nullptr && !launch_position_from_environment())
        added.emplace_back("TIMEMORY_RUN", random_id());
    if (request.gpu) measure_gpus(added);
    if (!request.merge) return added;
    // The outputs are written once, from what the processes leave.
    for (const char* on : {"AUTO", "FILE", "PROFILE"})
        added.emplace_back(fmt::format("TIMEMORY_{}_OUTPUT", on), "on");
    for (const char* off :
         {"COUT", "TEXT", "JSON", "TREE", "FLAMEGRAPH", "DART", "DIFF", "PLOT", "TIME"})
        added.emplace_back(fmt::format("TIMEMORY_{}_OUTPUT", off), "off");
    added.emplace_back("TIMEMORY_CTEST_NOTES", "off");
    return added;
}

/// As arena_record::run; 0 if the command is told none.
std::uint64_t run_of(const environment& added) {
    const char* given = std::getenv("TIMEMORY_RUN");
    std::string run = given != nullptr ? given : "";
    for (const auto& [name, value] : added)
        if (name == "TIMEMORY_RUN") run = value;
    return run.empty() ? 0 : run_number(run);
}

/// The folder that all processes of the command write to, as an absolute path: they may change
/// theirs.
std::string output_folder_for(const std::string& asked, const std::string& command) {
    settings s = current_settings();
    if (!asked.empty())
        s.output_path = asked;
    else if (setting_origin_of("output_path") == "default")
        s.output_path = output_folder(command);
    s.time_output = false;
    s = placed(s, {.rank = 0, .size = 1, .arguments = command_line()});
    std::error_code error;
    const fs::path absolute = fs::absolute(s.output_path, error);
    return error ? s.output_path : absolute.string();
}

/// Signals that end a program, or that one is told things with. Sent to us they are meant for the
/// command.
constexpr int passed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

/// A child process. Signals are blocked here while it lives, so that none ends us before it ends.
class child {
public:
    child() {
        sigemptyset(&waited_for_);
        sigaddset(&waited_for_, SIGCHLD);
        for (const int s : passed_on) sigaddset(&waited_for_, s);
        struct sigaction standard {};
        standard.sa_handler = SIG_DFL;  // ignored, it would leave no status
        sigaction(SIGCHLD, &standard, &chld_before_);
        sigprocmask(SIG_BLOCK, &waited_for_, &mask_before_);
    }
    ~child() {
        sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
        sigaction(SIGCHLD, &chld_before_, nullptr);
    }
    child(const child&) = delete;
    child& operator=(const child&) = delete;

    /// 0, or the errno of what failed.
    int start(const std::vector<std::string>& command, const environment& added) {
        int failure[2];  // closed by a successful exec
        if (pipe2(failure, O_CLOEXEC) != 0) return errno;
        std::vector<char*> words;
        words.reserve(command.size() + 1);
        for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        began_ = monotonic_ns();
        pid_ = fork();
        if (pid_ > 0) process_start_ = start_of_process(pid_);
        if (pid_ == 0) {
            sigaction(SIGCHLD, &chld_before_, nullptr);
            sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
            for (const auto& [name, value] : added) setenv(name.c_str(), value.c_str(), 1);
            execvp(words[0], words.data());
            const int error = errno;
            [[maybe_unused]] const ssize_t said = write(failure[1], &error, sizeof error);
            _exit(not_found);
        }
        int error = pid_ < 0 ? errno : 0;
        close(failure[1]);
        if (pid_ > 0 && read(failure[0], &error, sizeof error) > 0) waitpid(pid_, nullptr, 0);
        close(failure[0]);
        return error;
    }

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// As start_of_process().
    [[nodiscard]] std::uint64_t process_start() const noexcept { return process_start_; }

    /// The status as waitpid() gives it, when the child has ended, and what it took.
    int wait(command_usage& usage) const {
        for (;;) {
            siginfo_t info{};
            // Only looked at: /proc knows it until it is waited for.
            if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                info.si_pid == pid_) {
                usage.wall = monotonic_ns() - began_;
                usage.io = io_of(pid_);
                int status = 0;
                if (wait4(pid_, &status, 0, &usage.usage) == pid_) return status;
            }
            const int signal = sigwaitinfo(&waited_for_, &info);
            // What the kernel sends, as for a key, goes to all processes of the terminal's job.
            if (signal > 0 && signal != SIGCHLD && info.si_code <= 0) kill(pid_, signal);
        }
    }

private:
    sigset_t waited_for_;
    sigset_t mask_before_;
    struct sigaction chld_before_ {};
    pid_t pid_ = -1;
    std::uint64_t process_start_ = 0;
    std::int64_t began_ = 0;
};

/// Ends as the command did: with its exit code, or by its signal.
int end_as(int status) {
    if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
    const int signal = WTERMSIG(status);
    const rlimit no_core{};  // the command's is enough
    setrlimit(RLIMIT_CORE, &no_core);
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    sigaction(signal, &standard, nullptr);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signal);
    sigprocmask(SIG_UNBLOCK, &only, nullptr);
    std::fflush(nullptr);
    raise(signal);
    return 128 + signal;
}

}  // namespace

int run(const run_request& request) {
    const std::vector<std::string>& command = request.command;
    if (command.empty()) {
        say("there is no command to run; see 'timemory run --help'");
        return wrong_usage;
    }
    const auto launched = launch_position_from_environment();
    if (request.merge && launched && launched->size > 1) {
        say("run --merge stands in front of the launcher, not behind it: timemory run --merge -- "
            "mpirun ...");
        return wrong_usage;
    }
    std::string wrappers;
    if (request.mpi) {
        std::string why;
        wrappers = mpi_wrappers_for(command.front(), why);
        if (wrappers.empty() && (!launched || launched->rank == 0))
            say(fmt::format("run --mpi: no MPI call is measured: {}", why));
    }
    std::string folder;
    if (request.merge || !request.output.empty())
        folder = output_folder_for(request.output, command.front());
    const files_before before(folder);

    int status = 0;
    ended_command ended;
    command_usage usage{.name = fs::path{command.front()}.filename().string()};
    std::optional<node_gathering> others;
    if (!request.quiet && !request.merge) others.emplace();
    const auto show = [&](std::optional<profile> own) {
        if (!others) return;
        if (const std::vector<profile> all = others->give(std::move(own)); !all.empty())
            print_times(all, fmt::format("{}", fmt::join(command, " ")), stderr);
    };
    environment added = environment_for(folder, request);
    if (!wrappers.empty()) {
        const char* preloaded = std::getenv("LD_PRELOAD");
        added.emplace_back("LD_PRELOAD", preloaded != nullptr && *preloaded != 0
                                             ? fmt::format("{}:{}", wrappers, preloaded)
                                             : wrappers);
    }
    {
        child c;
        if (const int error = c.start(command, added); error != 0) {
            say(fmt::format("cannot run '{}': {}", command.front(), std::strerror(error)));
            show({});
            return error == ENOENT ? not_found : cannot_execute;
        }
        status = c.wait(usage);
        ended = {.run = run_of(added),
                 .pid = static_cast<std::uint32_t>(c.pid()),
                 .process_start = c.process_start(),
                 .status = static_cast<std::uint32_t>(status)};
    }
    const std::vector<std::string> died = save_arenas(ended);
    if (request.merge && !died.empty()) {
        for (const std::string& place : died) recover({.inputs = {place}, .announce = stderr});
    } else if (request.merge) {
        if (std::vector<std::string> left = before.new_ones(); !left.empty())
            merge_profiles({.inputs = std::move(left), .output = folder, .announce = stderr});
        else
            say(fmt::format("there is nothing to merge: '{}' left no profile in '{}'",
                            command.front(), folder));
    }
    show(profile_of(usage));
    return end_as(status);
}

}  // namespace tim::cli
