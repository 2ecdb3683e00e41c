// Parts of a profile, for those who read a result: pure functions on values.

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "profile/profile.hpp"

namespace tim {

/// The profile with only the paths for which `keep` holds, and those above them. `keep` is asked
/// with each path's index, in order; the root is always kept.
profile select_paths(const profile& p, const std::function<bool(std::uint32_t)>& keep);

/// The profile without the paths that are deeper than `depth` regions; 0 keeps all.
profile select_depth(const profile& p, std::uint32_t depth);

/// The profile with the regions for whose name `matches` holds, those above them and those below.
profile select_names(const profile& p, const std::function<bool(std::string_view)>& matches);

/// The profile with the threads for whose number, as text, `wanted` holds. Nothing changes where
/// threads were not kept apart: see has_threads().
profile select_threads(const profile& p, const std::function<bool(std::string_view)>& wanted);
bool has_threads(const profile& p) noexcept;

/// What siblings are put in order by: the greatest first, names ascending.
enum class sort_key : std::uint8_t { name, laps, total, mean, min, max };

/// The profile with siblings in the order of one component's values; a path without a row stands
/// where the greatest below it does.
profile sorted(const profile& p, std::string_view component_id, sort_key key);

}  // namespace tim
