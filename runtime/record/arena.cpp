#include "record/arena.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>

#include "measure/clock.hpp"
#include "record/process_identity.hpp"
#include "settings/say.hpp"
#include "system/descriptor.hpp"

namespace tim {

std::byte* arena_base = nullptr;
arena_options (*arena_wishes)() = nullptr;

namespace {

/// Address space, not memory: a chunk costs memory when it is taken. A ref reaches 32 GiB.
constexpr std::size_t widest_range = std::size_t{16} << 30;
constexpr std::size_t least_range = std::size_t{1} << 20;

// Never destroyed: the arena is let go of at the very end of the process.
arena_options& wanted = *new arena_options;
std::size_t range = 0;
std::string& file = *new std::string;  ///< empty: anonymous memory
std::atomic<bool> in_file{false};
struct stat identity {};  ///< of the file, so that only that one is extended

/// Keeps errno, which belongs to the program.
class errno_keeper {
public:
    errno_keeper() noexcept : before_{errno} {}
    ~errno_keeper() { errno = before_; }
    errno_keeper(const errno_keeper&) = delete;
    errno_keeper& operator=(const errno_keeper&) = delete;

private:
    int before_;
};

/// File systems over a network, where each lap would be traffic: magic numbers of statfs(2), and of
/// Lustre, GPFS, BeeGFS.
bool is_remote(int fd) noexcept {
    struct statfs fs {};
    if (fstatfs(fd, &fs) != 0) return true;
    switch (static_cast<std::uint32_t>(fs.f_type)) {
        case 0x6969:      // NFS
        case 0x517B:      // SMB
        case 0xFF534D42:  // CIFS
        case 0xFE534D42:  // SMB2
        case 0x00C36400:  // Ceph
        case 0x5346414F:  // AFS
        case 0x65735546:  // FUSE
        case 0x01021997:  // 9P
        case 0x0BD00BD0:  // Lustre
        case 0x47504653:  // GPFS
        case 0x19830326:  // BeeGFS
            return true;
        default:
            return false;
    }
}

/// Room for a chunk in the file. A limit of the process on the size of files would end it by a
/// signal, so that is looked at before.
bool extend(int fd, std::uint64_t offset) noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        offset + chunk_size > limit.rlim_cur) {
        errno = EFBIG;
        return false;
    }
    int rc = 0;
    do rc = fallocate(fd, 0, static_cast<off_t>(offset), chunk_size);
    while (rc != 0 && errno == EINTR);
    return rc == 0;
}

std::byte* map(std::byte* where, std::size_t bytes, int flags, int fd) noexcept {
    void* p = mmap(where, bytes, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, fd, 0);
    return p != MAP_FAILED ? static_cast<std::byte*>(p) : nullptr;
}

/// Reserves the range at an address that is a multiple of a chunk.
std::byte* reserve() noexcept {
    const std::uint64_t most = wanted.most_bytes / chunk_size * chunk_size;
    range = std::clamp<std::size_t>(most, least_range, widest_range);
    std::byte* p = nullptr;
    for (; range >= least_range; range /= 4)
        if (void* found = mmap(nullptr, range + chunk_size, PROT_NONE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            found != MAP_FAILED) {
            p = static_cast<std::byte*>(found);
            break;
        }
    if (p == nullptr) return nullptr;
    range = range / chunk_size * chunk_size;
    const std::size_t over = reinterpret_cast<std::uintptr_t>(p) % chunk_size;
    const std::size_t before = over == 0 ? 0 : chunk_size - over;
    if (before > 0) munmap(p, before);
    munmap(p + before + range, chunk_size - before);
    return p + before;
}

/// Maps a new file in the folder over the range. The reason why not otherwise.
const char* map_file(std::byte* base, const std::string& folder) {
    std::uint64_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        random = static_cast<std::uint64_t>(clock_ticks());
    std::string name = fmt::format("{}/timemory-{}-{:016x}.arena", folder, getpid(), random);
    const descriptor fd{
        open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (fd.get() < 0) return std::strerror(errno);
    const char* why = nullptr;
    if (is_remote(fd.get()))
        why = "it is on a file system over a network";
    else if (fstat(fd.get(), &identity) != 0 || !extend(fd.get(), 0) ||
             map(base, range, MAP_SHARED | MAP_FIXED, fd.get()) == nullptr)
        why = std::strerror(errno);
    if (why != nullptr) {
        unlink(name.c_str());
        return why;
    }
    file = std::move(name);
    return nullptr;
}

/// The folders where the file may go, the best first.
std::string map_somewhere(std::byte* base) {
    if (wanted.folder.empty() || getauxval(AT_SECURE) != 0) return {};
    const char* why = map_file(base, wanted.folder);
    if (why == nullptr) return {};
    const std::string said = fmt::format("'{}' ({})", wanted.folder, why);
    const char* given = std::getenv("TMPDIR");
    const std::string temporary = given != nullptr && *given == '/' ? given : "/tmp";
    why = map_file(base, temporary);
    if (why == nullptr)
        return wanted.folder_given
                   ? fmt::format("arena_path: no file can be had in {}; it goes to '{}'", said,
                                 temporary)
                   : "";
    return fmt::format(
        "no file for what is recorded can be had in {} or '{}' ({}): if the program "
        "is killed, its results are lost; TIMEMORY_ARENA_PATH names a folder",
        said, temporary, why);
}

void describe_process(arena_record& record) {
    allocator strings{arena_base + sizeof record, arena_base + chunk_size};
    const auto keep = [&](const std::string& text) {
        return strings.take_string(text.data(), text.size());
    };
    record.host = keep(host_name());
    record.program = keep(wanted.program);
    record.output = keep(wanted.output);
}

void use_anonymous(std::byte* chunk) noexcept {
    map(chunk, chunk_size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1);
    madvise(chunk, chunk_size, MADV_DONTFORK);
}

/// Room for a chunk in the file, which is opened by its name again: a descriptor that stays open
/// might be closed by the program, and its number be another file's.
bool extend_file(std::uint64_t offset) noexcept {
    const descriptor fd{open(file.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC)};
    struct stat now {};
    return fd.get() >= 0 && fstat(fd.get(), &now) == 0 && now.st_ino == identity.st_ino &&
           now.st_dev == identity.st_dev && extend(fd.get(), offset);
}

}  // namespace

bool open_arena() noexcept {
    const errno_keeper keeper;
    try {
        if (arena_wishes != nullptr) wanted = arena_wishes();
        if (!wanted.folder.empty()) wanted.folder = std::filesystem::absolute(wanted.folder);
        std::byte* base = reserve();
        if (base == nullptr) return false;
        file.clear();
        const std::string said = map_somewhere(base);
        in_file = !file.empty();
        if (file.empty() &&
            map(base, range, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1) == nullptr)
            return false;
        // A child of a fork must not count into its parent.
        madvise(base, range, MADV_DONTFORK);
        auto* record = new (base) arena_record{};
        record->version = layout_version;
        record->process = static_cast<std::uint32_t>(getpid());
        record->process_start = start_of_process(getpid());
        record->boot = this_boot();
        record->nanoseconds_per_tick = the_clock.nanoseconds_per_tick;
        record->anchor_ticks = the_clock.anchor_ticks;
        record->anchor_time = the_clock.anchor_time;
        record->job = wanted.job;
        record->run = wanted.run;
        record->started = wanted.started;
        record->exit_status = unknown_status;
        record->rank = wanted.rank;
        record->world_size = wanted.world_size;
        record->used.store(chunk_size, std::memory_order_relaxed);
        std::atomic_ref{arena_base}.store(base, std::memory_order_release);
        describe_process(*record);
        // Last: a file with this number has a whole header.
        std::atomic_ref{record->magic}.store(layout_magic, std::memory_order_release);
        if (!said.empty()) say_once_per_job(said);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

std::byte* take_chunk() noexcept {
    const errno_keeper keeper;
    arena_record& record = *arena();
    const std::uint64_t offset = record.used.fetch_add(chunk_size, std::memory_order_relaxed);
    if (offset + chunk_size > range) {
        record.used.fetch_sub(chunk_size, std::memory_order_relaxed);
        return nullptr;
    }
    std::byte* chunk = arena_base + offset;
    if (in_file.load(std::memory_order_relaxed) && !extend_file(offset)) {
        const char* why = std::strerror(errno);
        if (in_file.exchange(false)) {
            record.incomplete.store(1, std::memory_order_relaxed);
            say_once_per_job(shown(file.c_str()) + " can't grow (" + why +
                             "): if the program is killed, some of its results are lost; "
                             "TIMEMORY_ARENA_PATH names another folder");
        }
    }
    if (!in_file.load(std::memory_order_relaxed) && !file.empty()) use_anonymous(chunk);
        // Otherwise each page's first touch would be a fault of 1 µs inside somebody's region. Old
        // kernels lack it.
#ifdef MADV_POPULATE_WRITE
    madvise(chunk, chunk_size, MADV_POPULATE_WRITE);
#else
    std::memset(chunk, 0, chunk_size);
#endif
    return chunk;
}

bool arena_is_nearly_full() noexcept {
    return arena()->used.load(std::memory_order_relaxed) > range - range / 8;
}

void abandon_arena() noexcept {
    std::atomic_ref{arena_base}.store(nullptr, std::memory_order_release);
    file.clear();
}

void place_arena(std::uint32_t rank, std::uint32_t world_size) noexcept {
    if (!has_arena()) return;
    arena()->rank.store(rank, std::memory_order_relaxed);
    arena()->world_size.store(world_size, std::memory_order_relaxed);
}

void mark_arena(arena_state now) noexcept {
    if (!has_arena()) return;
    if (arena()->ended_at.load(std::memory_order_relaxed) == 0)
        arena()->ended_at.store(clock_ticks(), std::memory_order_relaxed);
    arena()->state.store(now, std::memory_order_release);
    if (now != arena_state::delivered || file.empty()) return;
    const errno_keeper keeper;
    in_file = false;
    unlink(file.c_str());
}

void mark_end(int signal) noexcept {
    if (!has_arena()) return;
    arena()->ended_at.store(clock_ticks(), std::memory_order_relaxed);
    arena()->ended_by_signal.store(static_cast<std::uint32_t>(signal), std::memory_order_release);
}

const std::string& own_arena_file() noexcept {
    return file;
}

std::byte* allocator::take(std::size_t bytes, std::size_t alignment) noexcept {
    if (bytes > chunk_size) return nullptr;
    const auto aligned = [&](std::byte* p) {
        return p + (alignment - reinterpret_cast<std::uintptr_t>(p) % alignment) % alignment;
    };
    if (next_ == nullptr || aligned(next_) + bytes > end_) {
        std::byte* chunk = take_chunk();
        if (chunk == nullptr) return nullptr;
        next_ = chunk;
        end_ = chunk + chunk_size;
    }
    std::byte* p = aligned(next_);
    next_ = p + bytes;
    return p;
}

ref allocator::take_string(const char* text, std::size_t length) noexcept {
    length = std::min(length, chunk_size / 2);
    const std::size_t header = offsetof(string_record, text);
    std::byte* p = take(header + length + 1, ref_unit);
    if (p == nullptr) return 0;
    auto* record = reinterpret_cast<string_record*>(p);
    record->length = static_cast<std::uint32_t>(length);
    std::memcpy(p + header, text, length);
    return ref_of(p);
}

}  // namespace tim
