// Regions: names and bundles, interned. A region is one number, so that the recorder compares
// numbers, not strings.

#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "measure/bundle.hpp"
#include "record/layout.hpp"

namespace tim {

/// A name with a bundle. The bundle's id in the high 16 bits, a bit that says that it is wall_clock
/// alone and read from the counter, and a dense number in the low 32. Never 0.
using region_id = std::uint64_t;

inline constexpr int bundle_shift = 48;
inline constexpr region_id clock_only_bit = region_id{1} << 47;

inline const bundle& bundle_of(region_id region) noexcept {
    return *bundles[region >> bundle_shift];
}

/// The number that tells a region from all others.
constexpr std::uint32_t number_of(region_id region) noexcept {
    return static_cast<std::uint32_t>(region);
}

/// An interned name. Lives as long as the process.
struct region_name {
    std::uint32_t number = 0;
    std::string_view text;  ///< zero-terminated
};

/// Call paths and names that this process records; new ones go to `<capped>` under their parent.
extern std::atomic<std::uint64_t> most_paths;
/// How many call paths there are.
extern std::atomic<std::uint64_t> path_count;

/// Interns a name; once there are more than `most_paths`, gives capped_name() for new ones. Takes a
/// lock: slow path.
const region_name& intern(std::string_view text);

/// The name of the paths that stand for those that went over `most_paths` or the arena.
const region_name& capped_name();

/// A number for a text, and the text of a number: of one that was asked for, or of an interned
/// name; empty if there is none. Take a lock.
std::uint64_t add_hash(std::string_view text);
std::string_view text_of_hash(std::uint64_t hash) noexcept;

/// Interns a region. Takes a lock: slow path.
region_id make_region(const region_name& name, const bundle& b);

/// The name of a region. Lock-free.
const region_name& name_of(region_id region) noexcept;

/// The name as a string in the arena, shared by all nodes; 0 when the arena is full. Takes a lock:
/// slow path.
ref name_in_arena(const region_name& name);

/// Whether the bundle is known in the arena; and makes it known, once, with what a pair of region
/// edges costs. Take a lock: slow path.
bool is_in_arena(const bundle& b);
void bundle_in_arena(const bundle& b, std::uint32_t cost);

/// In the child of a fork: what was in the arena is not there any more.
void regions_after_fork() noexcept;

}  // namespace tim
