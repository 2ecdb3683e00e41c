// Pinning threads to CPUs (Linux).

#pragma once

#include <atomic>

namespace tim {

/// The setting `cpu_affinity`: whether a thread is pinned when it is given its recorder.
extern std::atomic<bool> pin_threads;

/// Pins this thread to one of the CPUs that the process might use when this was first called:
/// thread after thread to the next one, and to the first again after the last. Processes that a
/// launcher started on one node without binding them begin at different CPUs. Does nothing where
/// the system refuses.
void pin_this_thread(unsigned number) noexcept;

}  // namespace tim
