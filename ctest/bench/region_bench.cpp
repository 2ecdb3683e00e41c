// What a pair of region edges costs, over the two clock reads that it can't do without.
//
// Two figures each: `tight`, a plain loop, where an out-of-order CPU hides most work behind the
// clock; and `serialised`, with an lfence before and after each edge. The floor is measured in the
// same run, with the recorder's own clock function. Afterwards every region's count in the result
// is compared with the pairs that were run.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <timemory/timemory.hpp>
#include <vector>

#include "least.hpp"
#include "measure/clock.hpp"
#include "measure/source.hpp"

namespace {

std::map<std::string, std::uint64_t> expected;

inline void fence() noexcept {
#if defined(__x86_64__)
    _mm_lfence();
#else
    std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

/// Runs `edge` alone, or between fences.
template <bool Serialised, class Edge>
inline void at_edge(Edge edge) {
    if constexpr (Serialised) fence();
    edge();
    if constexpr (Serialised) fence();
}

template <bool Serialised>
void two_clock_reads(benchmark::State& state) {
    for (auto _ : state) {
        at_edge<Serialised>([] { benchmark::DoNotOptimize(tim::clock_ticks()); });
        at_edge<Serialised>([] { benchmark::DoNotOptimize(tim::clock_ticks()); });
    }
}

/// One reading of each source of three components at each edge; or only at those that need it:
/// peak_rss is the high-water mark where the region ends.
template <bool Serialised, bool AsNeeded>
void three_sources_read(benchmark::State& state) {
    for (auto _ : state) {
        std::int64_t value = 0;
        std::int64_t values[tim::usage_values];
        at_edge<Serialised>([&] {
            if constexpr (!AsNeeded) tim::read_source(tim::source_kind::thread_usage, {}, values);
            tim::read_source(tim::source_kind::process_cpu, {}, &value);
            benchmark::DoNotOptimize(tim::clock_ticks());
        });
        at_edge<Serialised>([&] {
            benchmark::DoNotOptimize(tim::clock_ticks());
            tim::read_source(tim::source_kind::process_cpu, {}, &value);
            tim::read_source(tim::source_kind::thread_usage, {}, values);
        });
        benchmark::DoNotOptimize(value);
    }
}

template <bool Serialised>
void by_handle(benchmark::State& state, const std::string& name, const char* components) {
    const timemory_region_t region = timemory_region(name.c_str(), components);
    for (auto _ : state) {
        at_edge<Serialised>([&] { timemory_enter(region); });
        at_edge<Serialised>([&] { timemory_leave(region); });
    }
    expected[name] += state.iterations();
}

void static_site(benchmark::State& state) {
    for (auto _ : state) {
        TIMEMORY_MARKER("static site");
        benchmark::ClobberMemory();
    }
    expected["static site"] += state.iterations();
}

void static_site_serialised(benchmark::State& state) {
    for (auto _ : state) {
        fence();
        TIMEMORY_MARKER("static site");
        fence();
        fence();
    }
    expected["static site"] += state.iterations();
}

template <bool Serialised>
void by_name(benchmark::State& state) {
    for (auto _ : state) {
        at_edge<Serialised>([] { timemory_push_region("by name"); });
        at_edge<Serialised>([] { timemory_pop_region("by name"); });
    }
    expected["by name"] += state.iterations();
}

/// Three regions in each other: the figure is for one pair.
template <bool Serialised>
void three_deep(benchmark::State& state) {
    const timemory_region_t a = timemory_region("deep 1", nullptr);
    const timemory_region_t b = timemory_region("deep 2", nullptr);
    const timemory_region_t c = timemory_region("deep 3", nullptr);
    std::uint64_t pairs = 0;
    while (state.KeepRunningBatch(3)) {
        at_edge<Serialised>([&] { timemory_enter(a); });
        at_edge<Serialised>([&] { timemory_enter(b); });
        at_edge<Serialised>([&] { timemory_enter(c); });
        at_edge<Serialised>([&] { timemory_leave(c); });
        at_edge<Serialised>([&] { timemory_leave(b); });
        at_edge<Serialised>([&] { timemory_leave(a); });
        ++pairs;
    }
    for (const char* name : {"deep 1", "deep 2", "deep 3"}) expected[name] += pairs;
}

/// Siblings one after the other, or in random order.
template <bool Serialised>
void siblings(benchmark::State& state, const std::string& parent, int count, bool shuffled) {
    std::vector<timemory_region_t> regions;
    for (int i = 0; i < count; ++i)
        regions.push_back(timemory_region(fmt::format("{} {}", parent, i).c_str(), nullptr));
    std::vector<int> order(65536);
    std::mt19937 random{17};
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = shuffled ? static_cast<int>(random() % static_cast<unsigned>(count))
                            : static_cast<int>(i % static_cast<std::size_t>(count));
    std::vector<std::uint64_t> done(static_cast<std::size_t>(count));
    const timemory_region_t top = timemory_region(parent.c_str(), nullptr);
    timemory_enter(top);
    for (const auto region : regions) {  // each path is made once, before the clock runs
        timemory_enter(region);
        timemory_leave(region);
    }
    std::size_t i = 0;
    for (auto _ : state) {
        const auto chosen = static_cast<std::size_t>(order[i++ & 0xFFFF]);
        at_edge<Serialised>([&] { timemory_enter(regions[chosen]); });
        at_edge<Serialised>([&] { timemory_leave(regions[chosen]); });
    }
    timemory_leave(top);
    expected[parent] += 1;
    for (std::size_t k = 0; k < i; ++k) ++done[static_cast<std::size_t>(order[k & 0xFFFF])];
    for (int k = 0; k < count; ++k)
        expected[fmt::format("{} {}", parent, k)] += done[static_cast<std::size_t>(k)] + 1;
}

/// What the loop of siblings() costs without regions: two clock reads behind the same lookups.
template <bool Serialised>
void siblings_floor(benchmark::State& state, int count) {
    std::vector<timemory_region_t> regions(static_cast<std::size_t>(count));
    std::vector<int> order(65536);
    std::mt19937 random{17};
    for (int& o : order) o = static_cast<int>(random() % static_cast<unsigned>(count));
    std::size_t i = 0;
    for (auto _ : state) {
        const auto chosen = static_cast<std::size_t>(order[i++ & 0xFFFF]);
        benchmark::DoNotOptimize(regions[chosen]);
        at_edge<Serialised>([] { benchmark::DoNotOptimize(tim::clock_ticks()); });
        at_edge<Serialised>([] { benchmark::DoNotOptimize(tim::clock_ticks()); });
    }
}

std::atomic<std::uint64_t> threads_pairs{0};

void on_threads(benchmark::State& state) {
    const timemory_region_t region = timemory_region("on threads", nullptr);
    for (auto _ : state) {
        timemory_enter(region);
        timemory_leave(region);
    }
    threads_pairs += state.iterations();
}

void inactive_header(benchmark::State& state) {
    for (auto _ : state) {
        TIMEMORY_MARKER("inactive");
        benchmark::ClobberMemory();
    }
}

void inactive_c(benchmark::State& state) {
    for (auto _ : state) {
        timemory_push_region("inactive");
        timemory_pop_region("inactive");
        benchmark::ClobberMemory();
    }
}

/// The functions themselves, as another language calls them: not the header's tests.
void inactive_functions(benchmark::State& state) {
    for (auto _ : state) {
        (timemory_push_region)("inactive");
        (timemory_pop_region)("inactive");
    }
}

/// What two calls into a shared library cost that return at once.
void two_calls(benchmark::State& state) {
    for (auto _ : state) {
        timemory_free(nullptr);
        timemory_free(nullptr);
    }
}

void empty_loop(benchmark::State& state) {
    for (auto _ : state) benchmark::ClobberMemory();
}

void add(const std::string& name, void (*function)(benchmark::State&)) {
    benchmark::RegisterBenchmark(name.c_str(), function)->Repetitions(40)->MinTime(0.02);
}

template <class Function>
void add(const std::string& name, Function function) {
    benchmark::RegisterBenchmark(name.c_str(), function)->Repetitions(40)->MinTime(0.02);
}

constexpr double no_bound = 1e9;

struct row {
    const char* what;
    const char* name;
    const char* floor;
    double bound;
};

/// Laps by name in what the library recorded.
std::map<std::string, std::uint64_t> recorded() {
    char* text = nullptr;
    if (timemory_get(TIMEMORY_JSON, "wall_clock", &text) != 0) std::abort();
    const auto json = nlohmann::json::parse(text);
    timemory_free(text);
    std::map<std::string, std::uint64_t> laps;
    for (const auto& entry : json["timemory"]["wall_clock"]["ranks"][0]["graph"]) {
        std::string name = entry["prefix"];
        name.erase(0, name.find_first_not_of(">| _"));
        laps[name] += entry["entry"]["laps"].get<std::uint64_t>();
    }
    return laps;
}

}  // namespace

int main(int argc, char** argv) {
    setenv("TIMEMORY_AUTO_OUTPUT", "off", 1);
    // Floor and measurement alternate, so that what the machine does meanwhile meets both.
    std::vector<char*> arguments{argv, argv + argc};
    std::string interleave = "--benchmark_enable_random_interleaving=true";
    arguments.push_back(interleave.data());
    int given = static_cast<int>(arguments.size());
    benchmark::Initialize(&given, arguments.data());
    tim::calibrate_clock();
    timemory_init(argc, argv);

    least times;
    timemory_set_setting("enabled", "off");
    add("empty", empty_loop);
    add("inactive header", inactive_header);
    add("inactive C", inactive_c);
    add("inactive functions", inactive_functions);
    add("two calls", two_calls);
    benchmark::RunSpecifiedBenchmarks(&times);
    benchmark::ClearRegisteredBenchmarks();
    timemory_set_setting("enabled", "on");

    add("floor", two_clock_reads<false>);
    add("floor serialised", two_clock_reads<true>);
    add("static", static_site);
    add("static serialised", static_site_serialised);
    add("handle", [](auto& s) { by_handle<false>(s, "by handle", nullptr); });
    add("handle serialised", [](auto& s) { by_handle<true>(s, "by handle", nullptr); });
    add("name", by_name<false>);
    add("name serialised", by_name<true>);
    add("deep", three_deep<false>);
    add("deep serialised", three_deep<true>);
    add("fifty", [](auto& s) { siblings<false>(s, "fifty", 50, false); });
    add("fifty serialised", [](auto& s) { siblings<true>(s, "fifty", 50, false); });
    add("siblings floor", [](auto& s) { siblings_floor<false>(s, 10000); });
    add("siblings floor serialised", [](auto& s) { siblings_floor<true>(s, 10000); });
    add("siblings", [](auto& s) { siblings<false>(s, "siblings", 10000, true); });
    add("siblings serialised", [](auto& s) { siblings<true>(s, "siblings", 10000, true); });
    add("three floor serialised", three_sources_read<true, false>);
    add("three needed serialised", three_sources_read<true, true>);
    add("three serialised",
        [](auto& s) { by_handle<true>(s, "three", "wall_clock,cpu_clock,peak_rss"); });
    benchmark::RegisterBenchmark("threads", on_threads)->Repetitions(40)->MinTime(0.02);
    benchmark::RegisterBenchmark("threads", on_threads)->Threads(2)->Repetitions(40)->MinTime(0.02);
    benchmark::RunSpecifiedBenchmarks(&times);
    expected["on threads"] = threads_pairs;

    const auto laps = recorded();

    const row rows[] = {
        {"C++ static call site, tight", "static", "floor", 3},
        {"C++ static call site, serialised", "static serialised", "floor serialised", 18},
        {"by handle, tight", "handle", "floor", 3},
        {"by handle, serialised", "handle serialised", "floor serialised", 18},
        {"C ABI by name, tight", "name", "floor", 5},
        {"C ABI by name, serialised", "name serialised", "floor serialised", 20},
        {"three deep, by handle, tight", "deep", "floor", 3},
        {"three deep, by handle, serialised", "deep serialised", "floor serialised", 18},
        {"50 alternating sites, tight", "fifty", "siblings floor", 5},
        {"50 alternating sites, serialised", "fifty serialised", "siblings floor serialised", 25},
        {"10,000 siblings in random order, tight", "siblings", "siblings floor", 5},
        {"10,000 siblings in random order, serialised", "siblings serialised",
         "siblings floor serialised", 25},
        {"wall_clock, cpu_clock, peak_rss, serialised", "three serialised",
         "three floor serialised", 25},
        {"  the same, over the reads that they need", "three serialised", "three needed serialised",
         no_bound},
        {"nothing active, header marker", "inactive header", "empty", 1},
        {"nothing active, C pair", "inactive C", "empty", 3},
        {"nothing active, the C functions called", "inactive functions", "two calls", 3},
    };
    fmt::print("{:<46} {:>9} {:>9} {:>9} {:>7} {:>7}\n", "pair of region edges, wall_clock",
               "floor ns", "ns", "+ ns", "ratio", "bound");
    for (const row& r : rows) {
        const double floor = times.times[r.floor];
        const double ns = times.times[r.name];
        fmt::print("{:<46} {:>9.1f} {:>9.1f} {:>9.1f} {:>7.2f} {:>7}{}\n", r.what, floor, ns,
                   ns - floor, ns / floor, r.bound < no_bound ? fmt::format("{}", r.bound) : "",
                   ns - floor > r.bound ? "  over" : "");
    }
    const double one = times.times["threads"];
    const double two = times.times["threads/2 threads"];
    fmt::print(
        "two threads: {:.1f} ns a pair each, one thread: {:.1f}; ratio {:.2f} (bound 1.10)\n", two,
        one, two / one);

    std::uint64_t pairs = 0;
    int wrong = 0;
    for (const auto& [name, count] : expected) {
        pairs += count;
        const auto found = laps.find(name);
        if (found != laps.end() && found->second == count) continue;
        ++wrong;
        fmt::print("LOST: '{}' has {} laps of {}\n", name, found != laps.end() ? found->second : 0,
                   count);
    }
    fmt::print("{} regions, {} pairs, {} regions with another count than was run\n",
               expected.size(), pairs, wrong);
    return wrong == 0 ? 0 : 1;
}
