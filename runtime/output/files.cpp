#include "output/files.hpp"

#include "output/timeline.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio_ext.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
#include <new>
#include <string_view>
#include <vector>

namespace tim {
namespace {

/// Keeps a closed pipe behind stdout (SIGPIPE) and a limit on the size of files (SIGXFSZ) from
/// ending the measured program: while it lives, both are errors of write(2).
class blocked_signals {
public:
    blocked_signals() {
        sigemptyset(&set_);
        for (const int s : signals) sigaddset(&set_, s);
        sigset_t pending;
        sigpending(&pending);
        caused_by_us_ = set_;
        for (const int s : signals)
            if (sigismember(&pending, s) == 1) sigdelset(&caused_by_us_, s);
        pthread_sigmask(SIG_BLOCK, &set_, &before_);
    }
    ~blocked_signals() {
        constexpr timespec at_once{};
        while (sigtimedwait(&caused_by_us_, nullptr, &at_once) > 0) {
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    blocked_signals(const blocked_signals&) = delete;
    blocked_signals& operator=(const blocked_signals&) = delete;

    /// What is pending now is the program's own doing: it gets the signal at the end.
    void pending_is_the_programs() { sigemptyset(&caused_by_us_); }

private:
    static constexpr std::array<int, 2> signals{SIGPIPE, SIGXFSZ};
    sigset_t set_;
    sigset_t caused_by_us_;
    sigset_t before_;
};

/// Writes to a stream of the program's without leaving a trace if that fails: neither text that
/// exit() would try to write again, nor an error indicator. What the program itself has in the
/// buffer is flushed first; if that fails, the program gets the error or the signal that it would
/// have got at exit.
class announcer {
public:
    announcer(std::FILE* stream, blocked_signals& signals) : stream_(stream) {
        if (stream_ == nullptr || std::ferror(stream_) != 0) stream_ = nullptr;
        if (stream_ == nullptr || __fpending(stream_) == 0 || std::fflush(stream_) == 0) return;
        signals.pending_is_the_programs();
        stream_ = nullptr;
    }

    void write(std::string_view text) {
        if (stream_ == nullptr) return;
        if (std::fwrite(text.data(), 1, text.size(), stream_) != text.size()) give_up();
    }

    void finish() {
        if (stream_ != nullptr && std::fflush(stream_) != 0) give_up();
    }

private:
    void give_up() {
        __fpurge(stream_);
        std::clearerr(stream_);
        stream_ = nullptr;
    }

    std::FILE* stream_;
};

/// Makes a folder and those above it. 0, or an errno.
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

std::string path_without_extension(const settings& s, std::string_view label) {
    std::string path = s.output_path.empty() ? "." : s.output_path;
    if (path.back() != '/') path += '/';
    path += s.output_prefix;
    if (!s.output_prefix.empty()) {
        const char last = s.output_prefix.back();
        const bool alphanumeric = (last >= '0' && last <= '9') || (last >= 'a' && last <= 'z') ||
                                  (last >= 'A' && last <= 'Z');
        if (alphanumeric) path += '-';
    }
    for (const char c : label) path += c == '/' ? '_' : c;
    return path;
}

namespace {

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
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

/// What could not be written: one line for each cause.
class failures {
public:
    void add(int error, const std::string& path) {
        auto& [first, count] = by_error_[error];
        if (count++ == 0) first = path;
        ++count_;
    }
    [[nodiscard]] int count() const { return count_; }

    void report() const {
        for (const auto& [error, what] : by_error_) {
            const auto& [first, count] = what;
            const std::string more =
                count == 1 ? ""
                           : fmt::format(" and {} more file{}", count - 1, count == 2 ? "" : "s");
            const std::string line = fmt::format("timemory: cannot write '{}'{}: {}; {}\n", first,
                                                 more, std::strerror(error), advice(error));
            std::fputs(line.c_str(), stderr);
        }
    }

private:
    std::map<int, std::pair<std::string, int>> by_error_;
    int count_ = 0;
};

using writer = void (*)(const result&, std::string_view, const settings&, const sink&);

struct output_kind {
    std::string_view extension;
    bool settings::*wanted;
    writer write;
};

constexpr std::array<output_kind, 3> kinds{{
    {".json", &settings::json_output,
     [](const result& r, std::string_view id, const settings& s, const sink& out) {
         write_json(r, id, s, true, out);
     }},
    {".tree.json", &settings::tree_output,
     [](const result& r, std::string_view id, const settings& s, const sink& out) {
         write_tree(r, id, s, true, out);
     }},
    {".txt", &settings::text_output,
     [](const result& r, std::string_view id, const settings& s, const sink& out) {
         write_text(r, id, s, true, out);
     }},
}};

const component_description& description_of(const result& r, std::string_view id) {
    for (const profile& p : r.profiles)
        if (const component_columns* c = p.find(id)) return c->what;
    static const component_description none;  // components_of() lists only what is there
    return none;
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

/// All outputs of one component.
void write_component(const result& r, std::string_view id, const settings& s, bool folder_works,
                     announcer& announce, failures& failed) {
    const std::string label = description_of(r, id).label;
    const std::string base = path_without_extension(s, label);
    bool announced = false;
    for (const output_kind& kind : kinds) {
        if (!s.file_output || !(s.*kind.wanted)) continue;
        const std::string path = base + std::string{kind.extension};
        if (!folder_works) {
            failed.add(0, path);
            continue;
        }
        const int error = write_file(path, [&](const sink& out) { kind.write(r, id, s, out); });
        if (error != 0) {
            failed.add(error, path);
            continue;
        }
        announce.write(fmt::format("[{}]|0> Outputting '{}'...\n", label, path));
        announced = true;
    }
    if (announced) announce.write("\n");
    if (s.cout_output) {
        write_text(r, id, s, true, [&announce](std::string_view piece) { announce.write(piece); });
        announce.write("\n");
    }
}

}  // namespace

int write_outputs(const result& r, const settings& s, std::FILE* announce) {
    try {
        const std::vector<std::string> ids = components_of(r);
        if (ids.empty()) return 0;
        blocked_signals guard;
        announcer out{announce, guard};
        failures failed;
        int folder_error = 0;
        const bool files = s.file_output && (s.json_output || s.tree_output || s.text_output);
        const std::string folder = folder_of(path_without_extension(s, ""));
        if (files) folder_error = make_folder(folder);
        for (const std::string& id : ids) write_component(r, id, s, folder_error == 0, out, failed);
        out.finish();
        if (folder_error == 0) {
            failed.report();
        } else {
            const std::string line =
                fmt::format("timemory: cannot make the output folder '{}': {}; {}\n", folder,
                            std::strerror(folder_error), advice(folder_error));
            std::fputs(line.c_str(), stderr);
        }
        return failed.count();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "timemory: cannot write the results: %s\n", e.what());
        return 1;
    }
}

bool write_timeline(std::span<const lap_event> laps, const settings& s,
                    std::optional<std::uint32_t> rank) {
    try {
        const blocked_signals guard;
        const std::string path =
            path_without_extension(s, rank ? fmt::format("timeline-{}", *rank) : "timeline") +
            ".json";
        int error = make_folder(folder_of(path));
        if (error == 0)
            error = write_file(path, [&](const sink& out) {
                write_trace(laps, rank ? *rank : static_cast<std::uint64_t>(getpid()), out);
            });
        failures failed;
        if (error != 0) failed.add(error, path);
        failed.report();
        return error == 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "timemory: cannot write the timeline: %s\n", e.what());
        return false;
    }
}

bool write_fallback(const profile& p, const settings& s, std::uint32_t rank,
                    const std::string& reason) {
    try {
        const blocked_signals guard;
        const std::string path =
            path_without_extension(s, fmt::format("profile-{}", rank)) + ".timemory";
        int error = make_folder(folder_of(path));
        if (error == 0)
            error = write_file(path, [&p](const sink& out) {
                const std::vector<std::byte> bytes = serialise(p);
                out({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
            });
        const std::string line =
            error == 0
                ? fmt::format("timemory: rank {} wrote its own profile to '{}': {}\n", rank, path,
                              reason)
                : fmt::format(
                      "timemory: the profile of rank {} is lost ({}): cannot write '{}': {}; {}\n",
                      rank, reason, path, std::strerror(error), advice(error));
        std::fputs(line.c_str(), stderr);
        return error == 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "timemory: the profile of rank %u is lost: %s\n", rank, e.what());
        return false;
    }
}

}  // namespace tim
