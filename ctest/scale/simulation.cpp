// The fold over 1,000 to 1,000,000 ranks, on one: the real schedule(), received() and fold(), depth
// first, so that only log2 P profiles live at a time.
//
//     scale-simulation equal|half|names|giant [ranks...]
//
// equal: all ranks have the same paths; half: half of them are of the even or the odd ranks alone;
// names: ten paths of each rank have its number in their names; giant: rank 0 has 10,000 paths and
// the others 10. Prints a line for each number of ranks, with the most memory that a rank needs, in
// bytes and in sizes of the profile that it has afterwards, and checks the result: a wrong value, a
// round too many or a result that grows with the ranks ends it with 1.

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "fold/fold.hpp"
#include "fold/schedule.hpp"
#include "profile/merge.hpp"
#include "profile/process_table.hpp"
#include "scale/memory.hpp"

namespace tim::scale {
namespace {

constexpr std::uint32_t max_paths = 1000;
constexpr std::uint32_t shared_paths = 40;
constexpr std::uint32_t own_names = 10;
constexpr std::uint32_t giant_paths = 10'000;

struct trees {
    std::string_view name;
    void (*add)(std::uint32_t rank, std::vector<std::string>& names);
    std::uint32_t max_paths;
};

void add_numbered(std::vector<std::string>& names, std::string_view prefix, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i)
        names.push_back(std::string{prefix} + std::to_string(i));
}

const trees kinds[] = {
    {"equal", [](std::uint32_t, auto& names) { add_numbered(names, "path ", shared_paths); },
     max_paths},
    {"half",
     [](std::uint32_t rank, auto& names) {
         add_numbered(names, "path ", shared_paths / 2);
         add_numbered(names, rank % 2 == 0 ? "even " : "odd ", shared_paths / 2);
     },
     max_paths},
    {"names",
     [](std::uint32_t rank, auto& names) {
         add_numbered(names, "path ", shared_paths - own_names);
         add_numbered(names, "of rank " + std::to_string(rank) + " number ", own_names);
     },
     max_paths},
    {"giant",
     [](std::uint32_t rank, auto& names) {
         add_numbered(names, "path ", rank == 0 ? giant_paths : 10);
     },
     2 * giant_paths},
};

std::int64_t value_of(std::uint32_t rank, std::size_t path) {
    return 1000 + static_cast<std::int64_t>(rank % 97) * 10 + static_cast<std::int64_t>(path % 7);
}

/// What one rank has measured: flat paths with one lap each.
profile leaf(const trees& kind, std::uint32_t rank, std::uint32_t size) {
    std::vector<std::string> names;
    kind.add(rank, names);
    profile p = empty_profile();
    component_columns c;
    c.what.id = c.what.label = "wall_clock";
    c.what.kind = quantity::time;
    c.what.unit = "sec";
    c.what.unit_value = 1e9;
    c.fields.resize(1);
    for (std::uint32_t i = 0; i < names.size(); ++i) {
        p.paths.push_back({.parent = 0, .name = i + 1, .kind = path_kind::region, .order = i + 1});
        const std::int64_t value = value_of(rank, i);
        c.path.push_back(i + 1);
        c.laps.push_back(1);
        c.fields[0].value.push_back(value);
        c.fields[0].laps.push_back(
            {.sum = value,
             .squares = static_cast<uint128>(value) * static_cast<uint128>(value),
             .min = value,
             .max = value});
        c.fields[0].ranks.emplace_back();
    }
    p.names.insert(p.names.end(), names.begin(), names.end());
    p.components.push_back(std::move(c));
    p.threads = 1;
    describe_process(p, "one host", "came to MPI_Finalize");
    return seal(canonical(p, dimension::laps), rank, size);
}

struct measurements {
    std::uint64_t messages = 0;
    double most_profiles = 0;  ///< that a rank holds at once, in sizes of what it has afterwards
    std::size_t most_bytes = 0;
};

struct part {
    std::vector<std::byte> bytes;
    std::uint32_t rounds = 0;
};

part run(const trees& kind, std::uint32_t rank, std::uint32_t size, measurements& m) {
    const std::vector<std::uint32_t> children = schedule(rank, size).children;
    const std::size_t before = in_use;
    profile mine = leaf(kind, rank, size);
    part done;
    for (const std::uint32_t child : children) {
        part theirs = run(kind, child, size, m);
        ++m.messages;
        // Messages from several children at once are taken one after the other.
        done.rounds = std::max(done.rounds, theirs.rounds) + 1;
        most_in_use = in_use;
        std::optional<profile> other = received(std::move(theirs.bytes));
        if (!other) throw malformed_profile("a profile that can't be read");
        fold(mine, other, kind.max_paths);
        const double profiles =
            static_cast<double>(most_in_use - before) / static_cast<double>(in_use - before);
        m.most_profiles = std::max(m.most_profiles, profiles);
        m.most_bytes = std::max(m.most_bytes, most_in_use - before);
    }
    done.bytes = serialise(mine);
    done.bytes.shrink_to_fit();  // a message is as long as it is
    return done;
}

bool failed = false;

void check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "scale-simulation: not so: %s\n", what);
    failed = true;
}

/// Every lap of every rank is in the result, with its value.
void check_values(const trees& kind, const profile& result, std::uint32_t size) {
    std::int64_t laps = 0;
    std::int64_t sum = 0;
    std::vector<std::string> names;
    for (std::uint32_t rank = 0; rank < size; ++rank) {
        // Only rank 0 of `giant` is unlike the others.
        if (names.empty() || kind.name != "giant" || rank == 1) {
            names.clear();
            kind.add(rank, names);
        }
        laps += static_cast<std::int64_t>(names.size());
        for (std::size_t i = 0; i < names.size(); ++i) sum += value_of(rank, i);
    }
    std::int64_t got_laps = 0;
    std::int64_t got_sum = 0;
    const component_columns& c = result.components.at(0);
    for (std::size_t row = 0; row < c.path.size(); ++row) {
        got_laps += static_cast<std::int64_t>(c.laps[row]);
        got_sum += static_cast<std::int64_t>(c.fields[0].value[row]);
    }
    check(got_laps == laps, "every lap is in the result");
    check(got_sum == sum, "every value is in the result");
    check(result.ranks.size() == 1 && result.ranks[0].last == size - 1, "every rank is in it");
    check(result.paths.size() <= kind.max_paths + 1, "no more than max_paths paths");
}

/// Returns the size of the result in bytes.
std::size_t simulate(const trees& kind, std::uint32_t size) {
    const auto begin = std::chrono::steady_clock::now();
    measurements m;
    const part all = run(kind, 0, size, m);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const auto rounds = static_cast<std::uint32_t>(std::bit_width(size - 1));
    std::printf("%-6.*s %9u %10.2f %12.2f %9llu %7u %9.2f %11zu %11zu\n",
                static_cast<int>(kind.name.size()), kind.name.data(), size, took.count(),
                1e6 * took.count() / size, static_cast<unsigned long long>(m.messages), all.rounds,
                m.most_profiles, m.most_bytes, all.bytes.size());
    std::fflush(stdout);
    check(m.messages == size - 1, "each rank but 0 sends once");
    check(all.rounds == rounds, "rounds = ceil(log2 P)");
    check(m.most_profiles <= 3, "a rank holds no more than three times its profile");
    check_values(kind, deserialise(all.bytes), size);
    return all.bytes.size();
}

}  // namespace
}  // namespace tim::scale

int main(int argc, char** argv) {
    using namespace tim::scale;
    const std::string_view wanted = argc > 1 ? argv[1] : "";
    const auto* const kind = std::find_if(std::begin(kinds), std::end(kinds),
                                          [&](const trees& t) { return t.name == wanted; });
    if (kind == std::end(kinds)) {
        std::fputs("usage: scale-simulation equal|half|names|giant [ranks...]\n", stderr);
        return 2;
    }
    std::puts(
        "trees      ranks    seconds  us per rank  messages  rounds  profiles  bytes/rank  "
        "result bytes");
    std::vector<std::uint32_t> sizes;
    for (int i = 2; i < argc; ++i) sizes.push_back(static_cast<std::uint32_t>(std::atol(argv[i])));
    if (sizes.empty()) sizes = {1'000, 10'000, 100'000, 1'000'000};
    std::size_t least = SIZE_MAX;
    std::size_t greatest = 0;
    for (const std::uint32_t size : sizes) {
        const std::size_t bytes = simulate(*kind, size);
        least = std::min(least, bytes);
        greatest = std::max(greatest, bytes);
    }
    check(greatest <= least + least / 100, "the size of the result does not depend on the ranks");
    return failed ? 1 : 0;
}
