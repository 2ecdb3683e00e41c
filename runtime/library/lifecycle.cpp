#include "library/lifecycle.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <optional>
#include <vector>

#include "library/communicator.hpp"
#include "library/delivery.hpp"
#include "library/job_identity.hpp"
#include "library/results.hpp"
#include "library/signals.hpp"
#include "library/tool_library.hpp"
#include "measure/component_table.hpp"
#include "output/place.hpp"
#include "profile/merge.hpp"
#include "profile/process_table.hpp"
#include "record/affinity.hpp"
#include "record/arena.hpp"
#include "record/memory_limit.hpp"
#include "record/process_identity.hpp"
#include "record/snapshot.hpp"
#include "recovery/arena_file.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"
#include "system/program_name.hpp"
#include "timemory/timemory.h"

int timemory_active = 2;

namespace tim {
namespace {

enum class phase { fresh, recording, finalized };

struct life {
    std::recursive_mutex lock;
    std::atomic<phase> now{phase::fresh};  ///< changed under the lock
    bool paused = false;
    bool child_of_fork = false;
    bool begun_by_program = false;
    bool settings_read = false;
    bool clock_ready = false;
    std::atomic<bool> at_mpi_finalize{false};  ///< the fold will be called from MPI_Finalize
    bool delivered = false;                    ///< the results are where they belong
    std::optional<profile> finished;
    std::vector<std::string> default_components;  ///< the last counts; none: the settings
    std::string trace_components;                 ///< given in code; empty: the settings
};

life& the_life() {
    static auto* const l = new life;  // never destroyed: regions may end during exit
    return *l;
}

void set_activity(activity a) noexcept {
    state.active.store(a, std::memory_order_release);
    constexpr int was_recorded = 4;  // pushes and pops that are skipped now must stay paired
    const int bits = static_cast<int>(a) | (all_recorders().empty() ? 0 : was_recorded);
    __atomic_store_n(&timemory_active, bits, __ATOMIC_RELEASE);
}

void name_output(std::string_view program) {
    if (std::getenv("TIMEMORY_OUTPUT_PATH") != nullptr) return;
    static std::string given = "timemory-output";
    if (current_settings().output_path != given) return;  // assigned in code
    given = output_folder(program);
    set_setting("output_path", given, setting_origin::standard);
}

snapshot_options options_for(const settings& s, open_regions open) {
    return {.collapse_threads = s.collapse_threads,
            .max_paths = static_cast<std::uint32_t>(s.max_paths),
            .open = open,
            .own_cost = s.own_cost_output};
}

/// Where files are announced and tables are printed.
std::FILE* announcements() noexcept {
    return the_life().begun_by_program ? stdout : stderr;
}

const communicator* active_mpi() noexcept {
    if (the_life().child_of_fork) return nullptr;
    const communicator* mpi = find_communicator();
    return mpi != nullptr && mpi->state() == 1 ? mpi : nullptr;
}

/// What a program that is measured gets of the machine for its recording; asked for when the first
/// region begins.
arena_options arena_as_set() {
    const settings s = current_settings();
    const auto launched = launch_position_from_environment();
    const launch_position position = launched.value_or(launch_position{.rank = no_rank});
    const communicator* mpi = active_mpi();
    std::string program;
    for (const std::string& word : command_line()) program += (program.empty() ? "" : " ") + word;
    remove_old_arenas(s.arena_path);
    const std::uint64_t most = s.max_memory > 0 ? static_cast<std::uint64_t>(s.max_memory) << 20
                                                : memory_for_recording(ranks_on_this_machine());
    return {.folder = s.arena_path,
            .folder_given = setting_origin_of("arena_path") != "default",
            .most_bytes = most,
            .job = job_from_environment(launched || mpi != nullptr),
            .run = run_from_environment(),
            .started = process_started(),
            .rank = mpi != nullptr ? mpi->rank() : position.rank,
            .world_size = mpi != nullptr ? mpi->size() : position.size,
            .program = program,
            .output = std::filesystem::absolute(file_settings().output_path).string()};
}

/// What `banner`, `verbose` and `debug` ask for at the start.
void announce_start() {
    const settings s = current_settings();
    const bool files = s.file_output && s.auto_output;
    std::string components;
    for (const component_description& what : default_bundle().components)
        components += (components.empty() ? "" : ", ") + what.id;
    if (s.banner || s.verbose > 0)
        say_once_per_job(fmt::format(
            "version {} {}{}; {}", TIMEMORY_VERSION,
            s.enabled ? "records " : "is switched off, and would record ", components,
            files ? fmt::format("results go to '{}'", s.output_path) : "no files are written"));
    if (s.verbose > 1)
        for (const setting_info& row : setting_table())
            if (const std::string from = setting_origin_of(row.name); from != "default")
                say_once_per_job(fmt::format("setting {} = {} ({})", row.name,
                                             shown(get_setting(row.name).value_or("")), from));
    say_detail(the_clock.counter ? "the clock is the time stamp counter"
                                 : "the clock is CLOCK_MONOTONIC");
}

/// The tools that book on threads of their own.
std::array<std::atomic<void (*)(int)>, 8> tools_to_ask{};

/// Not under the lock of the life: a tool's thread takes it when it books a new region.
void ask_tools(bool last) noexcept {
    for (const auto& tool : tools_to_ask)
        if (auto* const function = tool.load(std::memory_order_acquire)) function(last ? 1 : 0);
}

/// Takes the last profile of this process; from here on regions are counted as lost.
void end_recording() {
    life& l = the_life();
    l.now = phase::finalized;
    set_activity(activity::slow);
    release_signals();
    const settings s = current_settings();
    l.finished =
        take_snapshot(options_for(s, s.stack_clearing ? open_regions::close : open_regions::drop));
    mark_arena(arena_state::ended);
    say_detail(fmt::format("the recording has ended with {} call paths of {} threads",
                           l.finished->paths.size(), l.finished->threads));
}

/// The arena is no longer needed where all that was recorded is in a file. `wrote`: this process is
/// one that should have written it.
void let_go_of_arena(bool all_written, bool wrote, const std::string& output_path) {
    if (all_written) return mark_arena(arena_state::delivered);
    const std::string& file = own_arena_file();
    if (!wrote || file.empty()) return;
    say(fmt::format(
        "what was recorded is kept in '{}': 'timemory recover {} --output FOLDER' writes "
        "it elsewhere",
        file.substr(0, file.rfind('/')), output_path));
}

profile on_this_host(profile p, std::string_view end) {
    describe_process(p, host_name(), end);
    return p;
}

/// From inside MPI_Finalize, while MPI still works.
void at_mpi_finalize() {
    life& l = the_life();
    if (l.now == phase::recording) ask_tools(true);
    const std::lock_guard guard{l.lock};
    if (l.child_of_fork || l.delivered || l.now == phase::fresh) return;
    try {
        if (l.now == phase::recording) end_recording();
        l.delivered = true;
        if (const communicator* mpi = find_communicator(); mpi != nullptr) {
            const settings s = settings_of_rank(mpi->rank(), mpi->size());
            write_laps(s, mpi->rank());
            const bool all_written =
                fold_and_write(on_this_host(std::move(*l.finished), "came to MPI_Finalize"), *mpi,
                               s, announcements());
            let_go_of_arena(all_written, mpi->rank() == 0, s.output_path);
        }
        l.finished.reset();
    } catch (const std::exception& e) {
        say(fmt::format("the results could not be folded over ranks: {}", e.what()));
    }
}

/// At exit, when nobody else has delivered the results.
void deliver_at_exit() {
    life& l = the_life();
    const communicator* mpi = l.child_of_fork ? nullptr : find_communicator();
    const int mpi_state = mpi != nullptr ? mpi->state() : 0;
    l.delivered = true;
    profile p = on_this_host(*l.finished, mpi_state == 1 ? "ended without MPI_Finalize" : "ended");
    const launch_position launched = launch_position_from_environment().value_or(launch_position{});
    const settings own = own_file_settings(l.child_of_fork);
    bool written = false;
    if (mpi_state == 1) {
        written =
            write_own_profile(std::move(p), mpi->rank(), "the program ended without MPI_Finalize");
    } else if (mpi_state == 2 && launched.size > 1) {
        written = write_own_profile(std::move(p), launched.rank,
                                    "nothing was recorded before MPI_Finalize");
    } else {
        write_laps(own, {});
        written = write_local(std::move(p), own, announcements());
    }
    let_go_of_arena(written, true, own.output_path);
}

void before_fork() {
    the_life().lock.lock();
}
void after_fork_in_parent() {
    the_life().lock.unlock();
}

/// A child starts with nothing recorded, and writes files of its own.
void after_fork_in_child() {
    life& l = the_life();
    new (&l.lock) std::recursive_mutex;
    abandon_arena();
    regions_after_fork();
    recorders_after_fork();
    sources_after_fork();
    signals_after_fork();
    l.child_of_fork = true;
    started_by_fork();
    l.at_mpi_finalize = false;
    l.finished.reset();
    l.delivered = false;
    if (l.now == phase::finalized) return;
    l.now = phase::fresh;
    set_activity(activity::slow);
}

/// Where mpi_init asks for it: MPI begins with timemory.
void begin_mpi(const settings& s) {
    const communicator* mpi = the_life().child_of_fork ? nullptr : find_communicator();
    if (mpi == nullptr) return say("mpi_init: this process has no MPI library");
    if (mpi->state() != 0) return;
    constexpr std::string_view levels[] = {"single", "funneled", "serialized", "multiple"};
    int level = -1;
    if (s.mpi_thread) {
        const auto* named = std::find(std::begin(levels), std::end(levels), s.mpi_thread_type);
        level = named != std::end(levels) ? static_cast<int>(named - std::begin(levels)) : 3;
    }
    if (mpi->initialise(level) != 0) say("mpi_init: MPI could not be initialised");
}

/// Where mpi_finalize asks for it: MPI ends with timemory, which folds inside.
void end_mpi() {
    const communicator* mpi = the_life().child_of_fork ? nullptr : find_communicator();
    if (mpi != nullptr && mpi->state() == 1) mpi->finalise();
}

/// The components of regions that have none of their own.
std::string default_list() {
    const life& l = the_life();
    const settings s = current_settings();
    if (!l.default_components.empty() && !l.default_components.back().empty())
        return l.default_components.back();
    return first_given({s.components, s.global_components, "wall_clock"});
}

void choose_default() {
    const std::string traced = first_given({the_life().trace_components, tool_components("trace")});
    state.trace_bundle.store(compile_list(traced).id, std::memory_order_relaxed);
    state.default_bundle.store(compile_list(default_list()).id, std::memory_order_relaxed);
    state.generation.fetch_add(1, std::memory_order_release);
}

/// Under the lock: nothing comes any more that could deliver the results.
void deliver_now() noexcept {
    life& l = the_life();
    if (l.now == phase::fresh) return;
    try {
        if (l.now == phase::recording) end_recording();
        if (!l.delivered) deliver_at_exit();
    } catch (const std::exception& e) {
        say(fmt::format("the results could not be written: {}", e.what()));
    }
}

__attribute__((destructor)) void at_exit() {
    life& l = the_life();
    if (l.now == phase::recording) ask_tools(true);
    const std::lock_guard guard{l.lock};
    if (l.now == phase::fresh) return;
    deliver_now();
    const std::uint64_t late = loss_counts[static_cast<std::size_t>(loss::after_finalize)].load();
    if (late > 0 && launch_position_from_environment().value_or(launch_position{}).rank == 0)
        say_loss(loss_name(loss::after_finalize), late);
}

}  // namespace

/// "basename of argv[0] without .py or .exe; _ becomes -" (walkthrough: timemory-basic-output).
std::string output_folder(std::string_view program) {
    program = program.substr(program.find_last_of('/') + 1);
    for (const std::string_view ending : {".py", ".exe"})
        if (program.size() > ending.size() &&
            program.substr(program.size() - ending.size()) == ending)
            program.remove_suffix(ending.size());
    std::string folder = "timemory-" + std::string{program} + "-output";
    for (char& c : folder)
        if (c == '_') c = '-';
    for (std::size_t i; (i = folder.find("--")) != std::string::npos;) folder.erase(i, 1);
    return folder;
}

void ensure_settings() {
    life& l = the_life();
    const std::lock_guard guard{l.lock};
    if (l.settings_read) return;
    l.settings_read = true;
    read_environment();
    name_output(program_name(program_invocation_short_name, command_line()));
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

void initialise(std::string_view program, beginner by) {
    life& l = the_life();
    const std::lock_guard guard{l.lock};
    ensure_settings();
    l.begun_by_program |= by == beginner::program;
    if (!program.empty()) name_output(program);
    if (l.now != phase::fresh) return;
    if (!l.clock_ready) calibrate_clock();
    l.clock_ready = true;
    arena_wishes = arena_as_set;
    l.now = phase::recording;
    tool_component_hook = open_tool_of;
    choose_default();
    slow_path_hook = notice_mpi;
    apply_settings();
    announce_start();
    if (const settings s = current_settings(); s.mpi_init) begin_mpi(s);
    notice_mpi();
}

bool is_initialised() noexcept {
    return the_life().now == phase::recording;
}
bool is_fresh() noexcept {
    return the_life().now == phase::fresh;
}

void apply_settings() {
    life& l = the_life();
    const std::lock_guard guard{l.lock};
    const settings s = current_settings();
    reuse_recorders.store(s.collapse_threads, std::memory_order_relaxed);
    scope.flat.store(s.flat_profile, std::memory_order_relaxed);
    scope.timeline.store(s.timeline_profile, std::memory_order_relaxed);
    scope.max_depth.store(static_cast<std::uint32_t>(s.max_depth), std::memory_order_relaxed);
    scope.max_timeline.store(static_cast<std::uint64_t>(std::max<std::int64_t>(s.max_timeline, 0)),
                             std::memory_order_relaxed);
    most_paths.store(static_cast<std::uint64_t>(std::max<std::int64_t>(s.max_paths, 1)),
                     std::memory_order_relaxed);
    scope.secondary.store(s.add_secondary, std::memory_order_relaxed);
    scope.report.store(s.destructor_report, std::memory_order_relaxed);
    throttle.calls.store(static_cast<std::uint64_t>(s.throttle_count), std::memory_order_relaxed);
    throttle.ns.store(static_cast<std::uint64_t>(s.throttle_value), std::memory_order_relaxed);
    choose_interfaces(s.network_interface);
    choose_process(static_cast<int>(s.target_pid));
    pin_threads.store(s.cpu_affinity, std::memory_order_relaxed);
    debugging.store(s.debug, std::memory_order_relaxed);
    if (l.now == phase::recording) handle_signals(signals_of(s));
    const bool slower = s.flat_profile || s.timeline_profile || s.destructor_report;
    if (l.now == phase::recording)
        set_activity(!s.enabled || l.paused ? activity::off
                     : slower               ? activity::scoped
                                            : activity::on);
    else if (l.now == phase::fresh && l.settings_read)
        set_activity(s.enabled ? activity::slow : activity::off);
}

void pause() noexcept {
    the_life().paused = true;
    apply_settings();
}

void resume() noexcept {
    the_life().paused = false;
    apply_settings();
}

recorder* recorder_or_loss() noexcept {
    try {
        life& l = the_life();
        if (l.now == phase::fresh) initialise({});
        // Without the lock: the fold over ranks holds it, and a thread of the program doesn't wait
        // for that.
        if (l.now == phase::finalized) {
            count_loss(loss::after_finalize);
            return nullptr;
        }
        if (state.active.load(std::memory_order_acquire) == activity::off) {
            if (this_recorder != nullptr) this_recorder->skip();
            return nullptr;
        }
        return this_recorder != nullptr ? this_recorder : recorder::attach();
    } catch (const std::exception& e) {
        count_loss(loss::out_of_memory);
        return nullptr;
    }
}

void notice_mpi() noexcept {
    life& l = the_life();
    if (l.at_mpi_finalize || l.now != phase::recording) return;
    const std::lock_guard guard{l.lock};
    if (l.at_mpi_finalize || l.now != phase::recording) return;
    const communicator* mpi = active_mpi();
    if (mpi == nullptr || mpi->call_at_finalize(at_mpi_finalize) != 0) return;
    l.at_mpi_finalize = true;
    if (mpi->spawned()) note_spawned();
    place_arena(mpi->rank(), mpi->size());
    say_detail("MPI is initialised: the results are folded inside MPI_Finalize");
}

void finalize() noexcept {
    life& l = the_life();
    if (l.now == phase::recording) ask_tools(true);
    const std::lock_guard guard{l.lock};
    if (l.now != phase::recording) return;
    notice_mpi();
    try {
        end_recording();
        const bool folds = l.at_mpi_finalize;  // inside MPI_Finalize
        if (current_settings().mpi_finalize) end_mpi();
        if (!folds) deliver_at_exit();
    } catch (const std::exception& e) {
        say(fmt::format("the results could not be written: {}", e.what()));
    }
}

void before_abort() noexcept {
    life& l = the_life();
    if (l.now == phase::recording) ask_tools(true);
    // Who has the lock may wait for other ranks, which the program doesn't do here.
    if (const std::unique_lock guard{l.lock, std::try_to_lock}; guard) deliver_now();
}

settings file_settings() {
    const communicator* mpi = active_mpi();
    return mpi != nullptr ? settings_of_rank(mpi->rank(), mpi->size())
                          : own_file_settings(the_life().child_of_fork);
}

void mark_child() noexcept {
    life& l = the_life();
    const std::lock_guard guard{l.lock};
    l.child_of_fork = true;
}

bool call_before_results(void (*function)(int last)) noexcept {
    for (auto& tool : tools_to_ask) {
        void (*none)(int) = nullptr;
        if (tool.compare_exchange_strong(none, function) || none == function) return true;
    }
    return false;
}

profile local_profile() {
    life& l = the_life();
    if (l.now == phase::recording) ask_tools(false);
    const std::lock_guard guard{l.lock};
    if (l.finished) return seal(*l.finished, 0, 1);
    return seal(take_snapshot(options_for(current_settings(), open_regions::leave)), 0, 1);
}

std::string report(std::string_view folder) {
    life& l = the_life();
    const communicator* mpi = active_mpi();
    settings s = file_settings();
    if (!folder.empty()) s.output_path = folder;
    s.auto_output = true;
    std::optional<profile> snapshot;
    if (l.now == phase::recording) ask_tools(false);
    {
        const std::lock_guard guard{l.lock};
        if (l.now == phase::fresh) return "nothing was recorded yet";
        if (l.now == phase::finalized)
            return "the recording has ended: report before timemory_finalize";
        snapshot = take_snapshot(options_for(s, open_regions::leave));
    }
    if (mpi != nullptr)
        fold_and_write(on_this_host(std::move(*snapshot), "running"), *mpi, s, announcements());
    else
        write_local(on_this_host(std::move(*snapshot), "running"), s, announcements());
    return {};
}

void set_trace_components(std::string_view list) {
    life& l = the_life();
    const std::lock_guard guard{l.lock};
    if (l.now == phase::fresh) initialise({});
    l.trace_components = list;
    choose_default();
}

std::string tool_components(std::string_view tool) {
    life& l = the_life();
    const std::lock_guard guard{l.lock};
    const settings s = current_settings();
    const std::string last = default_list();
    if (tool == "trace") return first_given({s.trace_components, last});
    if (tool == "profiler") return first_given({s.trace_components, s.profiler_components, last});
    if (tool == "mpip")
        return first_given({s.mpip_components, s.trace_components, s.profiler_components, last});
    return {};
}

const bundle& default_bundle() {
    return *bundles[state.default_bundle.load(std::memory_order_relaxed)];
}

void push_default_components(std::string_view list) {
    life& l = the_life();
    const std::lock_guard guard{l.lock};
    if (l.now == phase::fresh) initialise({});
    l.default_components.emplace_back(list);
    choose_default();
}

bool pop_default_components() {
    life& l = the_life();
    const std::lock_guard guard{l.lock};
    if (l.default_components.empty()) return false;
    l.default_components.pop_back();
    choose_default();
    return true;
}

namespace {

std::string names_of(const bundle& b) {
    std::string names;
    for (const component_description& what : b.components) names += what.id + ',';
    return names;
}

void replace_default(std::string list) {
    life& l = the_life();
    if (l.default_components.empty()) l.default_components.emplace_back();
    l.default_components.back() = std::move(list);
    choose_default();
}

}  // namespace

void set_default_components(std::string_view list) {
    life& l = the_life();
    const std::lock_guard guard{l.lock};
    if (l.now == phase::fresh) initialise({});
    replace_default(std::string{list});
}

void add_default_components(std::string_view list) {
    life& l = the_life();
    const std::lock_guard guard{l.lock};
    if (l.now == phase::fresh) initialise({});
    replace_default(names_of(default_bundle()) + std::string{list});
}

void remove_default_components(std::string_view list) {
    life& l = the_life();
    const std::lock_guard guard{l.lock};
    if (l.now == phase::fresh) initialise({});
    const std::string gone = names_of(compile_list(list));
    std::string rest;
    for (const component_description& what : default_bundle().components)
        if (("," + gone).find("," + what.id + ",") == std::string::npos) rest += what.id + ',';
    replace_default(rest.empty() ? "," : rest);
}

}  // namespace tim
