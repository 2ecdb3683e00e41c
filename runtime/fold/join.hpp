// Joining the profiles that ranks and processes left in files into what the fold over ranks would
// have given.
//
// What the files hold may be great, so this goes in two steps: plan_join() decides from what is
// known of each file, and join() reads them one after the other.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "profile/profile.hpp"

namespace tim {

/// What is known of a profile in a file. A process is told apart by when it began and its number:
/// numbers come again, and are not unique over hosts.
struct piece {
    std::string file;
    std::vector<rank_range> ranks;  ///< none: a process that no launcher gave a rank
    std::uint32_t world_size = 1;
    std::uint64_t job = 0;
    std::uint64_t started = 0;  ///< ns since 1970
    std::uint64_t first_pid = 0;
    std::uint64_t laps = 0;     ///< of all rows of all components
    std::uint64_t content = 0;  ///< a hash of the serialised form
    bool has_rows = false;
    bool threads_apart = false;
};

piece describe(const profile& p, std::string file);

struct join_options {
    bool collapse_ranks = true;
    std::uint32_t groups = 1;  ///< as in reduce_options
    bool collapse_threads = true;
    std::uint32_t max_paths = 1000000;
};

struct join_plan {
    struct member {
        std::size_t piece = 0;  ///< index
        std::vector<rank_range> ranks;
    };
    /// For each profile of the result its members, ascending. Members of the same one rank are
    /// processes of it, in the order in which they began.
    std::vector<std::vector<member>> groups;
    std::uint32_t world_size = 0;
    std::vector<rank_range> missing;   ///< ranks of the job that no piece has
    std::vector<std::string> remarks;  ///< a line each: what is left out, and why
    std::string refusal;               ///< where nothing can be joined: why; else empty
};

/// Decides which pieces, all of one job, make up the result. No rank comes in twice: of two pieces
/// of the same ranks and process the one with more laps is taken, and the one that holds more ranks
/// before those it holds. Processes without a rank become ranks in the order in which they began,
/// behind those that have one. Refuses what cannot be undone: ranks or threads that were folded and
/// are to be apart.
join_plan plan_join(std::span<const piece> pieces, const join_options& options);

/// The profiles of the result, as reduce() leaves them on rank 0. Holds the result and one piece at
/// a time. What `read` throws comes through.
std::vector<profile> join(const join_plan& plan, std::span<const piece> pieces,
                          const join_options& options,
                          const std::function<profile(const piece&)>& read);

/// `0-2, 5`: ranks for people.
std::string ranks_text(std::span<const rank_range> ranks);

}  // namespace tim
