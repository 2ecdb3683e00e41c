#include "output/plots.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>

extern char** environ;

namespace tim {
namespace {

using clock = std::chrono::steady_clock;

/// Variables by which a process is taken for a rank of an MPI job, or is measured.
bool is_inherited(std::string_view assignment) {
    for (const std::string_view prefix :
         {"OMPI_", "PMIX_", "PMI_", "MPI_", "MPICH_", "HYDRA_", "HYDI_", "SLURM_", "PRTE_",
          "TIMEMORY_", "LD_PRELOAD=", "MPLBACKEND="})
        if (assignment.starts_with(prefix)) return false;
    return true;
}

class pipe_ends {
public:
    pipe_ends() {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) == 0) {
            read_ = ends[0];
            write_ = ends[1];
        }
    }
    ~pipe_ends() {
        close_write();
        if (read_ >= 0) close(read_);
    }
    pipe_ends(const pipe_ends&) = delete;
    pipe_ends& operator=(const pipe_ends&) = delete;
    void close_write() {
        if (write_ >= 0) close(write_);
        write_ = -1;
    }
    [[nodiscard]] int read_end() const { return read_; }
    [[nodiscard]] int write_end() const { return write_; }

private:
    int read_ = -1;
    int write_ = -1;
};

struct started {
    pid_t process = -1;
    int error = 0;
};

/// In a process group of its own, so that it ends with all that it starts.
started start(const std::vector<std::string>& command, int output) {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    std::vector<char*> variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
        if (is_inherited(*entry)) variables.push_back(*entry);
    variables.push_back(nullptr);

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
    // We block signals while we write; the child must not.
    sigset_t nothing;
    sigemptyset(&nothing);
    sigset_t standard;
    sigemptyset(&standard);
    for (const int s : {SIGPIPE, SIGCHLD, SIGINT, SIGTERM, SIGXFSZ}) sigaddset(&standard, s);
    posix_spawnattr_setsigmask(&attributes, &nothing);
    posix_spawnattr_setsigdefault(&attributes, &standard);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    started s;
    s.error = posix_spawnp(&s.process, arguments[0], &files, &attributes, arguments.data(),
                           variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return s;
}

/// What the child says until it closes its output. Nothing if that takes too long.
std::optional<std::string> read_until(int end, clock::time_point deadline) {
    constexpr std::size_t most = 1 << 20;
    std::string text;
    std::array<char, 4096> piece{};
    while (true) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now()).count();
        if (left <= 0) return std::nullopt;
        pollfd wanted{.fd = end, .events = POLLIN, .revents = 0};
        const int ready = poll(&wanted, 1, static_cast<int>(std::min<long>(left, 1000)));
        if (ready < 0 && errno != EINTR) return text;
        if (ready <= 0) continue;
        const ssize_t count = read(end, piece.data(), piece.size());
        if (count == 0 || (count < 0 && errno != EINTR)) return text;
        if (count > 0 && text.size() < most)
            text.append(piece.data(), static_cast<std::size_t>(count));
    }
}

/// The child's exit status as from waitpid(); nothing if it does not end in time. A program that
/// reaps all its children, or ignores their end, leaves us none: then what the child said counts.
std::optional<int> wait_until(pid_t process, clock::time_point deadline) {
    int status = 0;
    while (true) {
        const pid_t ended = waitpid(process, &status, WNOHANG);
        if (ended == process) return status;
        if (ended < 0 && errno != EINTR) return 0;
        if (clock::now() >= deadline) return std::nullopt;
        const timespec moment{.tv_sec = 0, .tv_nsec = 5'000'000};
        nanosleep(&moment, nullptr);
    }
}

std::string last_line(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    return std::string{text.substr(text.find_last_of('\n') + 1)};
}

// What the child prints around each file name.
constexpr std::string_view before_name = "[plot]|0> Outputting '";
constexpr std::string_view behind_name = "'...";

std::vector<std::string> pictures_in(std::string_view text) {
    std::vector<std::string> files;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.starts_with(before_name) && line.ends_with(behind_name))
            files.emplace_back(line.substr(before_name.size(),
                                           line.size() - before_name.size() - behind_name.size()));
    }
    return files;
}

plot_outcome run(const std::string& python, const std::vector<std::string>& json_files,
                 std::chrono::milliseconds limit) {
    std::vector<std::string> command{python, "-m", "timemory.plotting", "-f"};
    command.insert(command.end(), json_files.begin(), json_files.end());
    pipe_ends output;
    if (output.write_end() < 0) return {{}, std::strerror(errno)};
    const auto deadline = clock::now() + limit;
    started child = start(command, output.write_end());
    if (child.error == ENOENT && python == "python") {
        // The default's name; many systems have only the other.
        command[0] = "python3";
        child = start(command, output.write_end());
    }
    if (child.error != 0)
        return {{}, fmt::format("cannot run '{}': {}", python, std::strerror(child.error))};
    output.close_write();
    const auto text = read_until(output.read_end(), deadline);
    const auto status = text ? wait_until(child.process, deadline) : std::nullopt;
    if (!status) {
        kill(-child.process, SIGKILL);
        wait_until(child.process, clock::now() + std::chrono::seconds{1});
        return {pictures_in(text.value_or("")),
                fmt::format("not ready within {} s", limit.count() / 1000)};
    }
    plot_outcome done{pictures_in(*text), {}};
    if (*status != 0 || done.files.empty()) {
        done.problem = last_line(*text);
        constexpr std::string_view name = "timemory: ";
        if (done.problem.starts_with(name)) done.problem.erase(0, name.size());
        if (done.problem.empty()) done.problem = fmt::format("'{}' failed", command[0]);
    }
    return done;
}

}  // namespace

plot_outcome make_plots(const std::string& python, const std::vector<std::string>& json_files,
                        std::chrono::milliseconds limit) noexcept {
    try {
        return run(python, json_files, limit);
    } catch (const std::exception& e) {
        return {};
    }
}

}  // namespace tim
