// The serialised form of a profile, version 5. Little-endian, no padding, no alignment. `text` is a
// u32 length and so many bytes; `x[n]` is a column of n values.
//
//      0  magic "TIMEPROF" (8 bytes), u32 version, u32 0
//     16  u64 length of all, u64 checksum: XXH3-64 of everything from offset 32 on
//     32  u64 job, u64 first_pid, u64 started, u32 world_size, u32 threads
//         measuring: u64 regions, u64 nanoseconds, u64 memory
//         u32 number of rank ranges R, of names N, of paths P, of components, of losses, of tables
//         ranges:    u32 first[R], u32 last[R]
//         names:     u32 length[N], then their bytes, one after the other
//         paths:     u32 parent[P], u32 name[P], u32 first_rank[P], u32 order[P], u64 hash[P],
//                    u8 kind[P]
//         each component:
//                    text id, label, description, unit; u32 number of aliases, text each;
//                    i32 enum_value, u8 kind, type, over_laps, over_threads, over_ranks,
//                    per_thread, ratio, has_sum; f64 unit_value; u32 number of elements, each:
//                    text label, description, unit; u8 kind; f64 unit_value
//                    u32 number of rows M
//                    u32 path[M], u64 laps[M], and for each field:
//                    i128 value[M]
//                    over laps:  i128 sum[M], u128 squares[M], i64 min[M], i64 max[M]
//                    over ranks: u64 ranks[M], i128 sum[M], u128 squares[M], i64 min[M],
//                                i64 max[M], u32 min_rank[M], u32 max_rank[M]
//         each loss: text cause, u64 count
//         each table:
//                    text name, description; u8 quantity; u32 number of keys K, each: text name,
//                    u8 kind; u32 number of texts, text each; u32 number of rows M; for each key
//                    i64 key[M]; u64 count[M], i128 sum[M], u128 squares[M], i64 min[M], i64 max[M]
//
// Only canonical profiles are accepted, so that equal profiles are the same bytes, and the reverse.

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>
#include <utility>

#include "profile/bytes.hpp"
#include "profile/index_table.hpp"
#include "profile/profile.hpp"

namespace tim {
namespace {

constexpr std::string_view magic = "TIMEPROF";
constexpr std::size_t length_offset = 16;
constexpr std::size_t checksum_offset = 24;
constexpr std::uint64_t body_offset = 32;

template <class Sink>
void put_count(Sink& out, std::size_t count) {
    out.put(static_cast<std::uint32_t>(count));
}

template <class Sink>
void put_text(Sink& out, std::string_view text) {
    put_count(out, text.size());
    out.bytes(text);
}

template <class Sink, class Get>
void put_statistics(Sink& out, std::size_t rows, Get get) {
    out.template column<int128>(rows, [&](std::size_t i) { return get(i).sum; });
    out.template column<uint128>(rows, [&](std::size_t i) { return get(i).squares; });
    out.template column<std::int64_t>(rows, [&](std::size_t i) { return get(i).min; });
    out.template column<std::int64_t>(rows, [&](std::size_t i) { return get(i).max; });
}

template <class Sink>
void put_description(Sink& out, const component_description& what) {
    put_text(out, what.id);
    put_text(out, what.label);
    put_text(out, what.description);
    put_text(out, what.unit);
    put_count(out, what.aliases.size());
    for (const std::string& alias : what.aliases) put_text(out, alias);
    out.put(what.enum_value);
    out.put(static_cast<std::uint8_t>(what.kind));
    out.put(static_cast<std::uint8_t>(what.type));
    out.put(static_cast<std::uint8_t>(what.over_laps));
    out.put(static_cast<std::uint8_t>(what.over_threads));
    out.put(static_cast<std::uint8_t>(what.over_ranks));
    out.put(static_cast<std::uint8_t>(what.per_thread));
    out.put(static_cast<std::uint8_t>(what.ratio));
    out.put(static_cast<std::uint8_t>(what.has_sum));
    out.put(what.unit_value);
    put_count(out, what.elements.size());
    for (const component_element& e : what.elements) {
        put_text(out, e.label);
        put_text(out, e.description);
        put_text(out, e.unit);
        out.put(static_cast<std::uint8_t>(e.kind));
        out.put(e.unit_value);
    }
}

template <class Sink>
void put_component(Sink& out, const component_columns& c) {
    put_description(out, c.what);
    const std::size_t rows = c.path.size();
    put_count(out, rows);
    out.template column<std::uint32_t>(rows, [&](std::size_t i) { return c.path[i]; });
    out.template column<std::uint64_t>(rows, [&](std::size_t i) { return c.laps[i]; });
    for (const field_columns& f : c.fields) {
        out.template column<int128>(rows, [&](std::size_t i) { return f.value[i]; });
        put_statistics(
            out, rows, [&](std::size_t i) -> auto& { return f.laps[i]; });
        out.template column<std::uint64_t>(rows, [&](std::size_t i) { return f.ranks[i].ranks; });
        put_statistics(
            out, rows, [&](std::size_t i) -> auto& { return f.ranks[i].values; });
        out.template column<std::uint32_t>(rows,
                                           [&](std::size_t i) { return f.ranks[i].min_rank; });
        out.template column<std::uint32_t>(rows,
                                           [&](std::size_t i) { return f.ranks[i].max_rank; });
    }
}

template <class Sink>
void put_table(Sink& out, const keyed_table& t) {
    put_text(out, t.name);
    put_text(out, t.description);
    out.put(static_cast<std::uint8_t>(t.kind));
    put_count(out, t.keys.size());
    for (const table_key& key : t.keys) {
        put_text(out, key.name);
        out.put(static_cast<std::uint8_t>(key.kind));
    }
    put_count(out, t.texts.size());
    for (const std::string& text : t.texts) put_text(out, text);
    put_count(out, t.rows());
    for (std::size_t k = 0; k < t.keys.size(); ++k)
        out.template column<std::int64_t>(
            t.rows(), [&](std::size_t row) { return t.key[row * t.keys.size() + k]; });
    out.template column<std::uint64_t>(t.rows(), [&](std::size_t row) { return t.count[row]; });
    put_statistics(
        out, t.rows(), [&](std::size_t row) -> auto& { return t.values[row]; });
}

template <class Sink>
void put_body(Sink& out, const profile& p) {
    out.put(p.job);
    out.put(p.first_pid);
    out.put(p.started);
    out.put(p.world_size);
    out.put(p.threads);
    out.put(p.measuring.regions);
    out.put(p.measuring.nanoseconds);
    out.put(p.measuring.memory);
    put_count(out, p.ranks.size());
    put_count(out, p.names.size());
    put_count(out, p.paths.size());
    put_count(out, p.components.size());
    put_count(out, p.losses.size());
    put_count(out, p.tables.size());

    out.template column<std::uint32_t>(p.ranks.size(),
                                       [&](std::size_t i) { return p.ranks[i].first; });
    out.template column<std::uint32_t>(p.ranks.size(),
                                       [&](std::size_t i) { return p.ranks[i].last; });
    out.template column<std::uint32_t>(p.names.size(), [&](std::size_t i) {
        return static_cast<std::uint32_t>(p.names[i].size());
    });
    for (const shared_name& name : p.names) out.bytes(name);

    const std::size_t paths = p.paths.size();
    out.template column<std::uint32_t>(paths, [&](std::size_t i) { return p.paths[i].parent; });
    out.template column<std::uint32_t>(paths, [&](std::size_t i) { return p.paths[i].name; });
    out.template column<std::uint32_t>(paths, [&](std::size_t i) { return p.paths[i].first_rank; });
    out.template column<std::uint32_t>(paths, [&](std::size_t i) { return p.paths[i].order; });
    out.template column<std::uint64_t>(paths, [&](std::size_t i) { return p.paths[i].hash; });
    out.template column<std::uint8_t>(
        paths, [&](std::size_t i) { return static_cast<std::uint8_t>(p.paths[i].kind); });

    for (const component_columns& c : p.components) put_component(out, c);
    for (const auto& [cause, count] : p.losses) {
        put_text(out, cause);
        out.put(count);
    }
    for (const keyed_table& t : p.tables) put_table(out, t);
}

[[noreturn]] void fail(std::size_t offset, std::string_view what) {
    throw malformed_profile(fmt::format("malformed profile: {} at offset {}", what, offset));
}

/// Reads values and never beyond the end. Counts are checked against the bytes that are left before
/// anything is allocated for them.
class byte_reader {
public:
    byte_reader(std::span<const std::byte> bytes, std::size_t at) : bytes_(bytes), at_(at) {}

    [[nodiscard]] std::size_t at() const noexcept { return at_; }
    [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - at_; }

    void need(std::size_t count, std::size_t width, std::string_view what) const {
        if (count > left() / width) {
            fail(at_, fmt::format("{} of {} bytes each ({}) do not fit into the {} bytes left",
                                  count, width, what, left()));
        }
    }
    template <class T>
    T take(std::string_view what) {
        need(1, sizeof(T), what);
        const T value = load<T>(bytes_.data() + at_);
        at_ += sizeof(T);
        return value;
    }
    /// One byte that is at most `last`.
    template <class T>
    T take_enum(T last, std::string_view what) {
        const auto value = take<std::uint8_t>(what);
        if (value > static_cast<std::uint8_t>(last)) {
            fail(at_ - 1, fmt::format("{} is {}", what, value));
        }
        return static_cast<T>(value);
    }
    std::string_view take_bytes(std::size_t size, std::string_view what) {
        need(size, 1, what);
        const auto* const text = reinterpret_cast<const char*>(bytes_.data() + at_);
        at_ += size;
        return {text, size};
    }
    std::string take_text(std::string_view what) {
        const auto size = take<std::uint32_t>(what);
        return std::string(take_bytes(size, what));
    }
    /// Calls put(row, value, offset of the value) for each value of a column.
    template <class T, class Put>
    void column(std::size_t rows, std::string_view what, Put put) {
        need(rows, sizeof(T), what);
        for (std::size_t i = 0; i < rows; ++i, at_ += sizeof(T)) {
            put(i, load<T>(bytes_.data() + at_), at_);
        }
    }

private:
    std::span<const std::byte> bytes_;
    std::size_t at_;
};

void read_ranks(byte_reader& in, std::size_t count, profile& p) {
    in.need(count, 8, "rank ranges");
    p.ranks.resize(count);
    in.column<std::uint32_t>(count, "first ranks",
                             [&](std::size_t i, std::uint32_t v, auto) { p.ranks[i].first = v; });
    in.column<std::uint32_t>(count, "last ranks",
                             [&](std::size_t i, std::uint32_t v, std::size_t at) {
                                 p.ranks[i].last = v;
                                 if (v < p.ranks[i].first) fail(at, "a rank range that ends first");
                                 if (i != 0 && p.ranks[i].first <= p.ranks[i - 1].last + 1ull) {
                                     fail(at, "rank ranges that are not apart and ascending");
                                 }
                             });
}

void read_names(byte_reader& in, std::size_t count, profile& p) {
    in.need(count, 4, "names");
    std::vector<std::uint32_t> lengths(count);
    in.column<std::uint32_t>(count, "lengths of names",
                             [&](std::size_t i, std::uint32_t v, auto) { lengths[i] = v; });
    p.names.reserve(count);
    index_table table(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t at = in.at();
        const std::string_view name = in.take_bytes(lengths[i], "a name");
        const auto next = static_cast<std::uint32_t>(i);
        const std::uint32_t found =
            table.find_or_insert(XXH3_64bits(name.data(), name.size()), next,
                                 [&](std::uint32_t other) { return p.names[other] == name; });
        if (found != next) fail(at, "a name that was there before");
        p.names.emplace_back(name);
    }
}

/// Checks that the paths are a tree in canonical order. `hashes_at` is the offset of their hashes.
void check_paths(const profile& p, std::size_t paths_at, std::size_t hashes_at) {
    const path& root = p.paths[0];
    if (root.kind != path_kind::root || root.parent != 0 || !p.name(root).empty()) {
        fail(paths_at, "a first path that is not the root");
    }
    std::uint32_t names_used = 0;
    std::vector<std::uint32_t> last_child(p.paths.size(), 0);
    for (std::uint32_t i = 0; i < p.paths.size(); ++i) {
        const path& here = p.paths[i];
        if (here.name > names_used) fail(paths_at + 4ull * i, "a name that is used too early");
        if (here.name == names_used) ++names_used;
        const std::uint64_t above = i == 0 ? 0 : p.paths[here.parent].hash;
        if (here.hash != path_hash(above, here.kind, p.name(here))) {
            fail(hashes_at + 8ull * i, "a hash that is not the path's");
        }
        if (i == 0) continue;
        if (here.kind == path_kind::root) fail(paths_at + 4ull * i, "a second root");

        std::uint32_t open = i - 1;  // the path before and those above it may have children here
        while (open > here.parent) open = p.paths[open].parent;
        if (open != here.parent) fail(paths_at + 4ull * i, "a path that is not depth-first");
        if (const std::uint32_t before = last_child[here.parent]; before != 0) {
            const path& sibling = p.paths[before];
            const auto key = [&](const path& s) {
                return std::tuple(s.first_rank, s.order, s.hash, s.kind, p.name(s));
            };
            if (key(sibling) >= key(here)) fail(paths_at + 4ull * i, "siblings out of order");
        }
        last_child[here.parent] = i;
    }
    if (names_used != p.names.size()) fail(paths_at, "names that no path uses");
}

void read_paths(byte_reader& in, std::size_t count, profile& p) {
    const std::size_t paths_at = in.at();
    in.need(count, 25, "paths");
    p.paths.resize(count);
    in.column<std::uint32_t>(count, "parents", [&](std::size_t i, std::uint32_t v, std::size_t at) {
        if (v >= std::max<std::size_t>(i, 1)) fail(at, "a parent that does not come first");
        p.paths[i].parent = v;
    });
    in.column<std::uint32_t>(count, "names of paths",
                             [&](std::size_t i, std::uint32_t v, std::size_t at) {
                                 if (v >= p.names.size()) fail(at, "a name that is not there");
                                 p.paths[i].name = v;
                             });
    in.column<std::uint32_t>(
        count, "first ranks of paths",
        [&](std::size_t i, std::uint32_t v, auto) { p.paths[i].first_rank = v; });
    in.column<std::uint32_t>(count, "orders of paths",
                             [&](std::size_t i, std::uint32_t v, auto) { p.paths[i].order = v; });
    const std::size_t hashes_at = in.at();
    in.column<std::uint64_t>(count, "hashes of paths",
                             [&](std::size_t i, std::uint64_t v, auto) { p.paths[i].hash = v; });
    in.column<std::uint8_t>(count, "kinds of paths",
                            [&](std::size_t i, std::uint8_t v, std::size_t at) {
                                if (v > static_cast<std::uint8_t>(path_kind::lap)) {
                                    fail(at, "an unknown kind of path");
                                }
                                p.paths[i].kind = static_cast<path_kind>(v);
                            });
    if (count != 0) check_paths(p, paths_at, hashes_at);
}

template <class Get>
void read_statistics(byte_reader& in, std::size_t rows, Get get) {
    in.column<int128>(rows, "sums", [&](std::size_t i, int128 v, auto) { get(i).sum = v; });
    in.column<uint128>(rows, "squares",
                       [&](std::size_t i, uint128 v, auto) { get(i).squares = v; });
    in.column<std::int64_t>(rows, "minima",
                            [&](std::size_t i, std::int64_t v, auto) { get(i).min = v; });
    in.column<std::int64_t>(rows, "maxima",
                            [&](std::size_t i, std::int64_t v, auto) { get(i).max = v; });
}

component_description read_description(byte_reader& in) {
    component_description what;
    what.id = in.take_text("id of a component");
    what.label = in.take_text("label of a component");
    what.description = in.take_text("description of a component");
    what.unit = in.take_text("unit of a component");
    const auto aliases = in.take<std::uint32_t>("number of aliases");
    in.need(aliases, 4, "aliases");
    what.aliases.reserve(aliases);
    for (std::uint32_t i = 0; i < aliases; ++i) what.aliases.push_back(in.take_text("alias"));
    what.enum_value = in.take<std::int32_t>("number of a component");
    what.kind = in.take_enum(quantity::rate, "quantity");
    what.type = in.take_enum(number::real, "type of number");
    what.over_laps = in.take_enum(combine::maximum, "rule over laps");
    what.over_threads = in.take_enum(combine::maximum, "rule over threads");
    what.over_ranks = in.take_enum(combine::maximum, "rule over ranks");
    what.per_thread = in.take_enum(true, "per_thread");
    what.ratio = in.take_enum(true, "ratio");
    what.has_sum = in.take_enum(true, "has_sum");
    what.unit_value = in.take<double>("value of a unit");
    const std::size_t elements_at = in.at();
    const auto elements = in.take<std::uint32_t>("number of elements");
    if (what.ratio && elements > 2) fail(elements_at, "a ratio of more than two elements");
    in.need(elements, 21, "elements");
    what.elements.reserve(elements);
    for (std::uint32_t i = 0; i < elements; ++i) {
        component_element e;
        e.label = in.take_text("label of an element");
        e.description = in.take_text("description of an element");
        e.unit = in.take_text("unit of an element");
        e.kind = in.take_enum(quantity::rate, "quantity of an element");
        e.unit_value = in.take<double>("value of an element's unit");
        what.elements.push_back(std::move(e));
    }
    return what;
}

component_columns read_component(byte_reader& in, const profile& p, std::uint64_t rank_count) {
    const std::size_t start = in.at();
    component_columns c;
    c.what = read_description(in);
    if (!p.components.empty() && p.components.back().what.id >= c.what.id) {
        fail(start, "components that are not ascending");
    }
    const auto rows = in.take<std::uint32_t>("number of rows");
    if (rows == 0) fail(in.at() - 4, "a component without rows");
    in.need(rows, 12 + 128 * c.what.fields(), "rows");
    c.path.resize(rows);
    in.column<std::uint32_t>(rows, "paths of rows",
                             [&](std::size_t i, std::uint32_t v, std::size_t at) {
                                 if (v >= p.paths.size())
                                     fail(at, "a row of a path that is not there");
                                 if (i != 0 && c.path[i - 1] >= v) fail(at, "rows out of order");
                                 c.path[i] = v;
                             });
    c.laps.resize(rows);
    in.column<std::uint64_t>(rows, "laps",
                             [&](std::size_t i, std::uint64_t v, auto) { c.laps[i] = v; });
    c.fields.resize(c.what.fields());
    for (field_columns& f : c.fields) {
        f.value.resize(rows);
        f.laps.resize(rows);
        f.ranks.resize(rows);
        in.column<int128>(rows, "values", [&](std::size_t i, int128 v, auto) { f.value[i] = v; });
        read_statistics(
            in, rows, [&](std::size_t i) -> auto& { return f.laps[i]; });
        in.column<std::uint64_t>(rows, "numbers of ranks",
                                 [&](std::size_t i, std::uint64_t v, std::size_t at) {
                                     if (v > rank_count) fail(at, "more ranks than there are");
                                     f.ranks[i].ranks = v;
                                 });
        read_statistics(
            in, rows, [&](std::size_t i) -> auto& { return f.ranks[i].values; });
        in.column<std::uint32_t>(
            rows, "ranks of minima",
            [&](std::size_t i, std::uint32_t v, auto) { f.ranks[i].min_rank = v; });
        in.column<std::uint32_t>(
            rows, "ranks of maxima",
            [&](std::size_t i, std::uint32_t v, auto) { f.ranks[i].max_rank = v; });
    }
    return c;
}

/// Checks that a key is one, and that rows are ascending.
void check_rows(const keyed_table& t, const profile& p, std::size_t rows_at) {
    std::vector<bool> used(t.texts.size(), false);
    for (std::size_t row = 0; row < t.rows(); ++row) {
        const auto keys = t.keys_of(row);
        for (std::size_t k = 0; k < keys.size(); ++k) {
            const auto index = static_cast<std::uint64_t>(keys[k]);
            if (t.keys[k].kind == key_kind::path && index >= p.paths.size())
                fail(rows_at, "a row of a table of a path that is not there");
            if (t.keys[k].kind != key_kind::text) continue;
            if (index >= used.size()) fail(rows_at, "a text of a table that is not there");
            used[index] = true;
        }
        if (row == 0) continue;
        const auto before = t.keys_of(row - 1);
        if (!std::lexicographical_compare(before.begin(), before.end(), keys.begin(), keys.end()))
            fail(rows_at, "rows of a table out of order");
    }
    if (std::find(used.begin(), used.end(), false) != used.end())
        fail(rows_at, "a text of a table that no row has");
}

keyed_table read_table(byte_reader& in, const profile& p) {
    const std::size_t start = in.at();
    keyed_table t;
    t.name = in.take_text("name of a table");
    if (!p.tables.empty() && p.tables.back().name >= t.name)
        fail(start, "tables that are not ascending");
    t.description = in.take_text("description of a table");
    t.kind = in.take_enum(quantity::rate, "quantity of a table");
    const auto keys = in.take<std::uint32_t>("number of keys");
    if (keys == 0) fail(in.at() - 4, "a table without keys");
    in.need(keys, 5, "keys of a table");
    for (std::uint32_t i = 0; i < keys; ++i) {
        table_key key;
        key.name = in.take_text("name of a key");
        key.kind = in.take_enum(key_kind::rank, "kind of a key");
        t.keys.push_back(std::move(key));
    }
    const auto texts = in.take<std::uint32_t>("number of texts");
    in.need(texts, 4, "texts of a table");
    t.texts.reserve(texts);
    for (std::uint32_t i = 0; i < texts; ++i) {
        const std::size_t at = in.at();
        t.texts.push_back(in.take_text("text of a table"));
        if (i != 0 && t.texts[i - 1] >= t.texts[i]) fail(at, "texts of a table out of order");
    }
    const std::size_t rows_at = in.at();
    const auto rows = in.take<std::uint32_t>("number of rows of a table");
    if (rows == 0) fail(rows_at, "a table without rows");
    in.need(rows, 8 * (std::size_t{keys} + 7), "rows of a table");
    t.key.resize(std::size_t{rows} * keys);
    for (std::uint32_t k = 0; k < keys; ++k)
        in.column<std::int64_t>(
            rows, "keys", [&](std::size_t i, std::int64_t v, auto) { t.key[i * keys + k] = v; });
    t.count.resize(rows);
    in.column<std::uint64_t>(rows, "counts", [&](std::size_t i, std::uint64_t v, std::size_t at) {
        if (v == 0) fail(at, "a row of a table without values");
        t.count[i] = v;
    });
    t.values.resize(rows);
    read_statistics(
        in, rows, [&](std::size_t i) -> auto& { return t.values[i]; });
    check_rows(t, p, rows_at);
    return t;
}

}  // namespace

std::vector<std::byte> serialise(const profile& p) {
    byte_counter counter;
    put_body(counter, p);
    std::vector<std::byte> bytes(body_offset + counter.size());
    byte_writer header(bytes.data());
    header.bytes(magic);
    header.put(serialised_version);
    header.put(std::uint32_t{0});
    header.put(std::uint64_t{bytes.size()});
    byte_writer body(bytes.data() + body_offset);
    put_body(body, p);
    header.put(std::uint64_t{XXH3_64bits(bytes.data() + body_offset, counter.size())});
    return bytes;
}

namespace {

struct body_facts {
    std::uint64_t size = 0;
    std::uint64_t checksum = 0;
};

body_facts facts_of(const profile& p) {
    body_facts facts;
    XXH3_state_t hash;
    XXH3_64bits_reset(&hash);
    piece_writer out([&](std::span<const std::byte> piece) {
        XXH3_64bits_update(&hash, piece.data(), piece.size());
        facts.size += piece.size();
    });
    put_body(out, p);
    out.flush();
    facts.checksum = XXH3_64bits_digest(&hash);
    return facts;
}

}  // namespace

void serialise(const profile& p, const std::function<void(std::span<const std::byte>)>& put) {
    const body_facts body = facts_of(p);  // they stand before it, so it is made twice
    piece_writer out(put);
    out.bytes(magic);
    out.put(serialised_version);
    out.put(std::uint32_t{0});
    out.put(body_offset + body.size);
    out.put(body.checksum);
    put_body(out, p);
    out.flush();
}

std::uint64_t checksum(const profile& p) {
    return facts_of(p).checksum;
}

std::uint64_t serialised_length(std::span<const std::byte> bytes) {
    return bytes.size() < body_offset ? 0 : load<std::uint64_t>(bytes.data() + length_offset);
}

profile deserialise(std::span<const std::byte> bytes) {
    byte_reader in(bytes, 0);
    in.need(body_offset, 1, "header");
    if (in.take_bytes(magic.size(), "magic") != magic) fail(0, "no profile: the magic is missing");
    if (const auto v = in.take<std::uint32_t>("version"); v != serialised_version) {
        fail(magic.size(), fmt::format("version {}, and only {} is known,", v, serialised_version));
    }
    if (in.take<std::uint32_t>("reserved") != 0) fail(in.at() - 4, "a reserved field is not 0");
    if (const auto size = in.take<std::uint64_t>("length"); size != bytes.size()) {
        fail(length_offset,
             fmt::format("a length of {} where there are {} bytes", size, bytes.size()));
    }
    const auto checksum = in.take<std::uint64_t>("checksum");
    if (checksum != XXH3_64bits(bytes.data() + body_offset, bytes.size() - body_offset)) {
        fail(checksum_offset, "a checksum that is not that of the data");
    }

    profile p;
    p.job = in.take<std::uint64_t>("job");
    p.first_pid = in.take<std::uint64_t>("first pid");
    p.started = in.take<std::uint64_t>("start of the first process");
    p.world_size = in.take<std::uint32_t>("world size");
    p.threads = in.take<std::uint32_t>("threads");
    p.measuring.regions = in.take<std::uint64_t>("regions that were measured");
    p.measuring.nanoseconds = in.take<std::uint64_t>("time of the measuring");
    p.measuring.memory = in.take<std::uint64_t>("memory of the measuring");
    const auto ranges = in.take<std::uint32_t>("number of rank ranges");
    const auto names = in.take<std::uint32_t>("number of names");
    const auto paths = in.take<std::uint32_t>("number of paths");
    const auto components = in.take<std::uint32_t>("number of components");
    const auto losses = in.take<std::uint32_t>("number of losses");
    const auto tables = in.take<std::uint32_t>("number of tables");

    read_ranks(in, ranges, p);
    std::uint64_t rank_count = 0;
    for (const rank_range& r : p.ranks) rank_count += r.last - r.first + 1ull;
    read_names(in, names, p);
    if (paths == 0 && names != 0) fail(in.at(), "names without paths");
    read_paths(in, paths, p);
    in.need(components, 188, "components");  // one row, and all texts empty
    p.components.reserve(components);
    for (std::uint32_t i = 0; i < components; ++i) {
        p.components.push_back(read_component(in, p, rank_count));
    }
    for (std::uint32_t i = 0; i < losses; ++i) {
        const std::size_t at = in.at();
        std::string cause = in.take_text("cause of a loss");
        const auto count = in.take<std::uint64_t>("count of a loss");
        if (!p.losses.empty() && p.losses.rbegin()->first >= cause) {
            fail(at, "losses that are not ascending");
        }
        p.losses.emplace_hint(p.losses.end(), std::move(cause), count);
    }
    for (std::uint32_t i = 0; i < tables; ++i) p.tables.push_back(read_table(in, p));
    if (in.left() != 0) fail(in.at(), fmt::format("{} bytes too many", in.left()));
    return p;
}

std::string serialise_descriptions(std::span<const component_description> components) {
    byte_counter counter;
    for (const component_description& what : components) put_description(counter, what);
    std::string bytes(counter.size(), 0);
    byte_writer out(reinterpret_cast<std::byte*>(bytes.data()));
    for (const component_description& what : components) put_description(out, what);
    return bytes;
}

std::vector<component_description> deserialise_descriptions(std::span<const std::byte> bytes) {
    byte_reader in(bytes, 0);
    std::vector<component_description> components;
    while (in.left() > 0) components.push_back(read_description(in));
    return components;
}

}  // namespace tim
