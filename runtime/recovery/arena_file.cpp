#include "recovery/arena_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "record/process_identity.hpp"
#include "system/descriptor.hpp"

namespace tim {
namespace {

constexpr std::string_view beginning = "timemory-";
constexpr std::string_view ending = ".arena";

[[noreturn]] void fail(const char* what) {
    throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

/// A plain file of this user.
struct stat status_of(int fd) {
    struct stat status {};
    if (fstat(fd, &status) != 0) fail("it can't be looked at");
    if (!S_ISREG(status.st_mode)) throw std::runtime_error("it is no plain file");
    if (status.st_uid != geteuid() && geteuid() != 0)
        throw std::runtime_error("it belongs to another user");
    if (static_cast<std::size_t>(status.st_size) < sizeof(arena_record))
        throw std::runtime_error("it is too short for an arena");
    return status;
}

/// Less than `size` if the file has become shorter.
std::size_t read_whole(int fd, std::byte* to, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t n = pread(fd, to + done, size - done, static_cast<off_t>(done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail("it can't be read");
        if (n == 0) break;
        done += static_cast<std::size_t>(n);
    }
    if (done < sizeof(arena_record)) throw std::runtime_error("it is too short for an arena");
    return done;
}

}  // namespace

arena_file::arena_file(std::string path, access how)
    : path_{std::move(path)}, memory_{nullptr, unmap{0}} {
    const descriptor fd{open(path_.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
    if (fd.get() < 0) fail("it can't be opened");
    const auto size = static_cast<std::size_t>(status_of(fd.get()).st_size);
    const bool copied = how == access::copied;
    void* p = copied
                  ? mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                  : mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
    if (p == MAP_FAILED) fail("there is no memory for it");
    memory_ = std::unique_ptr<std::byte, unmap>{static_cast<std::byte*>(p), unmap{size}};
    bytes_ = {memory_.get(), copied ? read_whole(fd.get(), memory_.get(), size) : size};
    if (header().magic != layout_magic)
        throw std::runtime_error("it is no arena, or was left while it was made");
    if (header().version != layout_version)
        throw std::runtime_error("it is of another version of timemory");
}

void arena_file::unmap::operator()(std::byte* p) const noexcept {
    munmap(p, size);
}

std::vector<std::string> arenas_in(const std::string& folder) {
    std::vector<std::string> files;
    std::error_code error;
    for (std::filesystem::directory_iterator entry{folder, error}, end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename();
        if (name.starts_with(beginning) && name.ends_with(ending)) files.push_back(entry->path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

bool is_running(const arena_record& header) {
    return header.boot == this_boot() && header.process_start != 0 &&
           start_of_process(static_cast<pid_t>(header.process)) == header.process_start;
}

void remove_old_arenas(const std::string& folder) noexcept {
    constexpr std::time_t old = 24 * 60 * 60;
    // Those of ranks that start together are not looked at, which would cost each as many files as
    // there are ranks.
    constexpr std::time_t young = 60;
    try {
        for (const std::string& path : arenas_in(folder)) {
            struct stat status {};
            if (lstat(path.c_str(), &status) != 0 || status.st_uid != geteuid() ||
                !S_ISREG(status.st_mode) || std::time(nullptr) - status.st_mtime < young)
                continue;
            const descriptor fd{open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
            alignas(arena_record) std::byte begin[sizeof(arena_record)];
            const bool has_header =
                fd.get() >= 0 && pread(fd.get(), begin, sizeof begin, 0) == sizeof begin;
            const auto& header = *reinterpret_cast<const arena_record*>(begin);
            if (has_header && is_running(header)) continue;
            const bool is_old = std::time(nullptr) - status.st_mtime > old;
            const bool is_delivered =
                has_header && header.magic == layout_magic &&
                header.state.load(std::memory_order_relaxed) == arena_state::delivered;
            if (is_old || is_delivered) unlink(path.c_str());
        }
    } catch (const std::exception&) {
        // Another process may do it.
    }
}

}  // namespace tim
