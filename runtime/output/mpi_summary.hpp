// The MPI summary: what a user wants to know first of a job's MPI calls.
//
// A pure function of what libtimemory-mpip recorded (profile/table_list.cpp) and of wall_clock over
// ranks. Times are nanoseconds, sizes bytes. Nothing in it grows with the square of the ranks: the
// communication matrix has the pairs of ranks that talked. Making it takes time proportional to the
// rows of the tables, but for sorting.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "output/mpi_activity.hpp"
#include "output/over_ranks.hpp"
#include "profile/profile.hpp"

namespace tim {

/// Of a histogram with the buckets of timemory/tools.h: the middle of the bucket that holds it.
struct percentiles {
    double p50 = 0;
    double p90 = 0;
    double p99 = 0;
};

struct mpi_rank {
    std::int64_t rank = 0;
    std::int64_t application = 0;  ///< from MPI_Init's end to MPI_Finalize's begin; 0: not known
    std::int64_t mpi = 0;          ///< of it, in MPI calls; of all threads together
    std::int64_t waiting = 0;      ///< of that, where is_waiting()
    std::int64_t no_core = 0;      ///< its main thread was ready to run, without a core to run on
    std::array<std::int64_t, mpi_activities> by_activity{};
    std::uint64_t calls = 0;
    std::uint64_t messages = 0;  ///< sent
    std::int64_t sent = 0;
    std::int64_t received = 0;
    [[nodiscard]] double share() const noexcept;  ///< mpi / application; 0 if not known
};

/// Calls of one name, over all ranks; or from one place in the program.
struct mpi_call_row {
    std::string call;
    std::string site;  ///< module + offset, or source; of call sites only
    std::uint64_t calls = 0;
    std::int64_t time = 0;
    over_ranks ranks;  ///< of the time, over all ranks of the job
};

struct mpi_transfer {
    std::uint64_t messages = 0;
    std::int64_t bytes = 0;
};

struct peer_time {
    std::int64_t peer = 0;
    std::int64_t time = 0;
};

/// Calls of one name under one call path.
struct mpi_call_path {
    std::uint32_t path = 0;  ///< index into the profile's paths
    std::string text;        ///< main/solve/MPI_Recv
    std::string call;
    mpi_activity activity = mpi_activity::other;
    std::uint64_t calls = 0;
    std::int64_t time = 0;
    double usual_time = 0;  ///< of the calls that take not much longer than the median one
    percentiles latency;
    std::optional<over_ranks> ranks;    ///< of the time, over the ranks that have the path
    std::array<mpi_transfer, 2> moved;  ///< sent, received
    double median_size = 0;
    std::vector<peer_time> peers;  ///< ascending; without those that are no ranks
};

/// Messages of one range of sizes: from `begin` to less than twice that; 0: empty ones.
struct mpi_size_class {
    std::int64_t begin = 0;
    std::array<mpi_transfer, 2> moved;  ///< sent, received
};

struct mpi_communicator {
    std::string name;
    std::int64_t size = 0;  ///< 0: not known
    std::uint64_t calls = 0;
    std::int64_t time = 0;
    mpi_transfer sent;
};

/// A file or a window.
struct mpi_object {
    std::string name;
    std::array<mpi_transfer, 2> moved;  ///< written or put, read or got
};

/// What one rank sent to another.
struct mpi_pair {
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::uint64_t messages = 0;
    std::int64_t bytes = 0;
};

/// Parallel efficiency = load balance x communication efficiency, as the POP Centre of Excellence
/// defines them (https://co-design.pop-coe.eu/metrics), with `useful` the time of a rank outside of
/// MPI:
///
///     load balance             = mean of useful over ranks / greatest useful
///     communication efficiency = greatest useful / run time
///     parallel efficiency      = mean of useful / run time
///
/// The run time is the longest application time of a rank.
struct pop_efficiency {
    double parallel = 0;
    double load_balance = 0;
    double communication = 0;
};

enum class mpi_cause : std::uint8_t {
    late_sender,
    late_receiver,
    load_imbalance,
    serialised_root,
    tiny_messages,
    barrier_storm,
};

/// Something that costs a job time and that one can do something about.
struct mpi_finding {
    mpi_cause cause = mpi_cause::late_sender;
    std::int64_t rank = 0;     ///< that causes it; where all do, that which it costs most
    std::string path;          ///< the call path of MPI where the time goes
    std::string region;        ///< what keeps the rank; empty if no region shows it
    std::int64_t excess = 0;   ///< how much longer it takes there than the mean of all ranks
    std::int64_t no_core = 0;  ///< how much longer it had no core; 0 unless that is why it is late
    double times_mean = 0;     ///< how many times the mean
    std::int64_t time = 0;     ///< lost on all ranks together
    double share = 0;          ///< of the application time of all ranks
    std::uint64_t calls = 0;   ///< in `path`, of all ranks
    double size = 0;           ///< of a message, the median
    [[nodiscard]] std::string sentence() const;
};

struct mpi_summary {
    std::uint32_t world_size = 1;
    std::vector<mpi_rank> ranks;   ///< ascending
    std::int64_t run_time = 0;     ///< the longest application time
    std::int64_t application = 0;  ///< of all ranks
    std::int64_t mpi = 0;
    std::int64_t no_core = 0;
    std::uint64_t calls = 0;
    std::array<over_ranks, mpi_activities> activities;  ///< time; mean and ends over all ranks
    std::array<std::uint64_t, mpi_activities> activity_calls{};
    std::array<std::int64_t, mpi_activities> activity_times{};
    std::optional<pop_efficiency> efficiency;  ///< none where the application time is not known, or
                                               ///< threads spent more than it in MPI
    std::vector<mpi_call_row> call_names;      ///< most expensive first, as the following two
    std::vector<mpi_call_path> paths;
    std::vector<mpi_call_row> sites;
    std::vector<mpi_size_class> sizes;            ///< ascending
    std::vector<mpi_communicator> communicators;  ///< most time first
    std::vector<mpi_object> files;                ///< most bytes first
    std::vector<mpi_object> windows;
    std::vector<mpi_pair> matrix;                 ///< ascending by (from, to)
    std::vector<mpi_finding> findings;            ///< the worst first; empty: nothing stands out
    [[nodiscard]] double share() const noexcept;  ///< of MPI in the application time
};

/// Whether MPI calls were recorded.
bool has_mpi(const profile& p) noexcept;
bool has_mpi(const result& r) noexcept;

mpi_summary summarise_mpi(const result& r);

/// Whether a peer is a rank: one that is none is negative, and a file may hold any number.
constexpr bool is_rank(std::int64_t number) noexcept {
    return number >= 0 && number <= UINT32_MAX;
}

/// The call paths of MPI, in the order of the profile.
std::vector<mpi_call_path> mpi_call_paths(const profile& p);

/// Finds what is wrong, in `s.findings`. The profile is that of the summary.
void find_causes(mpi_summary& s, const profile& p);

}  // namespace tim
