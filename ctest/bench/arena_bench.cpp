// What the recorder's memory costs: in a file that outlives the process, and in anonymous memory.
//
// The memory is of the process, so each kind is measured in processes of its own, in turns. Two
// rows: a pair of region edges whose memory was touched long ago, and the first pair of a call
// path, which takes its memory. Each process compares the laps in its result with those that it
// ran.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <timemory/timemory.hpp>
#include <vector>

#include "least.hpp"
#include "measure/clock.hpp"

namespace {

constexpr int rounds = 15;     // of processes of each kind
constexpr int paths = 20'000;  // that are entered for the first time: 80 chunks of the memory

struct figures {
    double floor = 0;  ///< two clock reads; all in ns
    double pair = 0;
    double first = 0;
    std::uint64_t laps = 0;      ///< in the result
    std::uint64_t expected = 0;  ///< that were run
    bool in_file = false;
};

constexpr const char* folder = "/dev/shm";

bool has_arena_file() {
    const std::string begin = fmt::format("timemory-{}-", getpid());
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().filename().string().starts_with(begin)) return true;
    return false;
}

/// In a process of its own.
figures measure(const char* arena_path) {
    setenv("TIMEMORY_ARENA_PATH", arena_path, 1);
    setenv("TIMEMORY_AUTO_OUTPUT", "off", 1);
    tim::calibrate_clock();
    timemory_init(0, nullptr);
    figures f;
    least times;
    std::vector<timemory_region_t> fresh;
    for (int i = 0; i < paths; ++i)
        fresh.push_back(timemory_region(fmt::format("path {}", i).c_str(), nullptr));
    const timemory_region_t warm = timemory_region("warm", nullptr);
    timemory_enter(warm);
    timemory_leave(warm);
    ++f.expected;
    benchmark::RegisterBenchmark("first", [&](benchmark::State& state) {
        auto next = fresh.begin();
        for (auto _ : state) {
            timemory_enter(*next);
            timemory_leave(*next++);
        }
        f.expected += state.iterations();
    })->Iterations(paths);
    benchmark::RegisterBenchmark("floor",
                                 [](benchmark::State& state) {
                                     for (auto _ : state) {
                                         benchmark::DoNotOptimize(tim::clock_ticks());
                                         benchmark::DoNotOptimize(tim::clock_ticks());
                                     }
                                 })
        ->Repetitions(10)
        ->MinTime(0.01);
    benchmark::RegisterBenchmark("pair",
                                 [&](benchmark::State& state) {
                                     for (auto _ : state) {
                                         timemory_enter(warm);
                                         timemory_leave(warm);
                                     }
                                     f.expected += state.iterations();
                                 })
        ->Repetitions(10)
        ->MinTime(0.01);
    benchmark::RunSpecifiedBenchmarks(&times);
    f.floor = times.times["floor"];
    f.pair = times.times["pair"];
    f.first = times.times["first"];
    f.in_file = has_arena_file();

    char* text = nullptr;
    if (timemory_get(TIMEMORY_JSON, "wall_clock", &text) != 0) std::abort();
    const auto json = nlohmann::json::parse(text);
    timemory_free(text);
    for (const auto& entry : json["timemory"]["wall_clock"]["ranks"][0]["graph"])
        f.laps += entry["entry"]["laps"].get<std::uint64_t>();
    return f;
}

/// Of one more process; ends this one if that does not come to an end.
figures of_a_process(const char* arena_path) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    const pid_t child = fork();
    if (child == 0) {
        const figures f = measure(arena_path);
        const bool written = write(ends[1], &f, sizeof f) == sizeof f;
        std::exit(written ? 0 : 1);
    }
    figures f;
    close(ends[1]);
    const bool whole = read(ends[0], &f, sizeof f) == sizeof f;
    close(ends[0]);
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0 || !whole) std::abort();
    return f;
}

figures least_of(const std::vector<figures>& all) {
    figures f = all.front();
    for (const figures& other : all) {
        f.floor = std::min(f.floor, other.floor);
        f.pair = std::min(f.pair, other.pair);
        f.first = std::min(f.first, other.first);
    }
    return f;
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    std::vector<figures> in_file;
    std::vector<figures> anonymous;
    for (int i = 0; i < rounds; ++i) {
        in_file.push_back(of_a_process(folder));
        anonymous.push_back(of_a_process(""));
    }
    const figures file = least_of(in_file);
    const figures none = least_of(anonymous);
    fmt::print("{:<46} {:>9} {:>10} {:>9} {:>7}\n", "pair of region edges, wall_clock", "floor ns",
               "anonymous", "in a file", "ratio");
    fmt::print("{:<46} {:>9.1f} {:>10.1f} {:>9.1f} {:>7.2f}\n", "by handle, tight", file.floor,
               none.pair, file.pair, file.pair / none.pair);
    fmt::print("{:<46} {:>9.1f} {:>10.1f} {:>9.1f} {:>7.2f}\n",
               "the first of a call path, which takes memory", file.floor, none.first, file.first,
               file.first / none.first);
    std::uint64_t pairs = 0;
    int wrong = 0;
    for (const std::vector<figures>* all : {&in_file, &anonymous})
        for (const figures& f : *all) {
            pairs += f.expected;
            if (f.laps != f.expected || f.in_file != (all == &in_file)) ++wrong;
        }
    fmt::print("{} processes, {} pairs, {} processes with another count or another memory\n",
               2 * rounds, pairs, wrong);
    return wrong == 0 ? 0 : 1;
}
