#include "windows.hpp"

#include <atomic>

#include "handle_table.hpp"
#include "thread.hpp"

namespace tim::mpip::windows {
namespace {

handle_table<window> alive;
std::atomic<std::uint32_t> instances{0};

}  // namespace

const window& find(MPI_Win win) noexcept {
    static const window none{.label = timemory_text("unnamed")};
    if (const window* known = alive.find(bits_of(win))) return *known;
    char name[MPI_MAX_OBJECT_NAME] = "";
    int length = 0;
    PMPI_Win_get_name(win, name, &length);
    const bool made_up = length == 0 || std::string_view{name}.starts_with("MPI WIN");
    const window* known = alive.insert(bits_of(win), [&](window& w) {
        w = {.handle = win,
             .instance = ++instances,
             .label = timemory_text(made_up ? "unnamed" : name)};
    });
    return known != nullptr ? *known : none;
}

void forget(MPI_Win win) noexcept {
    alive.remove(bits_of(win), [](window&) {});
}

int world_rank(const window& w, int peer) noexcept {
    int initialised = 0;
    if (w.instance == 0 || PMPI_Initialized(&initialised) != MPI_SUCCESS || !initialised)
        return unknown_peer;
    MPI_Group world = MPI_GROUP_NULL;
    MPI_Group members = MPI_GROUP_NULL;
    PMPI_Comm_group(MPI_COMM_WORLD, &world);
    PMPI_Win_get_group(w.handle, &members);
    int rank = MPI_UNDEFINED;
    PMPI_Group_translate_ranks(members, 1, &peer, world, &rank);
    PMPI_Group_free(&members);
    PMPI_Group_free(&world);
    return rank != MPI_UNDEFINED ? rank : unknown_peer;
}

}  // namespace tim::mpip::windows
