#include "measure/bundle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "settings/say.hpp"

namespace tim {

const bundle* bundles[65536];

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
        return u.source == r.source && same_user(u.user, r.user);
    });
    if (found == end) {
        *found = {.source = r.source, .slot = b.values, .at_begin = false, .user = r.user};
        ++b.uses_count;
        b.values = static_cast<std::uint8_t>(b.values + values_of(r.source));
    }
    found->at_begin |= at_begin;
    return static_cast<std::uint8_t>(found->slot + r.value);
}

bool uses_clock(const component& c) {
    return c.from.source == source_kind::clock ||
           (c.how == derivation::ratio && c.over.source == source_kind::clock);
}

bool fits(const bundle& b, const component& c) {
    return b.fields + c.what.fields() <= bundle::most_fields &&
           b.values + 4U <= bundle::most_values;
}

void add(bundle& b, component c) {
    bundle::operation o{.how = c.how, .ticks = c.from.source == source_kind::clock};
    const bool at_begin = c.how != derivation::high_water;
    o.real = c.what.type == number::real;
    o.slot = slot_of(b, c.from, at_begin);
    if (c.how == derivation::ratio) {
        o.over_ticks = c.over.source == source_kind::clock;
        o.over_slot = slot_of(b, c.over, true);
    }
    if (o.real) b.real_fields |= 1U << b.fields;
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

/// a / b in parts per million, 0 where b is not positive. 128 bits: 10^6 × ns overflows 64
/// after 2.5 hours.
std::int64_t quotient(std::int64_t a, std::int64_t b) noexcept {
    return b > 0 ? static_cast<std::int64_t>(static_cast<__int128>(a) * 1'000'000 / b) : 0;
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

const bundle& compile_list(std::string_view list) {
    const auto report = [](std::string_view name) {
        registry& r = the_registry();
        {
            const std::lock_guard guard{r.lock};
            if (!r.reported.emplace(name).second) return;
        }
        say(fmt::format("there is no component '{}'; it is left out (did you mean '{}'?)", name,
                        nearest_component(name)));
    };
    return compile(parse_components(list, report));
}

const bundle& without_thread_sources(const bundle& b) {
    std::vector<component> rest;
    for (const component_description& what : b.components)
        if (!what.per_thread)
            if (auto row = find_component(what.id)) rest.push_back(std::move(*row));
    return compile(std::move(rest));
}

void bundle::derive(const std::int64_t* begin, const std::int64_t* end,
                    std::int64_t* out) const noexcept {
    for (unsigned i = 0; i < operations_count; ++i) {
        const operation& o = operations[i];
        if (o.how == derivation::high_water) {
            *out++ = end[o.slot];
        } else if (o.real) {
            *out++ = std::bit_cast<std::int64_t>(std::bit_cast<double>(end[o.slot]) -
                                                 std::bit_cast<double>(begin[o.slot]));
        } else {
            // A user's counter may wrap: unsigned arithmetic gives the right small difference.
            const auto raw = static_cast<std::int64_t>(static_cast<std::uint64_t>(end[o.slot]) -
                                                       static_cast<std::uint64_t>(begin[o.slot]));
            const std::int64_t value = o.ticks ? ticks_to_ns(raw) : raw;
            *out++ = value;
            if (o.how != derivation::ratio) continue;
            const std::int64_t over_raw = end[o.over_slot] - begin[o.over_slot];
            const std::int64_t over = o.over_ticks ? ticks_to_ns(over_raw) : over_raw;
            *out++ = over;
            *out++ = quotient(value, over);
        }
    }
}

}  // namespace tim
