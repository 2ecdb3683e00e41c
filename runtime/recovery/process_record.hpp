// What an arena says of its process: what it measured, what it was in, and how it ended.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "profile/lap_event.hpp"
#include "profile/profile.hpp"
#include "recovery/arena_file.hpp"

namespace tim {

/// A region that was open.
struct open_region {
    std::uint32_t thread = 0;         ///< as in the profile
    std::uint32_t system_thread = 0;  ///< as the kernel counts
    std::uint32_t flow = 0;           ///< which stack of the thread
    std::vector<std::string> path;    ///< from the outermost region to this one
    std::int64_t ns = -1;             ///< how long it had been open; -1: not known
    bool innermost = false;           ///< on its stack
};

/// `main/solve`, for people.
std::string text_of(const std::vector<std::string>& path);

struct read_options {
    bool threads_apart = false;
    /// Regions that were open become laps up to the end, as far as wall_clock goes, and are counted
    /// as losses; otherwise only what had ended is in the profile.
    bool close_open = true;
    bool own_cost = false;  ///< with what recording each region took, as a component
};

struct process_record {
    std::string file;
    std::string host;
    std::string program;
    std::string output;  ///< the folder of its results
    std::uint32_t process = 0;
    std::uint64_t run = 0;
    bool has_rank = false;
    bool running = false;
    bool incomplete = false;  ///< the folder of the arena was full
    arena_state state = arena_state::recording;
    std::string end;                ///< for people: how the process ended
    std::int64_t ended_at = 0;      ///< ns since 1970
    bool end_is_known = false;      ///< otherwise `ended_at` is the last time stamp that was found
    std::uint64_t memory = 0;       ///< bytes of the arena
    std::uint64_t unreadable = 0;   ///< structures that did not make sense
    std::vector<open_region> open;  ///< by thread, the outermost first
    std::vector<lap_event> timeline;  ///< laps that were kept apart
    /// With `job`, `started` and, where it has a rank, sealed: as the process would have written
    /// it.
    profile measured;
};

/// `rank 3 (process 4711)`, for people.
std::string name_of(const process_record& p);

process_record read_process(const arena_file& file, const read_options& options);

/// Without its profile: quick.
process_record read_header(const arena_file& file);

}  // namespace tim
