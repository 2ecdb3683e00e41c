#include "output/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <new>
#include <string_view>
#include <utility>

namespace tim {
namespace {

constexpr std::array signals{SIGPIPE, SIGXFSZ, SIGCHLD};

/// A file that appears under its name only when it is whole.
class new_file {
public:
    explicit new_file(std::string path) : path_(std::move(path)) {
        const std::size_t slash = path_.rfind('/');
        const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
        temporary_ =
            fmt::format("{}.{}.{}.tmp", path_.substr(0, name), path_.substr(name), getpid());
        unlink(temporary_.c_str());  // of a process before us with our number
        descriptor_ =
            open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (descriptor_ < 0) error_ = errno;
    }
    ~new_file() {
        if (descriptor_ < 0) return;
        close(descriptor_);
        unlink(temporary_.c_str());
    }
    new_file(const new_file&) = delete;
    new_file& operator=(const new_file&) = delete;

    /// After an error the rest is ignored.
    void write(std::string_view text) {
        while (error_ == 0 && !text.empty()) {
            const ssize_t count = ::write(descriptor_, text.data(), text.size());
            if (count > 0)
                text.remove_prefix(static_cast<std::size_t>(count));
            else if (count == 0)
                error_ = ENOSPC;
            else if (errno != EINTR)
                error_ = errno;
        }
    }

    /// Gives the file its name. 0, or the errno of the first thing that failed.
    int finish() {
        if (descriptor_ < 0) return error_;
        // Some file systems say only now that there was no space.
        if (close(descriptor_) != 0 && error_ == 0) error_ = errno;
        descriptor_ = -1;
        if (error_ == 0 && std::rename(temporary_.c_str(), path_.c_str()) != 0) error_ = errno;
        if (error_ != 0) unlink(temporary_.c_str());
        return error_;
    }

private:
    std::string path_;
    std::string temporary_;
    int descriptor_ = -1;
    int error_ = 0;
};

}  // namespace

blocked_signals::blocked_signals() {
    sigemptyset(&set_);
    for (const int s : signals) sigaddset(&set_, s);
    sigset_t pending;
    sigpending(&pending);
    caused_by_us_ = set_;
    for (const int s : signals)
        if (sigismember(&pending, s) == 1) sigdelset(&caused_by_us_, s);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
}

blocked_signals::~blocked_signals() {
    constexpr timespec at_once{};
    bool child_ended = false;
    while (const int taken = sigtimedwait(&caused_by_us_, nullptr, &at_once)) {
        if (taken < 0) break;
        child_ended |= taken == SIGCHLD;
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    // Ours has been waited for. If one of the program's ended meanwhile, the two were one signal.
    siginfo_t others{};
    if (child_ended && waitid(P_ALL, 0, &others, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        others.si_pid != 0)
        kill(getpid(), SIGCHLD);
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

int make_folder(const std::string& folder) {
    for (std::size_t end = 0; end != std::string::npos;) {
        end = folder.find('/', end + 1);
        const std::string part = folder.substr(0, end);
        if (mkdir(part.c_str(), 0777) == 0 || errno == EEXIST) continue;
        const int error = errno;
        // A folder that exists may be on a read-only file system, where mkdir says that instead.
        struct stat existing;
        if (stat(part.c_str(), &existing) != 0 || !S_ISDIR(existing.st_mode)) return error;
    }
    struct stat made;
    if (stat(folder.c_str(), &made) != 0) return errno;
    return S_ISDIR(made.st_mode) ? 0 : ENOTDIR;
}

int write_file(const std::string& path, const std::function<void(const sink&)>& produce) {
    new_file file{path};
    try {
        produce([&file](std::string_view piece) { file.write(piece); });
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
    return file.finish();
}

std::future<int> start_file(std::string path, std::function<void(const sink&)> produce) {
    const all_signals_blocked guard;
    return std::async(std::launch::async | std::launch::deferred, write_file, std::move(path),
                      std::move(produce));
}

std::string advice(int error) {
    switch (error) {
        case ENOSPC:
        case EDQUOT:
            return "free space there or set TIMEMORY_OUTPUT_PATH to another folder";
        case EFBIG:
            return "raise the limit on the size of files (ulimit -f)";
        case ENOMEM:
            return "set TIMEMORY_COMPONENTS to fewer components or lower TIMEMORY_MAX_PATHS";
        default:
            return "set TIMEMORY_OUTPUT_PATH to a folder that can be written";
    }
}

}  // namespace tim
