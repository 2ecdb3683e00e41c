#include "communicators.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "thread.hpp"

namespace tim::mpip::communicators {

handle_table<communicator> alive;

namespace {

std::atomic<std::uint32_t> instances{0};
std::mutex making_keyval;
int keyval = MPI_KEYVAL_INVALID;

int on_delete(MPI_Comm comm, int, void*, void*) {
    forget(comm);
    return MPI_SUCCESS;
}

/// Lets MPI say when the communicator ends, whoever frees it.
void watch_end(MPI_Comm comm) noexcept {
    const std::lock_guard guard{making_keyval};
    if (keyval == MPI_KEYVAL_INVALID)
        PMPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, on_delete, &keyval, nullptr);
    void* there = nullptr;
    int found = 0;
    if (PMPI_Comm_get_attr(comm, keyval, &there, &found) == MPI_SUCCESS && !found)
        PMPI_Comm_set_attr(comm, keyval, nullptr);
}

/// A name that the program gave, not one that MPI makes up.
std::string name_of(MPI_Comm comm) {
    char name[MPI_MAX_OBJECT_NAME] = "";
    int length = 0;
    PMPI_Comm_get_name(comm, name, &length);
    const std::string text(name, static_cast<std::size_t>(length));
    const bool made_up = text.starts_with("MPI COMMUNICATOR ") || text.starts_with("MPI INTERCOMM");
    return made_up ? "" : text;
}

/// Names like "split of MPI_COMM_WORLD"; equal on all ranks, and not ever longer.
std::string made_how(const char* how, MPI_Comm parent) {
    const std::string above = parent != MPI_COMM_NULL ? find(parent).name : "another";
    const std::size_t first = above.find(" of ");
    const bool deep = first != std::string::npos && above.find(" of ", first + 1) != above.npos;
    return std::string{how} + " of " + (deep ? "another" : above);
}

/// What the communicators are called, by their handles, that were begun and not used yet.
class begun_names {
public:
    void keep(MPI_Comm comm, std::string name) {
        const std::lock_guard guard{lock_};
        names_[bits_of(comm)] = std::move(name);
    }
    std::string take(MPI_Comm comm) {
        const std::lock_guard guard{lock_};
        const auto node = names_.extract(bits_of(comm));
        return node ? node.mapped() : "unnamed";
    }

private:
    std::mutex lock_;
    std::map<std::uint64_t, std::string> names_;
};

begun_names& the_begun() {
    static auto* const b = new begun_names;  // never destroyed: MPI may end at exit
    return *b;
}

std::string label_of(MPI_Comm comm, const char* how, MPI_Comm parent) {
    const std::string begun = the_begun().take(comm);
    std::string name = name_of(comm);
    if (!name.empty()) return name;
    return how != nullptr ? made_how(how, parent) : begun;
}

const char* kept(const std::string& text) {
    static std::mutex lock;
    static auto* const texts = new std::set<std::string>;  // never destroyed: MPI may end at exit
    const std::lock_guard guard{lock};
    return texts->insert(text).first->c_str();
}

void book_size(const communicator& c) noexcept {
    static const int table = timemory_table("mpi_communicators");
    if (!recording()) return;
    if (timemory_row* row = timemory_row_of(table, &c.label, 1)) timemory_add_value(row, c.size);
}

}  // namespace

communicator none;

const communicator& learn(MPI_Comm comm, const char* how, MPI_Comm parent) noexcept {
    if (comm == MPI_COMM_NULL) return none;
    try {
        communicator c{.handle = comm, .instance = ++instances};
        c.first = c.instance;
        int inter = 0;
        int compared = MPI_UNEQUAL;
        int initialised = 0;
        PMPI_Comm_test_inter(comm, &inter);
        PMPI_Comm_size(comm, &c.size);
        PMPI_Comm_rank(comm, &c.rank);
        c.inter = inter != 0;
        c.peers = c.size;
        if (c.inter) PMPI_Comm_remote_size(comm, &c.peers);
        PMPI_Initialized(&initialised);
        if (!c.inter && initialised) PMPI_Comm_compare(comm, MPI_COMM_WORLD, &compared);
        c.as_world = compared == MPI_IDENT || compared == MPI_CONGRUENT;
        c.name = kept(label_of(comm, how, parent));
        c.label = timemory_text(c.name);
        const communicator* known = alive.insert(bits_of(comm), [&](communicator& at) { at = c; });
        if (known == nullptr) return none;
        watch_end(comm);
        book_size(c);
        return *known;
    } catch (const std::exception&) {
        return none;
    }
}

void made(const char* how, MPI_Comm parent, MPI_Comm comm) noexcept {
    if (comm == MPI_COMM_NULL || alive.find(bits_of(comm)) != nullptr) return;
    learn(comm, how, parent);
}

void begun(const char* how, MPI_Comm parent, MPI_Comm comm) noexcept {
    if (comm == MPI_COMM_NULL) return;
    try {
        the_begun().keep(comm, made_how(how, parent));
    } catch (const std::exception&) {  // it will be "unnamed"
    }
}

void renamed(MPI_Comm comm) noexcept {
    try {
        const char* const name = kept(label_of(comm, nullptr, MPI_COMM_NULL));
        alive.change(bits_of(comm), [name](communicator& c) {
            c.instance = ++instances;
            c.name = name;
            c.label = timemory_text(name);
            book_size(c);
        });
    } catch (const std::exception&) {  // it keeps the name that it had
    }
}

void forget(MPI_Comm comm) noexcept {
    alive.remove(bits_of(comm), [](communicator& c) {
        delete c.neighbours;
        c = none;  // whoever still looks at it finds no communicator
    });
}

int world_rank(const communicator& c, std::uint32_t instance, int peer) noexcept {
    if (peer < 0) return no_peer;
    if (!c.was(instance)) return unknown_peer;
    if (c.as_world) return peer;
    int initialised = 0;
    if (PMPI_Initialized(&initialised) != MPI_SUCCESS || !initialised) return unknown_peer;
    MPI_Group world = MPI_GROUP_NULL;
    MPI_Group members = MPI_GROUP_NULL;
    PMPI_Comm_group(MPI_COMM_WORLD, &world);
    c.inter ? PMPI_Comm_remote_group(c.handle, &members) : PMPI_Comm_group(c.handle, &members);
    int rank = MPI_UNDEFINED;
    PMPI_Group_translate_ranks(members, 1, &peer, world, &rank);
    PMPI_Group_free(&members);
    PMPI_Group_free(&world);
    return rank != MPI_UNDEFINED ? rank : unknown_peer;
}

namespace {

void find_neighbours(MPI_Comm comm, neighbourhood& n) {
    const auto is_rank = [](int rank) { return static_cast<char>(rank != MPI_PROC_NULL); };
    int topology = MPI_UNDEFINED;
    PMPI_Topo_test(comm, &topology);
    if (topology == MPI_CART) {
        int dimensions = 0;
        PMPI_Cartdim_get(comm, &dimensions);
        for (int d = 0; d < dimensions; ++d) {
            int before = MPI_PROC_NULL;
            int behind = MPI_PROC_NULL;
            PMPI_Cart_shift(comm, d, 1, &before, &behind);
            n.sources.insert(n.sources.end(), {is_rank(before), is_rank(behind)});
        }
        n.destinations = n.sources;
    } else if (topology == MPI_GRAPH) {
        int rank = 0;
        int count = 0;
        PMPI_Comm_rank(comm, &rank);
        PMPI_Graph_neighbors_count(comm, rank, &count);
        n.sources.assign(static_cast<std::size_t>(count), 1);
        n.destinations = n.sources;
    } else if (topology == MPI_DIST_GRAPH) {
        int in = 0;
        int out = 0;
        int weighted = 0;
        PMPI_Dist_graph_neighbors_count(comm, &in, &out, &weighted);
        n.sources.assign(static_cast<std::size_t>(in), 1);
        n.destinations.assign(static_cast<std::size_t>(out), 1);
    }
}

}  // namespace

const neighbourhood& neighbours(const communicator& c) {
    auto& place = const_cast<communicator&>(c).neighbours;
    const neighbourhood* known = __atomic_load_n(&place, __ATOMIC_ACQUIRE);
    if (known != nullptr) return *known;
    auto made_now = std::make_unique<neighbourhood>();
    find_neighbours(c.handle, *made_now);
    if (__atomic_compare_exchange_n(&place, &known, made_now.get(), false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return *made_now.release();
    return *known;
}

}  // namespace tim::mpip::communicators
