// What the `timemory run`s measured that one launcher started on this node, as one result.
//
// `mpirun -n 64 timemory run -- ./a` starts 64 of them, which know nothing of each other. They meet
// in a file in memory, and the last to end shows what all of them took. None waits for another that
// runs; one that has not begun yet is waited for at most two seconds.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "profile/profile.hpp"

namespace tim::cli {

class node_gathering {
public:
    /// Takes part, where a launcher says which job and rank this is and how many of its ranks are
    /// on this node.
    node_gathering();

    /// Hands over the profile of this process, or that it has none. Returns the profiles of all to
    /// the last of them, and none to the others; only its own to a process that does not take part,
    /// or that has nowhere to meet the others.
    std::vector<profile> give(std::optional<profile> own);

private:
    std::string file_;  ///< empty: takes no part
    std::uint32_t rank_ = 0;
    std::uint32_t size_ = 1;
    std::uint32_t expected_ = 0;  ///< processes on this node
};

}  // namespace tim::cli
