// Merging of profiles: pure functions on values.

#pragma once

#include <cstdint>
#include <span>

#include "profile/profile.hpp"

namespace tim {

/// Over which dimension two profiles are merged; decides which combine rule of a component applies.
/// Processes are those of one rank: combined as ranks are, and together one value of that rank.
enum class dimension : std::uint8_t { laps, threads, processes, ranks };

/// The union of two profiles: paths by identity, values by each component's rule for `over`,
/// statistics added. Exactly associative and commutative (for integer components) while the number
/// of paths stays under `max_paths`; what exceeds it goes into `<capped>` under the path it
/// belonged to and is counted in `losses["capped paths"]`. Paths that come first in canonical order
/// are kept; of what is cut, the topmost row of each component is added to `<capped>`, as over
/// laps. Over ranks, only the sum of a `<capped>` row is exact. At least two paths are kept: the
/// root and its `<capped>`. Rows of components of one id that can't be added (integers and reals)
/// are dropped and counted in `losses`.
profile merge(const profile& a, const profile& b, dimension over, std::uint32_t max_paths);

/// The profiles of a result that keeps ranks apart as one, with all paths; that of nothing if there
/// are none.
profile merge_ranks(std::span<const profile> profiles);

/// Fills the statistics over ranks of the profile of one rank: each row's total becomes one value
/// of that rank.
profile seal(profile p, std::uint32_t rank, std::uint32_t world_size);

/// Puts a profile whose paths only satisfy "a parent before its children" and whose names may
/// repeat into canonical form: order, names, components without rows. Equal siblings are merged as
/// over `over`. Hashes are computed. In a profile of one rank (or of none yet) path::order, which
/// only has to order siblings before, becomes the position in canonical order.
profile canonical(const profile& p, dimension over);

/// Removes the level of path_kind::thread: paths of different threads that are equal below it
/// become one. For the profile of one rank, sealed or not: after ranks are merged, the totals of
/// the ranks are not known any more, and the statistics over ranks would be over threads.
profile collapse_threads(const profile& p, std::uint32_t max_paths);

}  // namespace tim
