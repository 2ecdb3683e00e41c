// The table `processes` of a profile: where the processes of the job ran, and how they ended. It
// has a row for each host, end and number of threads, and not for each rank, so that it grows with
// the machines of a job only.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profile/profile.hpp"

namespace tim {

/// Its values are the ranks of the processes: set_rank() sets them.
inline constexpr std::string_view process_table_name = "processes";

/// Notes it of the one process that a profile is of, which is not sealed yet.
void describe_process(profile& p, std::string_view host, std::string_view end);

/// Processes that are equal in this.
struct process_group {
    std::string host;
    std::string end;
    std::uint32_t threads = 0;  ///< that recorded, of each
    std::uint64_t processes = 0;
    std::uint32_t first_rank = 0;
    std::uint32_t last_rank = 0;  ///< ranks between the two may be in other groups
};

/// Those of all profiles together, by their first ranks.
std::vector<process_group> process_groups(std::span<const profile> profiles);

/// `3`, `0-3`, or `4 of 0-7` where others are between them.
std::string ranks_text(const process_group& g);

}  // namespace tim
