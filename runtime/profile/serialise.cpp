// Writing the serialised form of a profile.

#include <xxhash.h>

#include "profile/bytes.hpp"
#include "profile/profile.hpp"
#include "profile/serial_form.hpp"

namespace tim {

using namespace serial_form;

namespace {

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

std::string serialise_descriptions(std::span<const component_description> components) {
    byte_counter counter;
    for (const component_description& what : components) put_description(counter, what);
    std::string bytes(counter.size(), 0);
    byte_writer out(reinterpret_cast<std::byte*>(bytes.data()));
    for (const component_description& what : components) put_description(out, what);
    return bytes;
}

}  // namespace tim
