#include "output/mpi_activity.hpp"

#include <algorithm>
#include <utility>

namespace tim {
namespace {

using named = std::pair<std::string_view, mpi_activity>;

// Ascending; behind "MPI_".
constexpr std::array exact{
    named{"Abort", mpi_activity::lifetime},
    named{"Allgather", mpi_activity::to_all},
    named{"Allgatherv", mpi_activity::to_all},
    named{"Allreduce", mpi_activity::to_all},
    named{"Alltoall", mpi_activity::to_all},
    named{"Alltoallv", mpi_activity::to_all},
    named{"Alltoallw", mpi_activity::to_all},
    named{"Barrier", mpi_activity::barrier},
    named{"Bcast", mpi_activity::from_root},
    named{"Bsend", mpi_activity::send},
    named{"Cart_create", mpi_activity::to_all},
    named{"Cart_sub", mpi_activity::to_all},
    named{"Comm_accept", mpi_activity::to_all},
    named{"Comm_connect", mpi_activity::to_all},
    named{"Comm_create", mpi_activity::to_all},
    named{"Comm_create_from_group", mpi_activity::to_all},
    named{"Comm_create_group", mpi_activity::to_all},
    named{"Comm_disconnect", mpi_activity::to_all},
    named{"Comm_dup", mpi_activity::to_all},
    named{"Comm_dup_with_info", mpi_activity::to_all},
    named{"Comm_free", mpi_activity::to_all},
    named{"Comm_spawn", mpi_activity::to_all},
    named{"Comm_spawn_multiple", mpi_activity::to_all},
    named{"Comm_split", mpi_activity::to_all},
    named{"Comm_split_type", mpi_activity::to_all},
    named{"Dist_graph_create", mpi_activity::to_all},
    named{"Dist_graph_create_adjacent", mpi_activity::to_all},
    named{"Exscan", mpi_activity::to_all},
    named{"Finalize", mpi_activity::lifetime},
    named{"Gather", mpi_activity::to_root},
    named{"Gatherv", mpi_activity::to_root},
    named{"Graph_create", mpi_activity::to_all},
    named{"Improbe", mpi_activity::test},
    named{"Init", mpi_activity::lifetime},
    named{"Init_thread", mpi_activity::lifetime},
    named{"Intercomm_create", mpi_activity::to_all},
    named{"Intercomm_merge", mpi_activity::to_all},
    named{"Iprobe", mpi_activity::test},
    named{"Mprobe", mpi_activity::probe},
    named{"Mrecv", mpi_activity::receive},
    named{"Neighbor_allgather", mpi_activity::to_all},
    named{"Neighbor_allgatherv", mpi_activity::to_all},
    named{"Neighbor_alltoall", mpi_activity::to_all},
    named{"Neighbor_alltoallv", mpi_activity::to_all},
    named{"Neighbor_alltoallw", mpi_activity::to_all},
    named{"Parrived", mpi_activity::test},
    named{"Probe", mpi_activity::probe},
    named{"Recv", mpi_activity::receive},
    named{"Reduce", mpi_activity::to_root},
    named{"Reduce_scatter", mpi_activity::to_all},
    named{"Reduce_scatter_block", mpi_activity::to_all},
    named{"Request_get_status", mpi_activity::test},
    named{"Rsend", mpi_activity::send},
    named{"Scan", mpi_activity::to_all},
    named{"Scatter", mpi_activity::from_root},
    named{"Scatterv", mpi_activity::from_root},
    named{"Send", mpi_activity::send},
    named{"Sendrecv", mpi_activity::receive},
    named{"Sendrecv_replace", mpi_activity::receive},
    named{"Session_finalize", mpi_activity::lifetime},
    named{"Session_init", mpi_activity::lifetime},
    named{"Ssend", mpi_activity::send},
    named{"Test", mpi_activity::test},
    named{"Testall", mpi_activity::test},
    named{"Testany", mpi_activity::test},
    named{"Testsome", mpi_activity::test},
    named{"Wait", mpi_activity::wait},
    named{"Waitall", mpi_activity::wait},
    named{"Waitany", mpi_activity::wait},
    named{"Waitsome", mpi_activity::wait},
};

constexpr std::array one_sided{
    "Accumulate", "Compare_and_swap", "Fetch_and_op", "Get", "Get_accumulate", "Put", "Raccumulate",
    "Rget",       "Rget_accumulate",  "Rput"};

static_assert(std::is_sorted(exact.begin(), exact.end(),
                             [](const named& a, const named& b) { return a.first < b.first; }));

}  // namespace

mpi_activity activity_of(std::string_view call) noexcept {
    constexpr std::string_view prefix = "MPI_";
    if (!call.starts_with(prefix)) return mpi_activity::other;
    call.remove_prefix(prefix.size());
    if (call.ends_with("_c")) call.remove_suffix(2);
    const auto* const found =
        std::lower_bound(exact.begin(), exact.end(), call,
                         [](const named& a, std::string_view b) { return a.first < b; });
    if (found != exact.end() && found->first == call) return found->second;
    if (call.starts_with("File_")) return mpi_activity::file;
    if (call.starts_with("Win_") ||
        std::find(one_sided.begin(), one_sided.end(), call) != one_sided.end())
        return mpi_activity::window;
    return mpi_activity::other;
}

}  // namespace tim
