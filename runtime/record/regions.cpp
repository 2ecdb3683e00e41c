#include "record/regions.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "record/arena.hpp"

namespace tim {
namespace {

constexpr std::size_t segment_size = 4096;
constexpr std::size_t most_segments = 16384;

struct interned {
    region_name name;
    ref in_arena = 0;
};
using segment = std::array<interned, segment_size>;

/// Segments never move, so that a name is read without a lock.
std::atomic<segment*> segments[most_segments];

struct registry {
    std::mutex lock;
    std::unordered_map<std::string_view, std::uint64_t> numbers;
    std::uint64_t next = 0;
    allocator strings;
    std::set<std::uint16_t> bundles;
};

registry& the_registry() {
    static auto* const r = new registry;  // never destroyed: regions may end during exit
    return *r;
}

interned& interned_at(std::uint64_t number) noexcept {
    return (
        *segments[number / segment_size].load(std::memory_order_acquire))[number % segment_size];
}

}  // namespace

const region_name& intern(std::string_view text) {
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    if (const auto known = r.numbers.find(text); known != r.numbers.end())
        return interned_at(known->second).name;
    const std::uint64_t number = r.next;
    if (number == segment_size * most_segments) return interned_at(number - 1).name;
    auto& slot = segments[number / segment_size];
    if (slot.load(std::memory_order_relaxed) == nullptr)
        slot.store(new segment, std::memory_order_release);
    interned& entry = interned_at(number);
    const auto* copy = new std::string{text};  // lives as long as the process
    entry.name = {.number = number, .text = *copy};
    r.numbers.emplace(entry.name.text, number);
    ++r.next;
    return entry.name;
}

const region_name& name_at(std::uint64_t number) noexcept {
    return interned_at(number).name;
}

ref name_in_arena(const region_name& name) {
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    interned& entry = interned_at(name.number);
    if (entry.in_arena == 0)
        entry.in_arena = r.strings.take_string(name.text.data(), name.text.size());
    return entry.in_arena;
}

void bundle_in_arena(const bundle& b) {
    registry& r = the_registry();
    const std::lock_guard guard{r.lock};
    if (!r.bundles.insert(b.id).second) return;
    std::string ids;
    for (const component_description& what : b.components) ids += what.id + ',';
    std::byte* p = r.strings.take(sizeof(bundle_record), ref_unit);
    if (p == nullptr) return;
    auto* record = new (p) bundle_record{};
    record->id = b.id;
    record->fields = b.fields;
    record->components = r.strings.take_string(ids.data(), ids.size());
    record->next.store(arena()->bundles.load(std::memory_order_relaxed), std::memory_order_relaxed);
    arena()->bundles.store(ref_of(record), std::memory_order_release);
}

void regions_after_fork() noexcept {
    registry& r = the_registry();
    new (&r.lock) std::mutex;  // another thread of the parent may have held it
    r.strings = {};
    r.bundles.clear();
    for (std::uint64_t i = 0; i < r.next; ++i) interned_at(i).in_arena = 0;
}

}  // namespace tim
