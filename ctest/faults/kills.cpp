// Kills a program at random moments while it records, and reads what it has left.
//
//     faults-kills <how many times> [seed]
//
// Each of two threads writes to memory that it shares with its parent what it is about to do and
// what it has done: a region is `entered` before its push, its value is announced before its pop,
// and it is `left` after it. Of every path the arena must then hold at least the laps that were
// left and at most those that were announced; and their sum, squares, least and greatest value must
// be those of just that many laps of the log.

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <timemory/timemory.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "../ticks.hpp"
#include "record/tree_reader.hpp"

namespace {

constexpr int threads = 2;
constexpr unsigned usual_names = 4;
constexpr unsigned deepest = 4;
constexpr double longest_ms = 3;

// ---- The program that is killed --------------------------------------------------------------

enum class what : std::uint32_t { entered, announced, left };

struct event {
    what kind;
    std::uint32_t name;
    std::int64_t value;
};

/// What a thread says of itself.
struct thread_log {
    static constexpr std::size_t most = std::size_t{1} << 18;
    std::atomic<std::size_t> used;
    event events[most];

    [[nodiscard]] bool full() const { return used.load(std::memory_order_relaxed) + 64 > most; }
    void add(event e) {
        const std::size_t n = used.load(std::memory_order_relaxed);
        events[n] = e;
        used.store(n + 1, std::memory_order_release);
    }
};

struct shared_memory {
    std::atomic<bool> started;
    thread_log logs[threads];
};

std::string name_of(std::uint32_t name) {
    return (name < usual_names ? "usual " : "new ") + std::to_string(name);
}

/// The region that holds all others of a thread: so that the threads share no path.
std::string root_of(int thread) {
    return "thread " + std::to_string(thread);
}

void record(int thread, unsigned seed, thread_log& log) {
    std::minstd_rand random(seed);
    std::uint32_t names = usual_names;
    std::vector<std::pair<std::uint32_t, std::int64_t>> open;
    timemory_push_region(root_of(thread).c_str());
    while (!log.full()) {
        if (open.size() < deepest && random() % 2 == 0) {
            const bool is_new = random() % 64 == 0;
            const auto name = is_new ? names++ : static_cast<std::uint32_t>(random() % usual_names);
            open.emplace_back(name, ticks);
            log.add({what::entered, name, 0});
            timemory_push_region(name_of(name).c_str());
            ticks += static_cast<std::int64_t>(random() % 1000);
        } else if (!open.empty()) {
            const auto [name, begin] = open.back();
            open.pop_back();
            log.add({what::announced, name, ticks - begin});
            timemory_pop_region(name_of(name).c_str());
            log.add({what::left, name, 0});
        }
    }
    for (;;) pause();
}

[[noreturn]] void be_killed(const char* components, unsigned seed, shared_memory& memory) {
    timemory_init(0, nullptr);
    if (!measure_with_ticks(components)) abort();
    std::atomic<int> ready = 0;
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t)
        running.emplace_back([&, t] {
            ++ready;
            while (!memory.started) {
            }
            record(t, seed + static_cast<unsigned>(t), memory.logs[t]);
        });
    while (ready < threads) sched_yield();
    memory.started = true;
    for (;;) pause();
}

// ---- What it has left ------------------------------------------------------------------------

/// What the log says of a path.
struct logged {
    std::uint64_t entered = 0;
    std::uint64_t left = 0;
    std::vector<std::int64_t> announced;
};

std::map<std::string, logged> replay(const shared_memory& memory) {
    std::map<std::string, logged> paths;
    for (int t = 0; t < threads; ++t) {
        std::vector<std::string> open = {root_of(t)};
        paths[open[0]].entered = 1;
        const std::size_t used = memory.logs[t].used.load(std::memory_order_acquire);
        for (std::size_t i = 0; i < used; ++i) {
            const event& e = memory.logs[t].events[i];
            switch (e.kind) {
                case what::entered:
                    open.push_back(open.back() + '/' + name_of(e.name));
                    ++paths[open.back()].entered;
                    break;
                case what::announced:
                    paths[open.back()].announced.push_back(e.value);
                    break;
                case what::left:
                    ++paths[open.back()].left;
                    open.pop_back();
            }
        }
    }
    return paths;
}

/// The file of the only arena in the folder; empty if there is none yet.
std::string arena_in(const std::string& folder) {
    std::string path;
    DIR* entries = opendir(folder.c_str());
    while (const dirent* entry = readdir(entries))
        if (entry->d_name[0] != '.') path = folder + '/' + entry->d_name;
    closedir(entries);
    return path;
}

struct row {
    std::uint64_t laps = 0;
    std::vector<tim::statistics> components;  ///< of each the laps' statistics
};

struct found {
    std::map<std::string, row> rows;
    int in_flight = 0;  ///< laps that the journals had and the nodes not yet
    std::uint64_t unreadable = 0;
};

found read_arena(const std::string& path) {
    found result;
    const int file = open(path.c_str(), O_RDONLY);
    struct stat about {};
    if (file < 0 || fstat(file, &about) != 0) return result;
    const auto size = static_cast<std::size_t>(about.st_size);
    void* bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (size < sizeof(tim::arena_record) || bytes == MAP_FAILED) return result;
    const tim::arena_view view{{static_cast<const std::byte*>(bytes), size}};
    if (view.header().magic == tim::layout_magic) {
        tim::tree_reader reader{view};
        reader.add_recorders(false);
        for (const tim::recorder_record* r : reader.recorders())
            result.in_flight += r->journal.sequence.load() % 2 == 1;
        const tim::profile p = reader.finish();
        result.unreadable = reader.unreadable();
        for (const tim::component_columns& c : p.components)
            for (std::size_t i = 0; i < c.path.size(); ++i) {
                std::string name;
                for (std::uint32_t n = c.path[i]; n != 0; n = p.paths[n].parent)
                    name = std::string{p.name(p.paths[n])} + (name.empty() ? "" : "/") + name;
                row& r = result.rows[name];
                r.laps = c.laps[i];
                r.components.push_back(c.fields[0].laps[i]);
            }
    }
    munmap(bytes, size);
    return result;
}

std::string text(const tim::statistics& s) {
    return "sum " + std::to_string(static_cast<long long>(s.sum)) + ", squares " +
           std::to_string(static_cast<unsigned long long>(s.squares)) + ", least " +
           std::to_string(s.min) + ", greatest " + std::to_string(s.max);
}

/// What is wrong with a path; nothing if nothing is.
std::optional<std::string> check(const logged& log, const row& r, bool has_clock, bool has_ticks) {
    const std::string laps = std::to_string(r.laps) + " laps, ";
    if (r.laps < log.left || r.laps > log.announced.size() || r.laps > log.entered)
        return laps + std::to_string(log.left) + " were left, " +
               std::to_string(log.announced.size()) + " announced, " + std::to_string(log.entered) +
               " entered";
    if (r.laps == 0) return {};
    if (r.components.size() != static_cast<std::size_t>(has_clock + has_ticks))
        return laps + "but " + std::to_string(r.components.size()) + " components";
    if (has_ticks) {
        tim::statistics s{.sum = 0, .squares = 0, .min = INT64_MAX, .max = INT64_MIN};
        for (std::size_t i = 0; i < r.laps; ++i) {
            const std::int64_t v = log.announced[i];
            s.sum += v;
            s.squares += static_cast<tim::uint128>(v * v);
            s.min = std::min(s.min, v);
            s.max = std::max(s.max, v);
        }
        const tim::statistics& ticked = r.components[0];  // "ticks" comes before "wall_clock"
        if (ticked.sum != s.sum || ticked.squares != s.squares || ticked.min != s.min ||
            ticked.max != s.max)
            return laps + text(ticked) + "; logged: " + text(s);
    }
    if (has_clock) {
        // The values are not known; but of up to three laps all follow from the least, the greatest
        // and the sum, and no number of laps can have any.
        const tim::statistics& c = r.components.back();
        const auto n = static_cast<tim::int128>(r.laps);
        const tim::int128 middle = n < 3 ? 0 : c.sum - c.min - c.max;
        bool torn = c.min < 0 || c.min > c.max || c.sum < n * c.min || c.sum > n * c.max ||
                    c.sum * c.sum > n * static_cast<tim::int128>(c.squares);
        const auto square = [](tim::int128 v) { return static_cast<tim::uint128>(v * v); };
        if (n == 1) torn |= c.sum != c.max || c.min != c.max || c.squares != square(c.sum);
        if (n == 2)
            torn |=
                c.sum != tim::int128{c.min} + c.max || c.squares != square(c.min) + square(c.max);
        if (n == 3) torn |= c.squares != square(c.min) + square(middle) + square(c.max);
        if (torn) return laps + "of the clock: " + text(c);
    }
    return {};
}

/// What is wrong with what was found; empty if nothing is.
std::string check(const std::map<std::string, logged>& log, const found& got, bool has_clock,
                  bool has_ticks) {
    if (got.unreadable > 0) return std::to_string(got.unreadable) + " unreadable records";
    for (const auto& [path, r] : got.rows)
        if (!log.contains(path)) return path + " was never entered";
    for (const auto& [path, l] : log) {
        const auto r = got.rows.find(path);
        if (const auto wrong =
                check(l, r != got.rows.end() ? r->second : row{}, has_clock, has_ticks))
            return path + ": " + *wrong;
    }
    return {};
}

/// Starts the program, kills it when it has recorded for so long, and waits until it is gone. The
/// time counts from the first region, or before that, from when the arena does not yet exist.
void run_and_kill(const char* components, unsigned seed,
                  std::chrono::duration<double, std::milli> after, bool before_the_arena,
                  shared_memory& memory) {
    memory.started = false;
    for (thread_log& log : memory.logs) log.used = 0;
    const pid_t child = fork();
    if (child < 0) std::abort();
    if (child == 0) be_killed(components, seed, memory);
    const auto has_begun = [&] {
        return before_the_arena ? memory.started.load()
                                : memory.logs[0].used + memory.logs[1].used > 0;
    };
    while (!has_begun())
        if (waitpid(child, nullptr, WNOHANG) != 0) {
            std::fprintf(stderr, "the program ended by itself\n");
            std::exit(1);
        }
    const auto end = std::chrono::steady_clock::now() + after;
    while (std::chrono::steady_clock::now() < end) sched_yield();
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
}

}  // namespace

int main(int argc, char** argv) {
    const int kills = argc > 1 ? std::atoi(argv[1]) : 300;
    const unsigned seed = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1;
    char folder[] = "/tmp/timemory-kills-XXXXXX";
    if (mkdtemp(folder) == nullptr) return 2;
    setenv("TIMEMORY_ARENA_PATH", folder, 1);
    setenv("TIMEMORY_AUTO_OUTPUT", "off", 1);
    void* shared = mmap(nullptr, sizeof(shared_memory), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return 2;
    auto& memory = *static_cast<shared_memory*>(shared);

    std::mt19937 random(seed);
    std::uniform_real_distribution<double> moments(0, longest_ms);
    int in_flight = 0;
    int too_early = 0;
    std::uint64_t laps = 0;
    for (int i = 0; i < kills; ++i) {
        constexpr std::array<const char*, 3> choices = {"ticks", "wall_clock, ticks", "wall_clock"};
        const std::string components = choices[static_cast<std::size_t>(i % 3)];
        const auto program_seed = static_cast<unsigned>(random());
        run_and_kill(components.c_str(), program_seed,
                     std::chrono::duration<double, std::milli>{moments(random)}, i % 8 == 7,
                     memory);
        const std::string arena = arena_in(folder);
        const found got = read_arena(arena);
        const std::string wrong =
            check(replay(memory), got, components.find("wall") != std::string::npos,
                  components.find("ticks") != std::string::npos);
        if (!wrong.empty()) {
            std::fprintf(stderr, "kill %d (seed %u, components %s): %s; the arena is %s\n", i, seed,
                         components.c_str(), wrong.c_str(), arena.c_str());
            return 1;
        }
        unlink(arena.c_str());
        in_flight += got.in_flight;
        too_early += got.rows.empty();
        for (const auto& [path, r] : got.rows) laps += r.laps;
    }
    rmdir(folder);
    std::printf(
        "%d kills: %llu laps, all as logged; %d laps were in a journal and not yet at their "
        "nodes; %d programs had no lap yet\n",
        kills, static_cast<unsigned long long>(laps), in_flight, too_early);
    return 0;
}
