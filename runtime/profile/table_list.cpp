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

std::vector<recorded_table> make_list() {
    std::vector<recorded_table> list;
    // `peer` is a rank of MPI_COMM_WORLD, -1 where there is no single one, -2 where it is not
    // known. `direction` is 0 for what was sent, 1 for what was received. `bucket`:
    // timemory_bucket().
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
         .keys = {{"path", path}, {"call", text}, {"communicator", text}, {"peer", number}},
         .parts = {{"mpi_times", "Time of an MPI call, by rank and peer", {of_rank, 1, 2, 3}},
                   {"mpi_peers", "Time of an MPI call, by call path and peer", {0, 3}}}});
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
    list.push_back({.name = "mpi_callsites",
                    .kind = quantity::time,
                    .squares = false,
                    .keys = {{"call", text}, {"site", text}},
                    .parts = {{"mpi_callsites",
                               "Time of an MPI call, by the place that calls it",
                               {of_rank, 0, 1}}}});
    return list;
}

}  // namespace

const std::vector<recorded_table>& recorded_tables() {
    static const auto* const list = new std::vector<recorded_table>{make_list()};
    return *list;  // never destroyed: calls may be recorded during exit
}

}  // namespace tim
