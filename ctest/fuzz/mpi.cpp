// The MPI summary of a profile whose tables hold anything that a file may hold: the input says
// which tables there are, with which keys, and what is in their rows.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "output/mpi_summary.hpp"
#include "output/mpi_writers.hpp"
#include "profile/profile.hpp"
#include "settings/utf8.hpp"

namespace {

using namespace tim;

/// What the bytes of the input say, one after the other; zeros behind its end.
class input {
public:
    input(const std::uint8_t* bytes, std::size_t size) : at_(bytes), end_(bytes + size) {}
    [[nodiscard]] bool is_empty() const { return at_ == end_; }
    std::size_t below(std::size_t bound) { return (is_empty() ? 0 : *at_++) % bound; }
    /// Small ones, and those at the ends of what a number can be.
    std::int64_t number() {
        std::int64_t all = 0;
        switch (below(4)) {
            case 0:
                return static_cast<std::int64_t>(below(8)) - 3;
            case 1:
                return static_cast<std::int64_t>(below(256)) << below(63);
            case 2:
                return below(2) == 0 ? INT64_MAX : INT64_MIN;
            default:
                for (int i = 0; i < 8; ++i) all = all << 7 | static_cast<std::int64_t>(below(256));
                return all;
        }
    }
    std::string text() {
        constexpr std::array names{"MPI_Recv",    "MPI_Send", "MPI_Barrier", "MPI_Gather",
                                   "MPI_Waitall", "MPI_Init", "application", "no core"};
        if (below(4) != 0) return names[below(names.size())];
        std::string any;
        for (std::size_t left = below(16); left > 0 && !is_empty(); --left)
            any += static_cast<char>(below(256));
        return any;
    }

private:
    const std::uint8_t* at_;
    const std::uint8_t* end_;
};

profile regions(input& in) {
    profile p = empty_profile();
    const auto ranks = static_cast<std::uint32_t>(1 + in.below(4));
    p.ranks = {{0, ranks - 1}};
    p.world_size = ranks;
    p.threads = 1;
    component_columns wall;
    wall.what = {.id = "wall_clock", .label = "wall"};
    wall.fields.resize(wall.what.fields());
    field_columns& f = wall.fields[0];
    for (std::size_t paths = in.below(6); paths > 0; --paths) {
        const auto above = static_cast<std::uint32_t>(in.below(p.paths.size()));
        const std::string name = in.text();
        p.names.push_back(name);
        p.paths.push_back({.parent = above,
                           .name = static_cast<std::uint32_t>(p.names.size() - 1),
                           .kind = path_kind::region,
                           .hash = path_hash(p.paths[above].hash, path_kind::region, name),
                           .first_rank = 0,
                           .order = 0});
        const std::int64_t value = in.number();
        wall.path.push_back(static_cast<std::uint32_t>(p.paths.size() - 1));
        wall.laps.push_back(1 + in.below(3));
        f.value.emplace_back(value);
        f.laps.push_back({.sum = value, .squares = 0, .min = value, .max = value});
        f.ranks.push_back({.ranks = static_cast<std::uint32_t>(in.below(ranks + 1)),
                           .values = {.sum = int128{value} * ranks,
                                      .squares = 0,
                                      .min = in.number(),
                                      .max = in.number()},
                           .min_rank = static_cast<std::uint32_t>(in.below(ranks)),
                           .max_rank = static_cast<std::uint32_t>(in.below(ranks))});
    }
    if (in.below(4) != 0) p.components.push_back(std::move(wall));
    return p;
}

/// With the keys that the table has, but for those that the input takes away or makes others.
keyed_table table(input& in, const char* name, std::vector<table_key> keys, std::size_t paths) {
    keyed_table t;
    t.name = name;
    for (table_key& key : keys) {
        const std::size_t change = in.below(16);
        if (change == 1) key.kind = static_cast<key_kind>(in.below(4));
        if (change != 2) t.keys.push_back(key);
    }
    if (t.keys.empty()) t.keys = keys;
    std::vector<std::int64_t> row(t.keys.size());
    for (std::size_t rows = in.below(12); rows > 0; --rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (t.keys[i].kind == key_kind::path) {
                row[i] = static_cast<std::int64_t>(in.below(paths));
            } else if (t.keys[i].kind == key_kind::text) {
                const std::string text = in.text();
                const auto found = std::find(t.texts.begin(), t.texts.end(), text);
                row[i] = found - t.texts.begin();
                if (found == t.texts.end()) t.texts.push_back(text);
            } else {
                row[i] = in.number();
            }
        }
        const std::int64_t value = in.number();
        add_row(t, row, static_cast<std::uint64_t>(in.number()) | 1,
                {.sum = int128{value} * (1 + static_cast<int>(in.below(200))),
                 .squares = 0,
                 .min = value,
                 .max = in.number()});
    }
    put_in_order(t);
    return t;
}

void add_tables(input& in, profile& p) {
    constexpr auto number = key_kind::number;
    constexpr auto text = key_kind::text;
    const table_key rank{"rank", key_kind::rank};
    const table_key path{"path", key_kind::path};
    const table_key call{"call", text};
    const table_key communicator{"communicator", text};
    const table_key peer{"peer", number};
    const table_key direction{"direction", number};
    const table_key bucket{"bucket", number};
    const std::vector<std::pair<const char*, std::vector<table_key>>> all{
        {"mpi_callsites", {rank, call, {"site", text}}},
        {"mpi_communicators", {communicator}},
        {"mpi_files", {rank, {"file", text}, call, direction, bucket}},
        {"mpi_latency", {path, bucket}},
        {"mpi_peers", {path, peer}},
        {"mpi_run", {rank, {"what", text}}},
        {"mpi_sizes", {path, direction, bucket}},
        {"mpi_times", {rank, call, communicator, peer}},
        {"mpi_traffic", {rank, call, communicator, peer, direction}},
        {"mpi_windows", {rank, {"window", text}, call, peer, direction}}};
    for (const auto& [name, keys] : all) {
        keyed_table t = table(in, name, keys, p.paths.size());
        if (t.rows() > 0) p.tables.push_back(std::move(t));
    }
}

std::string written(void (*write)(const mpi_summary&, const sink&), const mpi_summary& s) {
    std::string text;
    write(s, [&text](std::string_view piece) { text += piece; });
    return text;
}

/// It may be shown on a terminal, or be in an SVG: UTF-8 without control characters.
void expect_printable(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text.substr(i));
        if (length == 0 || (text[i] >= 0 && text[i] < ' ' && text[i] != '\n')) std::abort();
        i += length;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    input in{bytes, size};
    result r;
    r.mpi = true;
    r.profiles.push_back(regions(in));
    add_tables(in, r.profiles.front());
    const mpi_summary s = summarise_mpi(r);
    expect_printable(written(write_mpi_text, s));
    expect_printable(written(write_mpi_svg, s));
    if (!nlohmann::json::accept(written(write_mpi_json, s))) std::abort();
    if (!nlohmann::json::accept(written(write_mpi_page, s))) std::abort();
    return 0;
}
