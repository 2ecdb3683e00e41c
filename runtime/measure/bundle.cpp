#include "measure/bundle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "settings/say.hpp"

namespace tim {

const bundle* bundles[65536];
std::atomic<const bracket*> brackets[static_cast<unsigned>(bracket_kind::count)];

namespace {

struct registry {
    std::mutex lock;
    std::map<std::string, const bundle*, std::less<>> by_components;
    std::set<std::string, std::less<>> reported;
    std::uint32_t next = 1;  // 0 is no bundle
};

registry& the_registry() {
    static auto* const r = new registry;  // never destroyed: regions may end during exit
    return *r;
}

bool same_user(const user_source& a, const user_source& b) noexcept {
    return a.read == b.read && a.read_real == b.read_real && a.context == b.context;
}

/// The slot of a reading in `b`, which gets the source if it has not got it yet.
std::uint8_t slot_of(bundle& b, const reading& r, bool at_begin) {
    if (r.source == source_kind::clock) return 0;
    const auto end = b.uses.begin() + b.uses_count;
    auto found = std::find_if(b.uses.begin(), end, [&](const bundle::use& u) {
        return u.source == r.source && same_user(u.user, r.user) &&
               r.source != source_kind::bracket;
    });
    if (found == end) {
        *found = {.source = r.source, .slot = b.values, .at_begin = false, .user = r.user};
        ++b.uses_count;
        b.values = static_cast<std::uint8_t>(b.values + values_of(r.source));
    }
    found->at_begin |= at_begin;
    if (r.source == source_kind::bracket) return found->slot;  // `value` is its kind
    return static_cast<std::uint8_t>(found->slot + r.value);
}

/// Whether nothing is read for it at an edge.
bool reads_nothing(const component& c) {
    return c.how == derivation::laps || c.how == derivation::stored || c.how == derivation::booked;
}

bool uses_clock(const component& c) {
    if (reads_nothing(c)) return false;
    return c.from.source == source_kind::clock ||
           (c.how == derivation::ratio && c.over.source == source_kind::clock);
}

/// Slots that its sources may need on top.
unsigned values_for(const component& c) {
    if (reads_nothing(c)) return 0;
    return values_of(c.from.source) + (c.how == derivation::ratio ? values_of(c.over.source) : 0);
}

bool fits(const bundle& b, const component& c) {
    return b.fields + c.what.fields() <= bundle::most_fields &&
           b.values + values_for(c) <= bundle::most_values;
}

void add(bundle& b, component c) {
    bundle::operation o{.how = c.how};
    o.real = c.what.type == number::real;
    if (c.how == derivation::difference || c.how == derivation::high_water)
        o.count = static_cast<std::uint8_t>(c.what.fields());
    if (values_for(c) > 0) {
        o.ticks = c.from.source == source_kind::clock;
        o.slot = slot_of(b, c.from, c.how != derivation::high_water);
    }
    if (c.how == derivation::ratio) {
        o.per_second = c.what.quotient_scale() != 1'000'000;
        o.over_ticks = c.over.source == source_kind::clock;
        o.over_slot = slot_of(b, c.over, true);
    }
    if (c.how == derivation::bracketed)
        b.bracketed[b.bracket_count++] = {static_cast<bracket_kind>(c.from.value), o.slot,
                                          b.fields};
    if (o.real)
        for (std::size_t i = 0; i < c.what.fields(); ++i)
            b.real_fields |= std::uint64_t{1} << (b.fields + i);
    b.per_thread |= c.what.per_thread;
    b.fields = static_cast<std::uint8_t>(b.fields + c.what.fields());
    b.operations[b.operations_count++] = o;
    b.components.push_back(std::move(c.what));
}

bundle build(std::vector<component> components) {
    bundle b;
    b.clock = std::any_of(components.begin(), components.end(), uses_clock);
    b.values = 1;  // slot 0 is the clock's, so that the edges find it without looking
    for (component& c : components) {
        if (fits(b, c))
            add(b, std::move(c));
        else
            say(fmt::format("component '{}' is left out: a region can have at most {} fields",
                            c.what.id, bundle::most_fields));
    }
    const auto read_later = std::stable_partition(b.uses.begin(), b.uses.begin() + b.uses_count,
                                                  [](const bundle::use& u) { return u.at_begin; });
    b.at_begin_count = static_cast<std::uint8_t>(read_later - b.uses.begin());
    b.clock_only = b.operations_count == 1 && b.components[0].id == "wall_clock";
    return b;
}

std::string key_of(const std::vector<component>& components) {
    std::string key;
    for (const component& c : components) key += c.what.id + ',';
    return key;
}

/// a / b times a scale, 0 where b is not positive. 128 bits: 10^6 × ns overflows 64 after 2.5
/// hours.
std::int64_t quotient(std::int64_t a, std::int64_t b, std::int64_t scale) noexcept {
    return b > 0 ? static_cast<std::int64_t>(static_cast<__int128>(a) * scale / b) : 0;
}

/// end − begin. A user's counter may wrap: unsigned arithmetic gives the right small difference.
std::int64_t change(std::int64_t begin, std::int64_t end) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(end) -
                                     static_cast<std::uint64_t>(begin));
}

std::int64_t real_change(std::int64_t begin, std::int64_t end) noexcept {
    return std::bit_cast<std::int64_t>(std::bit_cast<double>(end) - std::bit_cast<double>(begin));
}

}  // namespace

const bundle& compile(std::vector<component> components) {
    const std::string key = key_of(components);
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    if (const auto known = r.by_components.find(key); known != r.by_components.end())
        return *known->second;
    const bool full = r.next > 0xFFFF;
    if (full) {
        say(fmt::format("more than 65,535 sets of components; '{}' is not measured", key));
        return *bundles[1];
    }
    auto* b = new bundle{build(std::move(components))};  // lives as long as the process
    b->id = static_cast<std::uint16_t>(r.next++);
    bundles[b->id] = b;
    r.by_components.emplace(key, b);
    return *b;
}

void (*tool_component_hook)(const component& row) = nullptr;

const bundle& compile_list(std::string_view list) {
    const auto report = [](std::string_view name) {
        registry& r = the_registry();
        {
            const std::lock_guard guard{r.lock};
            if (!r.reported.emplace(name).second) return;
        }
        say(why_left_out(name));
    };
    std::vector<component> rows = parse_components(list, report);
    if (tool_component_hook != nullptr)
        for (const component& row : rows)
            if (row.start != nullptr) tool_component_hook(row);
    // What tools book has no value at a region's edges: it counts where a list has nothing else.
    const bool only_booked = std::all_of(rows.begin(), rows.end(), [](const component& row) {
        return row.how == derivation::booked;
    });
    std::erase_if(rows, [&](const component& row) {
        return row.how == derivation::stored || (row.how == derivation::booked && !only_booked);
    });
    return compile(std::move(rows));
}

const bundle& without_thread_sources(const bundle& b) {
    std::vector<component> rest;
    for (const component_description& what : b.components)
        if (!what.per_thread)
            if (auto row = find_component(what.id)) rest.push_back(std::move(*row));
    return compile(std::move(rest));
}

void bundle::open_brackets(std::int64_t* slots, const char* region) const noexcept {
    for (unsigned i = 0; i < bracket_count; ++i) {
        const bracket* b =
            brackets[static_cast<unsigned>(bracketed[i].kind)].load(std::memory_order_acquire);
        slots[bracketed[i].slot] = b != nullptr ? b->open(region) : 0;
    }
}

void bundle::close_brackets(const std::int64_t* begin, std::int64_t* out) const noexcept {
    for (unsigned i = 0; i < bracket_count; ++i) {
        const bracket* b =
            brackets[static_cast<unsigned>(bracketed[i].kind)].load(std::memory_order_acquire);
        if (b != nullptr) out[bracketed[i].field] = b->close(begin[bracketed[i].slot]);
    }
}

void bundle::derive(const std::int64_t* begin, const std::int64_t* end,
                    std::int64_t* out) const noexcept {
    for (unsigned i = 0; i < operations_count; ++i) {
        const operation& o = operations[i];
        switch (o.how) {
            case derivation::difference:
                for (unsigned v = o.slot; v < o.slot + o.count; ++v) {
                    const std::int64_t raw =
                        o.real ? real_change(begin[v], end[v]) : change(begin[v], end[v]);
                    *out++ = o.ticks ? ticks_to_ns(raw) : raw;
                }
                break;
            case derivation::high_water:
                for (unsigned v = o.slot; v < o.slot + o.count; ++v) *out++ = end[v];
                break;
            case derivation::ratio: {
                const std::int64_t raw = change(begin[o.slot], end[o.slot]);
                const std::int64_t over_raw = change(begin[o.over_slot], end[o.over_slot]);
                const std::int64_t value = o.ticks ? ticks_to_ns(raw) : raw;
                const std::int64_t over = o.over_ticks ? ticks_to_ns(over_raw) : over_raw;
                *out++ = value;
                *out++ = over;
                *out++ = quotient(value, over, o.per_second ? 1'000'000'000 : 1'000'000);
                break;
            }
            case derivation::edges:
                *out++ = begin[o.slot];
                *out++ = end[o.slot];
                break;
            case derivation::at_begin:
                *out++ = begin[o.slot];
                break;
            case derivation::laps:
                *out++ = 1;
                break;
            case derivation::bracketed:
            case derivation::booked:
                *out++ = 0;
                break;
            case derivation::stored:
                break;
        }
    }
}

}  // namespace tim
