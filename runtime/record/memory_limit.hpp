// How much memory recording may take in this process.

#pragma once

#include <cstdint>

namespace tim {

/// An eighth of what the machine and the control groups of this process allow, shared by the
/// `ranks` of the job on this machine; at least 4 MiB. In bytes. Beyond its group's limit the
/// kernel kills the process.
std::uint64_t memory_for_recording(std::uint32_t ranks);

/// Ranks of the job on this machine, from what the launcher put into the environment; 1 where it
/// said nothing.
std::uint32_t ranks_on_this_machine();

}  // namespace tim
