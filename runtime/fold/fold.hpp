// One step of the fold over ranks: what another rank sent becomes part of what this one has. Pure
// functions: reduce() drives them with messages, the simulation in ctest/scale without.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "profile/profile.hpp"

namespace tim {

/// Bytes from another rank as a profile; empty if they make no sense or there is no memory for it.
std::optional<profile> received(std::vector<std::byte> bytes);

/// Adds `theirs`, which is empty afterwards. Throws std::bad_alloc, and leaves both as they were.
void fold(profile& mine, std::optional<profile>& theirs, std::uint32_t max_paths);

/// Gives free memory back to the system before a step that takes as much as `p`: what was freed
/// before lies about in pieces that are too small for the columns of a profile.
void trim_memory(const profile& p);

}  // namespace tim
