#include "measure/source.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <ctime>

namespace tim {
namespace {

std::int64_t cpu_ns(clockid_t clock) noexcept {
    timespec t;
    if (clock_gettime(clock, &t) != 0) return 0;
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

/// Resident high-water mark. RUSAGE_THREAD costs half of RUSAGE_SELF, and its ru_maxrss is the
/// process's: the kernel takes it from the memory map. Linux counts it in KiB.
std::int64_t peak_memory() noexcept {
    rusage usage;
    return getrusage(RUSAGE_THREAD, &usage) == 0 ? std::int64_t{usage.ru_maxrss} * 1024 : 0;
}

std::atomic<int> statm_file{-1};

/// A descriptor kept open: a `pread` costs a fifth of open, read and close. It lies high, where a
/// program that closes and reopens low descriptors does not meet it.
int open_statm() noexcept {
    const int low = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (low < 0) return -1;
    int file = fcntl(low, F_DUPFD_CLOEXEC, 500);
    if (file < 0) file = fcntl(low, F_DUPFD_CLOEXEC, 3);
    close(low);
    int none = -1;
    if (file >= 0 && !statm_file.compare_exchange_strong(none, file)) {
        close(file);
        return none;
    }
    return file;
}

/// "size resident shared text lib data dt", in pages. False if that is not what the text is: the
/// program may have closed our descriptor and got its number for a file of its own.
bool parse_statm(const char* text, const char* end, std::int64_t* values) noexcept {
    static const std::int64_t page = sysconf(_SC_PAGESIZE);
    int fields = 0;
    while (text < end) {
        if (*text < '0' || *text > '9') return false;
        std::int64_t pages = 0;
        while (text < end && *text >= '0' && *text <= '9') pages = pages * 10 + (*text++ - '0');
        if (fields < 2) values[fields] = pages * page;
        ++fields;
        if (text < end && *text != ' ' && *text != '\n') return false;
        ++text;
    }
    return fields == 7;
}

void read_statm(std::int64_t* values) noexcept {
    values[0] = values[1] = 0;
    for (int attempt = 0; attempt < 2; ++attempt) {
        int file = statm_file.load(std::memory_order_relaxed);
        if (file < 0) file = open_statm();
        if (file < 0) return;
        char text[160];
        const ssize_t length = pread(file, text, sizeof text, 0);
        if (length > 0 && parse_statm(text, text + length, values)) return;
        statm_file.compare_exchange_strong(file, -1);
    }
    values[0] = values[1] = 0;
}

}  // namespace

void read_source(source_kind what, const user_source& user, std::int64_t* values) noexcept {
    switch (what) {
        case source_kind::clock:
            break;
        case source_kind::thread_cpu:
            *values = cpu_ns(CLOCK_THREAD_CPUTIME_ID);
            break;
        case source_kind::process_cpu:
            *values = cpu_ns(CLOCK_PROCESS_CPUTIME_ID);
            break;
        case source_kind::peak_memory:
            *values = peak_memory();
            break;
        case source_kind::statm:
            read_statm(values);
            break;
        case source_kind::user:
            *values = user.read != nullptr
                          ? user.read(user.context)
                          : std::bit_cast<std::int64_t>(user.read_real(user.context));
            break;
    }
}

void sources_after_fork() noexcept {
    const int file = statm_file.exchange(-1);
    if (file >= 0) close(file);
}

}  // namespace tim
