// Regions: names and bundles, interned. A region is one number, so that the recorder compares
// numbers, not strings.

#pragma once

#include <cstdint>
#include <string_view>

#include "measure/bundle.hpp"
#include "record/layout.hpp"

namespace tim {

/// The bundle's id in the high 16 bits, a bit that says that it is wall_clock alone, the name's
/// number below. Never 0.
using region_id = std::uint64_t;

inline constexpr int bundle_shift = 48;
inline constexpr region_id clock_only_bit = region_id{1} << 47;

constexpr std::uint64_t name_of(region_id region) noexcept {
    return region & (clock_only_bit - 1);
}
inline const bundle& bundle_of(region_id region) noexcept {
    return *bundles[region >> bundle_shift];
}

/// An interned name. Lives as long as the process.
struct region_name {
    std::uint64_t number = 0;
    std::string_view text;  ///< zero-terminated
};

/// Interns a name. Takes a lock: slow path.
const region_name& intern(std::string_view text);

/// The name with this number. Lock-free.
const region_name& name_at(std::uint64_t number) noexcept;

inline region_id make_region(const region_name& name, const bundle& b) noexcept {
    return std::uint64_t{b.id} << bundle_shift | (b.clock_only ? clock_only_bit : 0) | name.number;
}

/// The name as a string in the arena, shared by all nodes; 0 when the arena is full. Takes a lock:
/// slow path.
ref name_in_arena(const region_name& name);

/// Makes the bundle known in the arena, once. Takes a lock: slow path.
void bundle_in_arena(const bundle& b);

/// In the child of a fork: what was in the arena is not there any more.
void regions_after_fork() noexcept;

}  // namespace tim
