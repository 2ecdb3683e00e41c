#include "system/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <string_view>

extern char** environ;

namespace tim {
namespace {

/// Variables by which a process is taken for a rank of an MPI job, or is measured.
bool is_inherited(std::string_view assignment) {
    for (const std::string_view prefix :
         {"OMPI_", "PMIX_", "PMI_", "MPI_", "MPICH_", "HYDRA_", "HYDI_", "SLURM_", "PRTE_",
          "TIMEMORY_", "LD_PRELOAD=", "MPLBACKEND="})
        if (assignment.starts_with(prefix)) return false;
    return true;
}

}  // namespace

child_process::child_process(const std::vector<std::string>& command, const streams& s) {
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
    if (s.input >= 0)
        posix_spawn_file_actions_adddup2(&files, s.input, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, s.output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, s.errors, STDERR_FILENO);
    // We block signals while we write; the child must not.
    sigset_t nothing;
    sigemptyset(&nothing);
    sigset_t standard;
    sigemptyset(&standard);
    for (const int signal : {SIGPIPE, SIGCHLD, SIGINT, SIGTERM, SIGXFSZ})
        sigaddset(&standard, signal);
    posix_spawnattr_setsigmask(&attributes, &nothing);
    posix_spawnattr_setsigdefault(&attributes, &standard);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    error_ = posix_spawnp(&process_, arguments[0], &files, &attributes, arguments.data(),
                          variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
}

std::optional<int> child_process::wait_until(clock::time_point deadline) const {
    timespec pause{.tv_sec = 0, .tv_nsec = 200'000};
    while (true) {
        int status = 0;
        const pid_t ended = waitpid(process_, &status, WNOHANG);
        if (ended == process_) return status;
        if (ended < 0 && errno != EINTR) return 0;
        if (clock::now() >= deadline) return std::nullopt;
        nanosleep(&pause, nullptr);
        pause.tv_nsec = std::min(pause.tv_nsec * 2, 5'000'000L);
    }
}

std::optional<int> child_process::wait(clock::time_point deadline) {
    const std::optional<int> status = wait_until(deadline);
    if (!status) {
        kill(-process_, SIGKILL);
        wait_until(clock::now() + std::chrono::seconds{1});
    }
    return status;
}

pipe_ends::pipe_ends() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return;
    read = descriptor{ends[0]};
    write = descriptor{ends[1]};
}

std::optional<std::string> read_until(int end, child_process::clock::time_point deadline) {
    constexpr std::size_t most = 1 << 20;
    std::string text;
    std::array<char, 4096> piece{};
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                              deadline - child_process::clock::now())
                              .count();
        if (left <= 0) return std::nullopt;
        pollfd wanted{.fd = end, .events = POLLIN, .revents = 0};
        const int ready = poll(&wanted, 1, static_cast<int>(std::min<long>(left, 1000)));
        if (ready < 0 && errno != EINTR) return text;
        if (ready <= 0) continue;
        const ssize_t count = ::read(end, piece.data(), piece.size());
        if (count == 0 || (count < 0 && errno != EINTR)) return text;
        if (count > 0 && text.size() < most)
            text.append(piece.data(), static_cast<std::size_t>(count));
    }
}

std::string last_line(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    text = text.substr(text.find_last_of('\n') + 1);
    constexpr std::string_view name = "timemory: ";
    if (text.starts_with(name)) text.remove_prefix(name.size());
    return std::string{text};
}

}  // namespace tim
