// The fold over ranks: drives schedule() and merge() with messages.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fold/communicator.hpp"
#include "profile/profile.hpp"

namespace tim {

struct reduce_options {
    bool collapse_ranks = true;
    /// Where ranks are collapsed: how many groups of consecutive ranks, of ⌈size / groups⌉ each,
    /// are kept apart.
    std::uint32_t groups = 1;
    std::chrono::milliseconds timeout{60000};  ///< for all waiting of this rank together
    std::uint32_t max_paths = 1000000;
};

/// Ranks that are folded into one profile, of `size` > 0 in the job; the last group may be smaller.
std::uint32_t group_size(bool collapse_ranks, std::uint32_t groups, std::uint32_t size);

/// What is left on this rank after the fold.
struct reduce_outcome {
    /// On rank 0: what is to be written. One profile when ranks are collapsed, or one a group; else
    /// one a rank; ascending. Empty on the other ranks.
    std::vector<profile> results;
    /// What this rank could not deliver in time; the caller writes it to a file. With it, why, in
    /// one line.
    std::vector<profile> undelivered;
    std::string reason;
    /// On rank 0: ranks of the job whose profile did not arrive.
    std::uint32_t missing = 0;

    // For confirm().
    std::optional<std::uint32_t> given_to;  ///< who has taken the profile of this rank
    /// Whose profiles this rank has received, and whether it could read them.
    std::vector<std::pair<std::uint32_t, bool>> taken_from;
    std::chrono::steady_clock::time_point until;  ///< when waiting for an answer ends
};

/// Folds the sealed profile of each rank along the binomial tree, inside MPI_Finalize or
/// timemory_report(). First all ranks meet in a non-blocking barrier: from then on no rank runs the
/// program, so that no receive of the program's can match our messages. A rank that does not meet
/// the others in time keeps its profile in `undelivered`. Waiting sleeps between tests, so that
/// ranks that share a core don't slow each other down.
reduce_outcome reduce(profile mine, const communicator& world, const reduce_options& options);

/// Whether the profile of this rank is on a disk, here or with the rank that has taken it: until
/// then what was recorded must not be thrown away. `written`: whether this rank has written what
/// reduce() left to it, where it left anything. Goes down the tree that the profiles went up, so
/// every rank has to call it, within the same timeout: what is written later counts as not written
/// for the other ranks.
bool confirm(const reduce_outcome& outcome, const communicator& world, bool written);

}  // namespace tim
