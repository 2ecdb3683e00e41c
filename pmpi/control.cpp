#include "control.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tim::mpip {
namespace {

struct control {
    std::mutex lock;
    bool chosen = false;       ///< which calls are wanted
    bool paused = false;       ///< by MPI_Pcontrol
    std::vector<bool> starts;  ///< by their numbers: whether it was not stopped yet
    std::string components;    ///< of a call's region
    pid_t process = 0;         ///< that began MPI, and no child of a fork
    int begun = 0;             ///< how often, with sessions, less the sessions that have ended
    std::int64_t booked_until =
        0;  ///< timemory_clock(): at the end of MPI_Init, and later; 0: MPI is not up
    std::int64_t without_core = -1;  ///< without_core() then
};

control& the_control() {
    static auto* const c = new control;  // never destroyed: MPI may end at exit
    return *c;
}

bool switched_off(const char* variable) {
    const char* value = std::getenv(variable);
    if (value == nullptr) return false;
    std::string text{value};
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text == "0" || text == "off" || text == "false" || text == "no";
}

/// The value of a setting that is a number or a boolean.
std::string setting(const char* name) {
    std::array<char, 32> value{};
    timemory_get_setting(name, value.data(), value.size());
    return value.data();
}

/// The names in a list of the environment; names that no call has are said.
std::vector<std::string> listed(const char* variable) {
    std::vector<std::string> names;
    const char* value = std::getenv(variable);
    const std::string text = value != nullptr ? value : "";
    constexpr const char* separators = ",;: \t\n";
    for (std::size_t at = 0; (at = text.find_first_not_of(separators, at)) != text.npos;) {
        const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
        names.push_back(text.substr(at, end - at));
        at = end;
        const bool known =
            std::any_of(std::begin(call_table), std::end(call_table),
                        [&](const call_description& c) { return names.back() == c.name; });
        const char* rank = std::getenv("OMPI_COMM_WORLD_RANK");
        if (rank == nullptr) rank = std::getenv("PMI_RANK");
        if (!known && (rank == nullptr || std::string_view{rank} == "0"))
            std::fprintf(stderr,
                         "timemory: %s: '%s' is no MPI function that is recorded here; names like "
                         "MPI_Send are\n",
                         variable, names.back().c_str());
    }
    return names;
}

/// The components of a call's region; "," for none.
std::string chosen_components() {
    std::string list(256, 0);
    int length = timemory_tool_components("mpip", list.data(), list.size());
    if (length >= static_cast<int>(list.size())) {
        list.resize(static_cast<std::size_t>(length) + 1);
        length = timemory_tool_components("mpip", list.data(), list.size());
    }
    list.resize(static_cast<std::size_t>(std::max(length, 0)));
    return list;
}

/// The calls that the lists leave, once.
void choose_calls(control& c) {
    if (c.chosen) return;
    c.chosen = true;
    timemory_init_tool();
    requests::prepare();
    the_own_datatypes.learn();
    c.components = chosen_components();
    meetings::region = timemory_region("waiting for the last", c.components.c_str());
    call_sites::set_frames(static_cast<unsigned>(std::atoi(setting("mpip_callsite").c_str())));
    if (c.components == ",") return;
    communicators::none.label = timemory_text("");
    const std::vector<std::string> permitted = listed("TIMEMORY_MPIP_PERMIT_LIST");
    const std::vector<std::string> rejected = listed("TIMEMORY_MPIP_REJECT_LIST");
    const auto has = [](const std::vector<std::string>& list, std::string_view name) {
        return std::find(list.begin(), list.end(), name) != list.end();
    };
    for (std::size_t i = 0; i < call_count; ++i) {
        const call_description& d = call_table[i];
        const bool wanted = permitted.empty() ? !d.on_request : has(permitted, d.name);
        regions[i] = wanted && !has(rejected, d.name) ? not_made : not_wanted;
    }
}

/// To be called with the lock.
void switch_calls(const control& c) {
    const bool started = std::find(c.starts.begin(), c.starts.end(), true) != c.starts.end();
    calls_wanted = mpi_is_up && started && !c.paused ? ~timemory_region_t{0} : 0;
}

int start() {
    control& c = the_control();
    const std::lock_guard guard{c.lock};
    c.starts.push_back(true);
    if (mpi_is_up) choose_calls(c);
    switch_calls(c);
    return static_cast<int>(c.starts.size());
}

/// What remains of the starts.
int stop(int number) {
    control& c = the_control();
    const std::lock_guard guard{c.lock};
    const auto place = static_cast<std::size_t>(number) - 1;
    if (number > 0 && place < c.starts.size()) c.starts[place] = false;
    switch_calls(c);
    return static_cast<int>(std::count(c.starts.begin(), c.starts.end(), true));
}

/// How long the main thread has been ready to run without a core to run on, in ns; -1 where Linux
/// does not count it. Where ranks have no cores of their own, waiting in MPI is for that, too.
std::int64_t without_core() noexcept {
    const int file = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    std::array<char, 128> text{};
    const ssize_t size = read(file, text.data(), text.size());
    close(file);
    if (size <= 0) return -1;
    // "time on a core, time without one, turns"
    const char* const end = text.data() + size;
    const char* const second = std::find<const char*>(text.data(), end, ' ');
    std::int64_t time = -1;
    if (second != end) std::from_chars(second + 1, end, time);
    return time;
}

void add_time(const char* what, std::int64_t ns) {
    const std::int64_t text = timemory_text(what);
    if (timemory_row* row = timemory_row_of(timemory_table("mpi_run"), &text, 1))
        timemory_add_value(row, ns);
}

/// Books how long the application has run since the end of MPI_Init, or since this was done before.
/// To be called with the lock.
void book_application(control& c) {
    if (!mpi_is_up || !recording() || getpid() != c.process) return;
    const std::int64_t now = timemory_clock();
    const std::int64_t time = now - c.booked_until;
    add_time("application", time);
    c.booked_until = now;
    const std::int64_t without = without_core();
    // It is read a little after the clock, and then more may have been added.
    if (without >= c.without_core && c.without_core >= 0)
        add_time("no core", std::min(without - c.without_core, time));
    c.without_core = without;
}

/// A program may have its results written while MPI is up: timemory_finalize() before MPI_Finalize.
void before_results(int) {
    control& c = the_control();
    // It may be asked for in a handler of signals, while this thread has the lock.
    if (const std::unique_lock guard{c.lock, std::try_to_lock}; guard) book_application(c);
}

}  // namespace

timemory_region_t make_region(call_id id) noexcept {
    control& c = the_control();
    const auto i = static_cast<std::size_t>(id);
    const timemory_region_t made = timemory_region(call_table[i].name, c.components.c_str());
    regions[i].store(made, std::memory_order_relaxed);
    return made;
}

beginning::beginning() noexcept : thread_{thread_outside()} {
    if (thread_ != nullptr) thread_->inside = true;
}

void beginning::ended(bool succeeded) noexcept {
    if (thread_ == nullptr) return;
    thread_->inside = false;
    if (!succeeded) return;
    control& c = the_control();
    const std::lock_guard guard{c.lock};
    mpi_is_up = true;
    ++c.begun;
    if (c.booked_until == 0) meetings::asked_for = setting("mpip_barrier_split") == "true";
    if (c.starts.empty() && !switched_off("TIMEMORY_ENABLE_MPIP")) c.starts.push_back(true);
    if (!c.starts.empty()) choose_calls(c);
    timemory_notice_mpi();
    switch_calls(c);
    if (c.booked_until != 0) return;
    c.process = getpid();
    timemory_before_results(before_results);
    c.without_core = without_core();
    c.booked_until = timemory_clock();
}

namespace {

bool may_end() noexcept {
    const bool inside = this_thread != nullptr && this_thread->inside;
    return !inside && mpi_is_up;
}

/// To be called with the lock.
void end(control& c) noexcept {
    book_application(c);
    c.booked_until = 0;
    c.begun = 0;
    calls_wanted = 0;
    mpi_is_up = false;
}

}  // namespace

void ending() noexcept {
    if (!may_end()) return;
    control& c = the_control();
    const std::lock_guard guard{c.lock};
    end(c);
}

void ending_session() noexcept {
    if (!may_end()) return;
    control& c = the_control();
    const std::lock_guard guard{c.lock};
    if (--c.begun <= 0) end(c);
}

void aborting() noexcept {
    if (!mpi_is_up) return;
    ending();
    timemory_before_abort();
}

}  // namespace tim::mpip

#define EXPORTED extern "C" __attribute__((visibility("default")))

/// 0 stops the recording of calls, 1 goes on with it; the standard leaves that to us.
EXPORTED int MPI_Pcontrol(const int level, ...) {
    tim::mpip::control& c = tim::mpip::the_control();
    const std::lock_guard guard{c.lock};
    if (level == 0 || level == 1) c.paused = level == 0;
    tim::mpip::switch_calls(c);
    return MPI_SUCCESS;
}

EXPORTED int timemory_mpip_start() {
    return tim::mpip::start();
}
EXPORTED int timemory_mpip_stop(int number) {
    return tim::mpip::stop(number);
}
