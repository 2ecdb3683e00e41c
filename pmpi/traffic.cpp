#include "traffic.hpp"

#include <algorithm>

namespace tim::mpip {
namespace {

/// The part of a rank in a rooted call.
enum class role : std::uint8_t {
    root,
    other,  ///< exchanges with the root
    none,   ///< of the root's group, in a call between two groups
};

role role_in(const communicator& c, int root) noexcept {
    if (root == MPI_ROOT) return role::root;
    if (root == MPI_PROC_NULL) return role::none;
    return !c.inter && root == c.rank ? role::root : role::other;
}

bool any(const std::vector<char>& neighbours) noexcept {
    return std::find(neighbours.begin(), neighbours.end(), 1) != neighbours.end();
}

}  // namespace

std::int64_t part::total(int ranks) const noexcept {
    if (each_the_same()) return ranks * bytes();
    std::int64_t sum = 0;
    if (has_types()) {
        for (int i = 0; i < ranks; ++i) sum += count(i) > 0 ? bytes(i) : 0;
        return sum;
    }
    for (int i = 0; i < ranks; ++i) sum += count(i);
    return sum * size_of(type_);
}

std::int64_t part::total(const std::vector<char>& neighbours) const noexcept {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < neighbours.size(); ++i) {
        const int at = static_cast<int>(i);
        if (neighbours[i] != 0 && count(at) > 0) sum += bytes(at);
    }
    return sum;
}

traffic bcast(const communicator& c, const part& data, int root) noexcept {
    switch (role_in(c, root)) {
        case role::root:
            return {data.bytes(), no_message};
        case role::other:
            return {no_message, data.bytes()};
        case role::none:
            break;
    }
    return {};
}

traffic reduce(const communicator& c, const part& data, int root) noexcept {
    switch (role_in(c, root)) {
        case role::root:
            return {c.inter ? no_message : data.bytes(), data.bytes()};
        case role::other:
            return {data.bytes(), no_message};
        case role::none:
            break;
    }
    return {};
}

traffic gather(const communicator& c, const part& send, const part& receive, int root) noexcept {
    switch (role_in(c, root)) {
        case role::root: {
            const std::int64_t own = send.in_place() ? receive.bytes(c.rank) : 0;
            const std::int64_t sent = c.inter ? no_message : send.in_place() ? own : send.bytes();
            return {sent, receive.total(c.peers)};
        }
        case role::other:
            return {send.bytes(), no_message};
        case role::none:
            break;
    }
    return {};
}

traffic scatter(const communicator& c, const part& send, const part& receive, int root) noexcept {
    switch (role_in(c, root)) {
        case role::root: {
            const std::int64_t obtained = c.inter              ? no_message
                                          : receive.in_place() ? send.bytes(c.rank)
                                                               : receive.bytes();
            return {send.total(c.peers), obtained};
        }
        case role::other:
            return {no_message, receive.bytes()};
        case role::none:
            break;
    }
    return {};
}

traffic allgather(const communicator& c, const part& send, const part& receive) noexcept {
    const std::int64_t sent = send.in_place() ? receive.bytes(c.rank) : send.bytes();
    return {sent, receive.total(c.peers)};
}

traffic alltoall(const communicator& c, const part& send, const part& receive) noexcept {
    const std::int64_t received = receive.total(c.peers);
    return {send.in_place() ? received : send.total(c.peers), received};
}

traffic reduce_scatter(const communicator& c, const part& receive) noexcept {
    return {receive.total(c.size), receive.bytes(c.rank)};
}

traffic scan(const communicator& c, const part& data) noexcept {
    return allreduce(c, data);
}

traffic exscan(const communicator& c, const part& data) noexcept {
    const std::int64_t bytes = data.bytes();
    return {bytes, c.rank > 0 ? bytes : no_message};
}

traffic neighbor_allgather(const communicator& c, const part& send, const part& receive) {
    const neighbourhood& n = communicators::neighbours(c);
    return {any(n.destinations) ? send.bytes() : no_message,
            any(n.sources) ? receive.total(n.sources) : no_message};
}

traffic neighbor_alltoall(const communicator& c, const part& send, const part& receive) {
    const neighbourhood& n = communicators::neighbours(c);
    return {any(n.destinations) ? send.total(n.destinations) : no_message,
            any(n.sources) ? receive.total(n.sources) : no_message};
}

}  // namespace tim::mpip
