// Reading the serialised form of a profile.

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
#include "profile/serial_form.hpp"

namespace tim {

using namespace serial_form;

namespace {

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

std::vector<component_description> deserialise_descriptions(std::span<const std::byte> bytes) {
    byte_reader in(bytes, 0);
    std::vector<component_description> components;
    while (in.left() > 0) components.push_back(read_description(in));
    return components;
}

}  // namespace tim
