#include "measure/source.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "settings/say.hpp"

namespace tim {
namespace {

std::int64_t clock_ns(clockid_t clock) noexcept {
    timespec t;
    if (clock_gettime(clock, &t) != 0) return 0;
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

std::int64_t nanoseconds(const timeval& t) noexcept {
    return std::int64_t{t.tv_sec} * 1'000'000'000 + std::int64_t{t.tv_usec} * 1000;
}

void read_thread_usage(std::int64_t* values) noexcept {
    rusage usage;
    if (getrusage(RUSAGE_THREAD, &usage) != 0) usage = {};
    values[user_time] = nanoseconds(usage.ru_utime);
    values[kernel_time] = nanoseconds(usage.ru_stime);
    values[peak_memory] = std::int64_t{usage.ru_maxrss} * 1024;  // Linux counts in KiB
    values[minor_faults] = usage.ru_minflt;
    values[major_faults] = usage.ru_majflt;
    values[blocks_in] = usage.ru_inblock;
    values[blocks_out] = usage.ru_oublock;
    values[voluntary_switches] = usage.ru_nvcsw;
    values[forced_switches] = usage.ru_nivcsw;
}

void read_process_usage(std::int64_t* values) noexcept {
    rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) usage = {};
    values[user_time] = nanoseconds(usage.ru_utime);
    values[kernel_time] = nanoseconds(usage.ru_stime);
}

/// Bytes that our own readings of /proc returned: they count as reads of the process.
std::atomic<std::int64_t> own_reads{0};

std::atomic<int> target{0};  ///< the process that is read; 0: this one
std::atomic<bool> unreadable{false};

/// Says once why the process that was chosen can't be read; that this one can't is no surprise.
void say_unreadable(const char* path) noexcept {
    const int error = errno;
    if (target.load(std::memory_order_relaxed) == 0 || unreadable.exchange(true)) return;
    char line[200];
    std::snprintf(line, sizeof line, "target_pid: %s: %s; what is read there counts as 0", path,
                  std::strerror(error));
    say(line);
}

/// A file of /proc whose descriptor is kept open: a `pread` costs a fifth of open, read and close.
/// The program may close the descriptor and get its number for a file of its own, so the text is
/// checked, and the file opened again where it is not what it should be.
class kept_file {
public:
    /// `name` is below /proc/<process>/.
    constexpr explicit kept_file(const char* name) noexcept : name_{name} {}

    /// Calls `parse(text)` with the whole text, at most `Size` bytes of it, until it returns true;
    /// twice at most.
    template <std::size_t Size, class Parse>
    bool read(Parse parse) noexcept {
        for (int attempt = 0; attempt < 2; ++attempt) {
            int file = file_.load(std::memory_order_relaxed);
            if (file < 0) file = open_again();
            if (file < 0) return false;
            char text[Size];
            if (parse(std::string_view{text, read_all(file, text, Size)})) return true;
            file_.compare_exchange_strong(file, -1);
        }
        return false;
    }

    void forget() noexcept {
        const int file = file_.exchange(-1);
        if (file >= 0) close(file);
    }

private:
    /// The kernel hands out long files in pieces of a page.
    static std::size_t read_all(int file, char* text, std::size_t size) noexcept {
        std::size_t length = 0;
        while (length < size) {
            const ssize_t piece =
                pread(file, text + length, size - length, static_cast<off_t>(length));
            if (piece <= 0) break;
            length += static_cast<std::size_t>(piece);
            if (target.load(std::memory_order_relaxed) == 0)
                own_reads.fetch_add(piece, std::memory_order_relaxed);
            // A short file comes whole, and the end is not asked for.
            if (length < 1024) break;
        }
        return length;
    }

    /// The descriptor lies high, where a program that closes and reopens low descriptors does not
    /// meet it.
    int open_again() noexcept {
        const int process = target.load(std::memory_order_relaxed);
        char path[64];
        if (process == 0)
            std::snprintf(path, sizeof path, "/proc/self/%s", name_);
        else
            std::snprintf(path, sizeof path, "/proc/%d/%s", process, name_);
        const int low = open(path, O_RDONLY | O_CLOEXEC);
        if (low < 0) {
            say_unreadable(path);
            return -1;
        }
        int file = fcntl(low, F_DUPFD_CLOEXEC, 500);
        if (file < 0) file = fcntl(low, F_DUPFD_CLOEXEC, 3);
        close(low);
        int none = -1;
        if (file >= 0 && !file_.compare_exchange_strong(none, file)) {
            close(file);
            return none;
        }
        return file;
    }

    const char* name_;
    std::atomic<int> file_{-1};
};

kept_file statm_file{"statm"};
kept_file io_file{"io"};
kept_file network_file{"net/dev"};

/// Takes a whole number and the blanks before it off the front. False if there is none.
bool take_number(std::string_view& text, std::int64_t& value) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty() || text[0] < '0' || text[0] > '9') return false;
    std::uint64_t number = 0;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1))
        number = number * 10 + static_cast<std::uint64_t>(text[0] - '0');
    value = static_cast<std::int64_t>(number);
    return true;
}

/// "size resident shared text lib data dt", in pages.
bool parse_statm(std::string_view text, std::int64_t* values) noexcept {
    static const std::int64_t page = sysconf(_SC_PAGESIZE);
    std::int64_t rest = 0;
    if (!take_number(text, values[0]) || !take_number(text, values[1])) return false;
    for (int field = 2; field < 7; ++field)
        if (!take_number(text, rest)) return false;
    values[0] *= page;
    values[1] *= page;
    return text == "\n";
}

/// Lines "rchar: 1", "wchar: 2" and so on.
bool parse_io(std::string_view text, std::int64_t* values) noexcept {
    struct line {
        std::string_view name;
        int value;
    };
    constexpr line lines[] = {
        {"rchar:", read_calls}, {"wchar:", write_calls},       {"syscr:", -1},
        {"syscw:", -1},         {"read_bytes:", read_storage}, {"write_bytes:", write_storage}};
    for (const line& l : lines) {
        std::int64_t number = 0;
        if (!text.starts_with(l.name)) return false;
        text.remove_prefix(l.name.size());
        if (!take_number(text, number) || !text.starts_with('\n')) return false;
        text.remove_prefix(1);
        if (l.value >= 0) values[l.value] = number;
    }
    return true;
}

std::atomic<const std::string*> chosen_interfaces{nullptr};  // null: all

bool is_chosen(std::string_view name) noexcept {
    const std::string* chosen = chosen_interfaces.load(std::memory_order_acquire);
    if (chosen == nullptr) return true;
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    const std::string_view list{*chosen};
    for (std::size_t at = list.find(name); at != std::string_view::npos;
         at = list.find(name, at + 1))
        if ((at == 0 || list[at - 1] == ',') &&
            (at + name.size() == list.size() || list[at + name.size()] == ','))
            return true;
    return false;
}

/// Two lines of headings, then one for each interface: its name and a colon, bytes, packets,
/// errors, drops and four more that were received, and the same of what was sent.
bool parse_network(std::string_view text, std::int64_t* values) noexcept {
    if (!text.starts_with("Inter-|")) return false;
    for (;;) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return true;
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || !is_chosen(line.substr(0, colon))) continue;
        line.remove_prefix(colon + 1);
        std::int64_t columns[16];
        if (!std::all_of(std::begin(columns), std::end(columns),
                         [&](std::int64_t& column) { return take_number(line, column); }))
            continue;
        for (unsigned i = 0; i < 4; ++i) {
            values[i] += columns[i];
            values[4 + i] += columns[8 + i];
        }
    }
}

/// Reads a kept file into `count` values: 0 where it can't be read.
template <std::size_t Size>
void read_file(kept_file& file, bool (*parse)(std::string_view, std::int64_t*) noexcept,
               std::int64_t* values, unsigned count) noexcept {
    const auto start = [&] { std::fill_n(values, count, 0); };
    if (!file.read<Size>([&](std::string_view text) {
            start();
            return parse(text, values);
        }))
        start();
}

}  // namespace

void read_source(source_kind what, const user_source& user, std::int64_t* values) noexcept {
    switch (what) {
        case source_kind::clock:
            break;
        case source_kind::bracket:
            *values = 0;
            break;
        case source_kind::thread_cpu:
            *values = clock_ns(CLOCK_THREAD_CPUTIME_ID);
            break;
        case source_kind::process_cpu:
            *values = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
            break;
        case source_kind::monotonic:
            *values = clock_ns(CLOCK_MONOTONIC);
            break;
        case source_kind::monotonic_raw:
            *values = clock_ns(CLOCK_MONOTONIC_RAW);
            break;
        case source_kind::calendar:
            *values = clock_ns(CLOCK_REALTIME) / 1000;
            break;
        case source_kind::thread_usage:
            read_thread_usage(values);
            break;
        case source_kind::process_usage:
            read_process_usage(values);
            break;
        case source_kind::statm:
            read_file<160>(statm_file, parse_statm, values, values_of(what));
            break;
        case source_kind::io: {
            const std::int64_t own = own_reads.load(std::memory_order_relaxed);
            read_file<512>(io_file, parse_io, values, values_of(what));
            if (target.load(std::memory_order_relaxed) == 0) values[read_calls] -= own;
            break;
        }
        case source_kind::network:
            read_file<8192>(network_file, parse_network, values, values_of(what));
            break;
        case source_kind::user:
            *values = user.read != nullptr
                          ? user.read(user.context)
                          : std::bit_cast<std::int64_t>(user.read_real(user.context));
            break;
    }
}

void choose_interfaces(std::string_view names) {
    std::string list{names};
    std::replace_if(
        list.begin(), list.end(), [](char c) { return c == ';' || c == ' '; }, ',');
    const std::string* now = chosen_interfaces.load(std::memory_order_acquire);
    if (list == (now != nullptr ? *now : "")) return;
    // What was chosen before is kept: an edge of a region may be reading it.
    static auto* const lists = new std::set<std::string>;  // under the lock of the settings
    chosen_interfaces.store(list.empty() ? nullptr : &*lists->insert(std::move(list)).first,
                            std::memory_order_release);
}

void choose_process(int process) noexcept {
    if (process == getpid()) process = 0;
    if (target.exchange(process) == process) return;
    unreadable.store(false);
    for (kept_file* file : {&statm_file, &io_file, &network_file}) file->forget();
}

void sources_after_fork() noexcept {
    for (kept_file* file : {&statm_file, &io_file, &network_file}) file->forget();
    own_reads.store(0, std::memory_order_relaxed);
}

}  // namespace tim
