// How much memory the simulation uses.

#pragma once

#include <cstddef>

namespace tim::scale {

/// Bytes that were asked for with `new` and are in use: what malloc adds would depend on what was
/// freed before. For a program of one thread.
extern std::size_t in_use;

/// The most of them since it was last set.
extern std::size_t most_in_use;

}  // namespace tim::scale
