#include "record/regions.hpp"

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "measure/clock.hpp"
#include "profile/profile.hpp"
#include "record/arena.hpp"

namespace tim {
namespace {

/// Elements that never move, so that they are read without a lock. Numbers past the last give the
/// last.
template <class Element>
class growing_array {
public:
    static constexpr std::size_t segment_size = 4096;
    static constexpr std::size_t most_segments = 16384;

    Element& operator[](std::size_t i) noexcept {
        return (*segments_[i / segment_size].load(std::memory_order_acquire))[i % segment_size];
    }
    /// Makes room for one more; false when the array is full. The caller holds the lock.
    bool reserve(std::size_t i) {
        if (i == segment_size * most_segments) return false;
        auto& segment = segments_[i / segment_size];
        if (segment.load(std::memory_order_relaxed) == nullptr)
            segment.store(new std::array<Element, segment_size>, std::memory_order_release);
        return true;
    }

private:
    std::atomic<std::array<Element, segment_size>*> segments_[most_segments] = {};
};

struct interned {
    region_name name;
    ref in_arena = 0;
};

growing_array<interned> names;  ///< the first is capped_name()
growing_array<const region_name*> regions;

struct registry {
    std::mutex lock;
    std::deque<std::string> texts;  ///< never moved: names point at them
    std::unordered_map<std::string_view, std::uint32_t> name_numbers;
    std::unordered_map<std::uint64_t, std::uint32_t> region_numbers;  ///< by name and bundle
    std::unordered_map<std::uint64_t, std::string_view> hashes;
    std::uint32_t next_name = 0;
    std::uint32_t next_region = 0;
    allocator strings;
    std::set<std::uint16_t> bundles;

    registry() { add("<capped>"); }

    /// A name that is not there yet. The caller holds the lock.
    const region_name& add(std::string_view text) {
        if (!names.reserve(next_name)) return names[0].name;
        const std::string& copy = texts.emplace_back(text);
        region_name& fresh = names[next_name].name;
        fresh = {.number = next_name, .text = copy};
        name_numbers.emplace(copy, next_name);
        ++next_name;
        return fresh;
    }
};

registry& the_registry() {
    static auto* const r = new registry;  // never destroyed: regions may end during exit
    return *r;
}

}  // namespace

const region_name& capped_name() {
    the_registry();
    return names[0].name;
}

const region_name& intern(std::string_view text) {
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    if (const auto known = r.name_numbers.find(text); known != r.name_numbers.end())
        return names[known->second].name;
    if (r.next_name > most_paths.load(std::memory_order_relaxed)) return capped_name();
    return r.add(text);
}

std::uint64_t add_hash(std::string_view text) {
    const std::uint64_t hash = path_hash(0, path_kind::region, text);
    const region_name& name = intern(text);
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    r.hashes.emplace(hash, name.text);
    return hash;
}

std::string_view text_of_hash(std::uint64_t hash) noexcept {
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    const auto found = r.hashes.find(hash);
    if (found != r.hashes.end()) return found->second;
    for (std::uint32_t i = 0; i < r.next_name; ++i)
        if (path_hash(0, path_kind::region, names[i].name.text) == hash) return names[i].name.text;
    return {};
}

region_id make_region(const region_name& name, const bundle& b) {
    const region_id high = std::uint64_t{b.id} << bundle_shift |
                           (b.clock_only && the_clock.counter ? clock_only_bit : 0);
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    const std::uint64_t key = std::uint64_t{name.number} << 16 | b.id;
    if (const auto known = r.region_numbers.find(key); known != r.region_numbers.end())
        return high | known->second;
    const std::uint32_t number = r.next_region;
    if (!regions.reserve(number)) return high | (number - 1);
    regions[number] = &name;
    r.region_numbers.emplace(key, number);
    ++r.next_region;
    return high | number;
}

const region_name& name_of(region_id region) noexcept {
    return *regions[number_of(region)];
}

ref name_in_arena(const region_name& name) {
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    interned& entry = names[name.number];
    if (entry.in_arena == 0)
        entry.in_arena = r.strings.take_string(name.text.data(), name.text.size());
    return entry.in_arena;
}

bool is_in_arena(const bundle& b) {
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    return r.bundles.contains(b.id);
}

void bundle_in_arena(const bundle& b, std::uint32_t cost) {
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    if (!r.bundles.insert(b.id).second) return;
    const std::string descriptions = serialise_descriptions(b.components);
    std::byte* p = r.strings.take(sizeof(bundle_record), ref_unit);
    if (p == nullptr) return;
    auto* record = new (p) bundle_record{};
    record->id = b.id;
    record->fields = b.fields;
    record->has_clock = b.clock ? 1 : 0;
    record->cost = cost;
    record->components = r.strings.take_string(descriptions.data(), descriptions.size());
    record->next.store(arena()->bundles.load(std::memory_order_relaxed), std::memory_order_relaxed);
    arena()->bundles.store(ref_of(record), std::memory_order_release);
}

void regions_after_fork() noexcept {
    registry& r = the_registry();
    new (&r.lock) std::mutex;  // another thread of the parent may have held it
    r.strings = {};
    r.bundles.clear();
    for (std::uint32_t i = 0; i < r.next_name; ++i) names[i].in_arena = 0;
}

}  // namespace tim
