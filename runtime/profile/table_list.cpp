#include "profile/table_list.hpp"

namespace tim {
namespace {

constexpr key_kind number = key_kind::number;
constexpr key_kind text = key_kind::text;
constexpr key_kind path = key_kind::path;

table_component bytes_of_messages(const std::string& id, const std::string& description,
                                  std::int64_t direction) {
    return {.what = {.id = id,
                     .label = id,
                     .description = description,
                     .kind = quantity::memory,
                     .unit = "MB",
                     .unit_value = 1e6},
            .key = 4,
            .value = direction};
}

/// Bytes on a device that were allocated or freed at a path, or the most that were in use at once.
table_component device_memory(const std::string& id, const std::string& description,
                              std::int64_t what, bool greatest = false) {
    const combine rule = greatest ? combine::maximum : combine::sum;
    return {.what = {.id = id,
                     .label = id,
                     .description = description,
                     .kind = quantity::memory,
                     .unit = "MB",
                     .unit_value = 1e6,
                     .over_laps = rule,
                     .over_threads = rule,
                     .over_ranks = rule,
                     .has_sum = !greatest},
            .key = 1,
            .value = what};
}

/// Of libtimemory-cupti. `device`, `context` and `stream` are CUPTI's numbers.
void add_gpu_tables(std::vector<recorded_table>& list) {
    // `kind` is 0 for a kernel, 1 for a copy, 2 for memory that was set, 3 for a whole graph.
    list.push_back(
        {.name = "gpu_activity",
         .kind = quantity::time,
         .keys = {{"path", path},
                  {"kind", number},
                  {"operation", text},
                  {"device", number},
                  {"context", number},
                  {"stream", number},
                  {"bucket", number}},
         .parts = {
             {"gpu_operations", "Time of an operation on a GPU", {of_rank, 1, 2, 3, 4, 5}},
             {"gpu_times", "Time of an operation on a GPU, by call path and length", {0, 6}}}});
    list.push_back({.name = "gpu_delay",
                    .kind = quantity::time,
                    .keys = {{"path", path},
                             {"operation", text},
                             {"device", number},
                             {"stream", number},
                             {"bucket", number}},
                    .parts = {{"gpu_delays", "Time from a launch to its begin", {of_rank, 1, 2, 3}},
                              {"gpu_delay_times",
                               "Time from a launch to its begin, by call path and length",
                               {0, 4}}}});
    list.push_back(
        {.name = "gpu_bytes",
         .kind = quantity::memory,
         .keys = {{"path", path},
                  {"operation", text},
                  {"device", number},
                  {"stream", number},
                  {"bucket", number}},
         .parts = {{"gpu_bytes", "Bytes of a copy on a GPU", {of_rank, 1, 2, 3}},
                   {"gpu_sizes", "Bytes of a copy on a GPU, by call path and size", {0, 4}}}});
    list.push_back({.name = "gpu_launches",
                    .kind = quantity::time,
                    .keys = {{"kernel", text},
                             {"device", number},
                             {"grid_x", number},
                             {"grid_y", number},
                             {"grid_z", number},
                             {"block_x", number},
                             {"block_y", number},
                             {"block_z", number},
                             {"registers", number},
                             {"static_shared", number},
                             {"dynamic_shared", number}},
                    .parts = {{"gpu_launches",
                               "Time of a kernel, by how it was launched",
                               {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}}});
    // `what` is 0 for what was allocated, 1 for what was freed, 2 for what was in use afterwards.
    list.push_back(
        {.name = "gpu_memory",
         .kind = quantity::memory,
         .keys = {{"path", path}, {"what", number}, {"device", number}, {"memory", text}},
         .parts = {{"gpu_memory", "Bytes allocated, freed and in use", {of_rank, 1, 2, 3}}},
         .components = {
             device_memory("gpu_allocated", "Memory that was allocated with CUDA", 0),
             device_memory("gpu_freed", "Memory that was freed with CUDA", 1),
             device_memory("gpu_peak", "Most memory that CUDA had in use at once", 2, true)}});
    // `from` and `to` are devices, -1 for the host; `bytes` is 1 where the values are bytes.
    list.push_back({.name = "gpu_unified",
                    .kind = quantity::count,
                    .keys = {{"event", text}, {"from", number}, {"to", number}, {"bytes", number}},
                    .parts = {{"gpu_unified", "Events of unified memory", {of_rank, 0, 1, 2, 3}}}});
    // `by` is 0 for what measuring took, 1 for what CUDA did beside the work of the program.
    list.push_back({.name = "gpu_overhead",
                    .kind = quantity::time,
                    .keys = {{"by", number}, {"what", text}},
                    .parts = {{"gpu_overhead",
                               "Time that CUPTI and CUDA took beside the work",
                               {of_rank, 0, 1}}},
                    .own_cost = 0});
    list.push_back({.name = "gpu_devices",
                    .kind = quantity::count,
                    .keys = {{"device", number}, {"name", text}},
                    .parts = {{"gpu_devices", "Multiprocessors of a GPU", {of_rank, 0, 1}}}});
    list.push_back({.name = "gpu_states",
                    .kind = quantity::time,
                    .keys = {{"device", number}, {"state", text}},
                    .parts = {{"gpu_states",
                               "Time that a GPU ran kernels, copied, did both, or neither",
                               {of_rank, 0, 1}}}});
}

std::vector<recorded_table> make_list() {
    std::vector<recorded_table> list;
    // `peer` is a rank of MPI_COMM_WORLD, -1 where there is no single one, -2 where it is not
    // known. `direction` is 0 for what was sent, 1 for what was received. `bucket`:
    // timemory_bucket(). `site` is empty where no call sites are asked for.
    list.push_back(
        {.name = "mpi_messages",
         .kind = quantity::memory,
         .keys = {{"path", path},
                  {"call", text},
                  {"communicator", text},
                  {"peer", number},
                  {"direction", number},
                  {"bucket", number}},
         .parts = {{"mpi_traffic", "Bytes of a message between ranks", {of_rank, 1, 2, 3, 4}},
                   {"mpi_sizes", "Bytes of a message, by call path and size", {0, 4, 5}}},
         .components = {bytes_of_messages("mpi_sent", "Bytes that MPI calls sent", 0),
                        bytes_of_messages("mpi_received", "Bytes that MPI calls received", 1)}});
    list.push_back(
        {.name = "mpi_calls",
         .kind = quantity::time,
         .squares = false,
         .keys = {{"path", path},
                  {"call", text},
                  {"communicator", text},
                  {"peer", number},
                  {"site", text}},
         .parts = {{"mpi_times", "Time of an MPI call, by rank and peer", {of_rank, 1, 2, 3}},
                   {"mpi_peers", "Time of an MPI call, by call path and peer", {0, 3}},
                   {.name = "mpi_callsites",
                    .description = "Time of an MPI call, by the place that calls it",
                    .keys = {of_rank, 1, 4},
                    .unless_empty = 4}}});
    list.push_back({.name = "mpi_latency",
                    .kind = quantity::time,
                    .squares = false,
                    .histogram = true,
                    .keys = {{"path", path}},
                    .parts = {{"mpi_latency",
                               "How often an MPI call took how long, by call path",
                               {0, of_bucket}}}});
    list.push_back({.name = "mpi_run",
                    .kind = quantity::time,
                    .keys = {{"what", text}},
                    .parts = {{"mpi_run", "Time of the program under MPI", {of_rank, 0}}}});
    list.push_back(
        {.name = "mpi_communicators",
         .kind = quantity::count,
         .keys = {{"communicator", text}},
         .parts = {{"mpi_communicators", "Ranks of a communicator, once for each rank", {0}}}});
    list.push_back(
        {.name = "mpi_files",
         .kind = quantity::memory,
         .keys = {{"file", text}, {"call", text}, {"direction", number}, {"bucket", number}},
         .parts = {{"mpi_files", "Bytes of an access to a file", {of_rank, 0, 1, 2, 3}}}});
    list.push_back(
        {.name = "mpi_windows",
         .kind = quantity::memory,
         .keys = {{"window", text}, {"call", text}, {"peer", number}, {"direction", number}},
         .parts = {{"mpi_windows", "Bytes of a one-sided access", {of_rank, 0, 1, 2, 3}}}});
    add_gpu_tables(list);
    return list;
}

}  // namespace

const std::vector<recorded_table>& recorded_tables() {
    static const auto* const list = new std::vector<recorded_table>{make_list()};
    return *list;  // never destroyed: calls may be recorded during exit
}

}  // namespace tim
