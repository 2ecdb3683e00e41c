#include "library/signals.hpp"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>
#include <string_view>

#include "record/arena.hpp"
#include "record/recorder.hpp"
#include "settings/say.hpp"

namespace tim {
namespace {

struct handled_signal {
    struct sigaction before;  ///< written before the handler is there
    bool installed = false;   ///< under the lock
    std::atomic<bool> seen{false};
};

std::array<handled_signal, _NSIG> handled;
std::mutex lock;
signal_set asked_by_settings;
signal_set from_settings;  ///< of these, those that are still handled
signal_set from_calls;

struct named_signal {
    int number;
    std::string_view name;
};
constexpr named_signal faults[] = {{SIGQUIT, "SIGQUIT"}, {SIGILL, "SIGILL"}, {SIGABRT, "SIGABRT"},
                                   {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"}, {SIGSEGV, "SIGSEGV"}};
constexpr named_signal others[] = {
    {SIGHUP, "SIGHUP"},   {SIGINT, "SIGINT"},       {SIGTRAP, "SIGTRAP"},     {SIGUSR1, "SIGUSR1"},
    {SIGUSR2, "SIGUSR2"}, {SIGPIPE, "SIGPIPE"},     {SIGALRM, "SIGALRM"},     {SIGTERM, "SIGTERM"},
    {SIGXCPU, "SIGXCPU"}, {SIGXFSZ, "SIGXFSZ"},     {SIGPROF, "SIGPROF"},     {SIGPOLL, "SIGPOLL"},
    {SIGPWR, "SIGPWR"},   {SIGVTALRM, "SIGVTALRM"}, {SIGSTKFLT, "SIGSTKFLT"}, {SIGSYS, "SIGSYS"}};

// ---- What runs inside a handler: no lock, no memory, no call but write, sigaction and queueing

/// A line that is put together without memory of its own; what is too long is cut.
class line {
public:
    void add(std::string_view text) noexcept {
        for (const char c : text) {
            if (length_ == sizeof text_ - 1) return;
            text_[length_++] = static_cast<unsigned char>(c) < ' ' || c == 127 ? '?' : c;
        }
    }
    void add(unsigned number) noexcept {
        char digits[10];
        std::size_t at = sizeof digits;
        do digits[--at] = static_cast<char>('0' + number % 10);
        while ((number /= 10) != 0);
        add({digits + at, sizeof digits - at});
    }
    void write() noexcept {
        text_[length_++] = '\n';
        // A stderr that is closed or full is not the program's problem.
        [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text_, length_);
    }

private:
    char text_[400];
    std::size_t length_ = 0;
};

/// A record of the arena if it can be there: a program that ends by a fault may have written
/// anywhere before.
template <class Record>
const Record* checked(ref r) noexcept {
    const std::uint64_t end = std::uint64_t{r} * ref_unit + sizeof(Record);
    const bool inside = r != 0 && end <= arena()->used.load(std::memory_order_relaxed);
    return inside ? at<Record>(r) : nullptr;
}

/// The name of the innermost region that is open on this thread; empty if there is none.
std::string_view innermost_region() noexcept {
    const recorder* mine = this_recorder;
    if (mine == nullptr || !has_arena()) return {};
    const auto* frame = checked<frame_record>(mine->top());
    // Frames that are closed or have no place of their own are passed by; a ring is no stack.
    for (int i = 0; frame != nullptr && i < 1000; ++i) {
        const auto place =
            std::bit_cast<place_record>(frame->place.load(std::memory_order_relaxed));
        const auto* node = frame->region.load(std::memory_order_relaxed) != 0
                               ? checked<node_record>(place.node)
                               : nullptr;
        const auto* name = node != nullptr ? checked<string_record>(node->name) : nullptr;
        if (name != nullptr) {
            const std::size_t most = 200;
            return {name->text, std::min<std::size_t>(name->length, most)};
        }
        frame = checked<frame_record>(below(*frame));
    }
    return {};
}

void say_where(int number) noexcept {
    line l;
    l.add("timemory: signal ");
    std::string_view name;
    for (const named_signal& s : faults)
        if (s.number == number) name = s.name;
    for (const named_signal& s : others)
        if (s.number == number) name = s.name;
    if (name.empty())
        l.add(static_cast<unsigned>(number));
    else
        l.add(name);
    if (const std::string_view region = innermost_region(); !region.empty()) {
        l.add(" in region '");
        l.add(region);
        l.add("'");
    } else {
        l.add(" outside of all regions");
    }
    l.write();
}

/// Says where, and lets the signal come again to what was there before: the kernel calls that with
/// its own flags, stack and mask, and a program that ends leaves the status and the core of a
/// program without us.
void handle(int number, siginfo_t* info, void* /*context*/) {
    const int error = errno;
    handled_signal& h = handled[static_cast<std::size_t>(number)];
    if (!h.seen.exchange(true)) {
        mark_end(number);
        say_where(number);
    }
    sigaction(number, &h.before, nullptr);
    // A fault comes again by itself, when the instruction is repeated; so does no other signal.
    const bool is_fault =
        info->si_code > 0 && (number == SIGSEGV || number == SIGFPE || number == SIGILL ||
                              (number == SIGBUS && info->si_code != BUS_MCEERR_AO));
    if (!is_fault && syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), number, info) != 0)
        raise(number);
    errno = error;
}

// ---- Outside of handlers

bool is_ours(int number) noexcept {
    struct sigaction now;
    return sigaction(number, nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) != 0 &&
           now.sa_sigaction == handle;
}

/// False if the system does not let it be handled.
bool install(int number) noexcept {
    handled_signal& h = handled[static_cast<std::size_t>(number)];
    struct sigaction before;
    if (sigaction(number, nullptr, &before) != 0) return false;
    if (((before.sa_flags & SA_SIGINFO) == 0 && before.sa_handler == SIG_IGN) || is_ours(number))
        return true;
    h.before = before;
    h.seen.store(false, std::memory_order_relaxed);
    struct sigaction ours = {};
    ours.sa_sigaction = handle;
    ours.sa_mask = before.sa_mask;
    // Whether a system call that is interrupted goes on is for what was there before to say.
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK | (before.sa_flags & SA_RESTART);
    h.installed = sigaction(number, &ours, nullptr) == 0;
    return h.installed;
}

void remove(int number) noexcept {
    handled_signal& h = handled[static_cast<std::size_t>(number)];
    if (h.installed && is_ours(number)) sigaction(number, &h.before, nullptr);
    h.installed = false;
}

/// What is wanted now that was not before is installed, and the other way round; what the program
/// has done to the others in the meantime stays.
bool change(const signal_set& from, const signal_set& to) {
    bool all = true;
    for (int number = 1; number < _NSIG; ++number) {
        const auto i = static_cast<std::size_t>(number);
        if (to[i] && !from[i]) all = install(number) && all;
        if (from[i] && !to[i]) remove(number);
    }
    return all;
}

}  // namespace

signal_set fault_signals() noexcept {
    signal_set set;
    for (const named_signal& s : faults) set.set(static_cast<std::size_t>(s.number));
    return set;
}

signal_set ending_signals() noexcept {
    signal_set set = fault_signals();
    for (const named_signal& s : others) set.set(static_cast<std::size_t>(s.number));
    for (int number = SIGRTMIN; number <= SIGRTMAX; ++number)
        set.set(static_cast<std::size_t>(number));
    return set;
}

signal_set signals_of(const settings& s) noexcept {
    if (!s.allow_signal_handler || s.disable_all_signals) return {};
    if (s.enable_all_signals) return ending_signals();
    return s.enable_signal_handler ? fault_signals() : signal_set{};
}

void handle_signals(const signal_set& wanted) {
    const std::lock_guard guard{lock};
    if (wanted == asked_by_settings) return;  // another setting has changed
    change(from_settings | from_calls, wanted | from_calls);
    asked_by_settings = from_settings = wanted;
}

bool add_signals(std::span<const int> signals) {
    signal_set wanted = signals.empty() ? fault_signals() : signal_set{};
    bool all = true;
    for (const int number : signals) {
        const bool possible =
            number > 0 && number < _NSIG && number != SIGKILL && number != SIGSTOP;
        if (possible) wanted.set(static_cast<std::size_t>(number));
        if (!possible) say(fmt::format("signal {} can't be handled; it is left out", number));
        all = all && possible;
    }
    const std::lock_guard guard{lock};
    all = change(from_settings | from_calls, from_settings | from_calls | wanted) && all;
    from_calls |= wanted;
    return all;
}

void signals_after_fork() noexcept {
    new (&lock) std::mutex;  // another thread of the parent may have held it
}

void release_signals() {
    const std::lock_guard guard{lock};
    change(from_settings | from_calls, {});
    from_settings = from_calls = {};
}

}  // namespace tim
