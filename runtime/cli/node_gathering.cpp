#include "cli/node_gathering.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <thread>

#include "library/communicator.hpp"
#include "library/job_identity.hpp"
#include "profile/merge.hpp"
#include "record/process_identity.hpp"
#include "settings/settings.hpp"
#include "system/descriptor.hpp"

namespace tim::cli {
namespace {

/// One process has begun, or ended: then its serialised profile follows.
struct entry {
    std::uint32_t process;
    std::uint32_t rank;
    std::uint64_t process_start;  ///< as start_of_process()
    std::uint64_t profile_size;
    std::uint32_t ended;
    std::uint32_t unused;
};

/// The file, locked for this process alone while it lives.
class locked_file {
public:
    explicit locked_file(const std::string& path) {
        // The one that was waited for may have been removed meanwhile.
        for (struct stat about{}; about.st_nlink == 0;) {
            file_ = descriptor{
                open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_APPEND, 0600)};
            if (!file_ || flock(file_.get(), LOCK_EX) != 0 || fstat(file_.get(), &about) != 0) {
                file_.reset();
                return;
            }
        }
    }
    explicit operator bool() const { return static_cast<bool>(file_); }

    void clear() const {
        if (ftruncate(file_.get(), 0) != 0) return;
    }

    void add(const entry& e, std::span<const std::byte> profile) const {
        write_all(file_.get(), std::as_bytes(std::span{&e, 1}));
        write_all(file_.get(), profile);
    }

    /// Calls `use(entry, bytes of its profile)` for each that is whole.
    template <class Use>
    void for_each(Use use) const {
        struct stat about {};
        if (fstat(file_.get(), &about) != 0 || about.st_size == 0) return;
        const mapped_file all{file_.get()};
        for (std::span<const std::byte> left = all.bytes(); left.size() >= sizeof(entry);) {
            entry e{};
            std::memcpy(&e, left.data(), sizeof e);
            left = left.subspan(sizeof e);
            if (e.profile_size > left.size()) return;
            use(e, left.first(e.profile_size));
            left = left.subspan(e.profile_size);
        }
    }

    [[nodiscard]] std::chrono::seconds age() const {
        struct stat about {};
        if (fstat(file_.get(), &about) != 0) return {};
        return std::chrono::seconds{time(nullptr) - about.st_mtim.tv_sec};
    }

private:
    descriptor file_;
};

/// Who has taken part so far.
struct attendance {
    std::size_t begun = 0;
    std::size_t running = 0;
    bool has_rank = false;  ///< one that runs has the rank that was asked for
};

attendance attendance_of(const locked_file& file, std::uint32_t rank) {
    std::vector<entry> begun;
    file.for_each([&](const entry& e, std::span<const std::byte>) {
        if (e.ended == 0) return begun.push_back(e);
        for (entry& b : begun)
            if (b.process == e.process && b.process_start == e.process_start) b.ended = 1;
    });
    attendance a{.begun = begun.size()};
    for (const entry& e : begun) {
        if (e.ended != 0 || start_of_process(static_cast<pid_t>(e.process)) != e.process_start)
            continue;
        ++a.running;
        a.has_rank |= e.rank == rank;
    }
    return a;
}

std::optional<std::uint32_t> number_of(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{number}
                                                                    : std::nullopt;
}

/// Processes of the job on this node, as Open MPI, Hydra, PALS and torchrun say it; 0 if none does.
std::uint32_t processes_on_this_node() {
    for (const char* name :
         {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "PALS_LOCAL_SIZE", "LOCAL_WORLD_SIZE"})
        if (const char* value = std::getenv(name))
            if (const auto number = number_of(value)) return *number;
    return 0;
}

}  // namespace

node_gathering::node_gathering() {
    const auto launched = launch_position_from_environment();
    const std::uint64_t job = launched ? job_from_environment(true) : 0;
    expected_ = processes_on_this_node();
    if (job == 0 || expected_ < 2) return;
    rank_ = launched->rank;
    size_ = launched->size;
    const std::string path =
        fmt::format("{}/timemory-run-{:x}-{:x}", current_settings().arena_path, job, this_boot());
    try {
        const locked_file file{path};
        if (!file) return;
        constexpr std::chrono::seconds stale{60};
        const attendance before = attendance_of(file, rank_);
        // Of an earlier job of the same name, whose last process was killed.
        if (before.running == 0 && (before.begun >= expected_ || file.age() > stale)) file.clear();
        // A `timemory run` in another: the outer one measures this rank.
        if (before.has_rank) return;
        file.add({.process = static_cast<std::uint32_t>(getpid()),
                  .rank = rank_,
                  .process_start = start_of_process(getpid()),
                  .profile_size = 0,
                  .ended = 0,
                  .unused = 0},
                 {});
        file_ = path;
    } catch (const std::exception&) {
        return;  // what this process measures is then shown by itself
    }
}

std::vector<profile> node_gathering::give(std::optional<profile> own) {
    std::vector<profile> alone;
    std::vector<std::byte> bytes;
    if (own) {
        alone.push_back(file_.empty() ? std::move(*own) : seal(std::move(*own), rank_, size_));
        bytes = serialise(alone[0]);
    }
    if (file_.empty()) return alone;
    try {
        {
            const locked_file file{file_};
            if (!file) return alone;
            file.add({.process = static_cast<std::uint32_t>(getpid()),
                      .rank = rank_,
                      .process_start = start_of_process(getpid()),
                      .profile_size = bytes.size(),
                      .ended = 1,
                      .unused = 0},
                     bytes);
        }
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{2};
        while (true) {
            {
                const locked_file file{file_};
                if (!file) return {};
                const attendance now = attendance_of(file, rank_);
                if (now.begun == 0) unlink(file_.c_str());  // another has shown it: this is new
                if (now.begun == 0 || now.running > 0) return {};
                if (now.begun >= expected_ || std::chrono::steady_clock::now() > deadline) {
                    std::vector<profile> all;
                    file.for_each([&](const entry& e, std::span<const std::byte> profile) {
                        if (e.ended != 0 && !profile.empty()) all.push_back(deserialise(profile));
                    });
                    unlink(file_.c_str());
                    return all;
                }
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
    } catch (const std::exception&) {
        return alone;
    }
}

}  // namespace tim::cli
