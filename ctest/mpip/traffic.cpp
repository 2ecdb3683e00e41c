// All kinds of calls that move bytes, with sizes that differ; what each moves is logged.

#include <cstring>
#include <numeric>

#include "log.hpp"

namespace {

traffic_log log_of_rank;
int me = 0;
int ranks = 0;

void message(const std::string& call, const group_of_ranks& g, int peer, way direction,
             long bytes) {
    log_of_rank.add("message", "MPI_" + call, g.name, peer < 0 ? nobody : g.world.at(peer),
                    direction, bytes);
}
void both(const std::string& call, const group_of_ranks& g, long out, long in) {
    if (out >= 0) message(call, g, nobody, sent, out);
    if (in >= 0) message(call, g, nobody, received, in);
}

/// A datatype of 3 doubles that lie 2 apart, and one of an int and 2 chars with a gap: what moves
/// is less than what they span.
struct derived {
    MPI_Datatype strided = MPI_DATATYPE_NULL;  // 24 bytes
    MPI_Datatype mixed = MPI_DATATYPE_NULL;    // 6 bytes
    derived() {
        MPI_Type_vector(3, 1, 2, MPI_DOUBLE, &strided);
        MPI_Type_commit(&strided);
        int lengths[] = {1, 2};
        MPI_Aint places[] = {0, 8};
        MPI_Datatype types[] = {MPI_INT, MPI_CHAR};
        MPI_Type_create_struct(2, lengths, places, types, &mixed);
        MPI_Type_commit(&mixed);
    }
    ~derived() {
        MPI_Type_free(&strided);
        MPI_Type_free(&mixed);
    }
};

/// How many bytes rank `from` sends to rank `to`: different for each pair.
int length(int from, int to) {
    return 8 + 16 * (from * 7 + to * 3 + 1);
}
constexpr int room = 4096;

void ring(const group_of_ranks& g) {
    char out[room] = {};
    char in[room] = {};
    const int right = (g.rank + 1) % g.size;
    const int left = (g.rank + g.size - 1) % g.size;
    for (int i = 0; i < 5; ++i) {
        MPI_Sendrecv(out, length(g.rank, right), MPI_CHAR, right, 1, in, room, MPI_CHAR, left, 1,
                     g.comm, MPI_STATUS_IGNORE);
        message("Sendrecv", g, right, sent, length(g.rank, right));
        message("Sendrecv", g, left, received, length(left, g.rank));
    }
    MPI_Sendrecv_replace(in, 64, MPI_CHAR, right, 2, left, 2, g.comm, MPI_STATUS_IGNORE);
    message("Sendrecv_replace", g, right, sent, 64);
    message("Sendrecv_replace", g, left, received, 64);
}

/// A halo exchange in one dimension, whose ends have MPI_PROC_NULL.
void halo(const group_of_ranks& g) {
    const derived types;
    double data[64] = {};
    const int up = g.rank + 1 < g.size ? g.rank + 1 : MPI_PROC_NULL;
    const int down = g.rank > 0 ? g.rank - 1 : MPI_PROC_NULL;
    for (int step = 0; step < 3; ++step) {
        MPI_Request r[4];
        MPI_Irecv(data, 2, types.strided, down, 3, g.comm, &r[0]);
        MPI_Irecv(data + 16, 1, types.mixed, up, 4, g.comm, &r[1]);
        MPI_Isend(data + 32, 2, types.strided, up, 3, g.comm, &r[2]);
        MPI_Isend(data + 48, 1, types.mixed, down, 4, g.comm, &r[3]);
        MPI_Waitall(4, r, MPI_STATUSES_IGNORE);
        if (down >= 0) message("Irecv", g, down, received, 48);
        if (up >= 0) message("Irecv", g, up, received, 6);
        if (up >= 0) message("Isend", g, up, sent, 48);
        if (down >= 0) message("Isend", g, down, sent, 6);
    }
}

/// What is sent says from whom it is and how long: no status is needed to log it.
struct letter {
    int from;
    int length;
    char text[room - 8];
};

/// Each rank gets letters from all others, with receives that take them from any and have room for
/// more. `how` completes them.
void letters(const group_of_ranks& g, const std::string& how) {
    static letter out;
    static letter in[16];
    std::vector<MPI_Request> r;
    for (int i = 0; i < g.size - 1; ++i) {
        MPI_Request one;
        MPI_Irecv(&in[i], sizeof(letter), MPI_CHAR, MPI_ANY_SOURCE, 5, g.comm, &one);
        r.push_back(one);
    }
    const char* const sends[] = {"Send", "Ssend", "Bsend", "Isend", "Issend", "Ibsend"};
    std::vector<char> buffer(static_cast<std::size_t>(g.size) * (room + MPI_BSEND_OVERHEAD));
    MPI_Buffer_attach(buffer.data(), static_cast<int>(buffer.size()));
    for (int step = 1; step < g.size; ++step) {
        const int to = (g.rank + step) % g.size;
        out.from = g.rank;
        out.length = length(g.rank, to);
        const int kind = (step + g.rank) % 6;
        MPI_Request one = MPI_REQUEST_NULL;
        if (kind == 0) MPI_Send(&out, out.length, MPI_CHAR, to, 5, g.comm);
        if (kind == 1) MPI_Ssend(&out, out.length, MPI_CHAR, to, 5, g.comm);
        if (kind == 2) MPI_Bsend(&out, out.length, MPI_CHAR, to, 5, g.comm);
        if (kind == 3) MPI_Isend(&out, out.length, MPI_CHAR, to, 5, g.comm, &one);
        if (kind == 4) MPI_Issend(&out, out.length, MPI_CHAR, to, 5, g.comm, &one);
        if (kind == 5) MPI_Ibsend(&out, out.length, MPI_CHAR, to, 5, g.comm, &one);
        if (kind >= 3) MPI_Wait(&one, MPI_STATUS_IGNORE);
        message(sends[kind], g, to, sent, out.length);
    }
    const auto log = [&](const letter& l) { message("Irecv", g, l.from, received, l.length); };
    const int n = static_cast<int>(r.size());
    int left = n;
    std::vector<int> indices(r.size());
    std::vector<MPI_Status> statuses(r.size());
    int flag = 0;
    int index = 0;
    if (how == "Wait")
        for (; left > 0; --left)
            MPI_Wait(&r[static_cast<std::size_t>(left - 1)], MPI_STATUS_IGNORE);
    if (how == "Waitall") MPI_Waitall(n, r.data(), statuses.data());
    if (how == "Waitany")
        for (; left > 0; --left) MPI_Waitany(n, r.data(), &index, MPI_STATUS_IGNORE);
    while (how == "Waitsome" && left > 0) {
        int done = 0;
        MPI_Waitsome(n, r.data(), &done, indices.data(),
                     left % 2 != 0 ? MPI_STATUSES_IGNORE : statuses.data());
        left -= done;
    }
    if (how == "Test")
        for (auto& one : r)
            for (flag = 0; flag == 0;) MPI_Test(&one, &flag, MPI_STATUS_IGNORE);
    while (how == "Testall" && flag == 0) MPI_Testall(n, r.data(), &flag, MPI_STATUSES_IGNORE);
    while (how == "Testany" && left > 0) {
        MPI_Testany(n, r.data(), &index, &flag, MPI_STATUS_IGNORE);
        if (flag != 0) --left;
    }
    while (how == "Testsome" && left > 0) {
        int done = 0;
        MPI_Testsome(n, r.data(), &done, indices.data(), MPI_STATUSES_IGNORE);
        if (done > 0) left -= done;
    }
    if (how == "Request_get_status") {
        for (auto& one : r) {
            for (flag = 0; flag == 0;) MPI_Request_get_status(one, &flag, MPI_STATUS_IGNORE);
            MPI_Request_free(&one);  // complete, and its bytes were not asked for
        }
    }
    for (int i = 0; i < n; ++i) log(in[i]);
    int size = 0;
    void* detached = nullptr;
    MPI_Buffer_detach(&detached, &size);
    MPI_Barrier(g.comm);
}

/// Messages that are looked at before they are received.
void probes(const group_of_ranks& g) {
    char out[room] = {};
    static letter in;
    const int right = (g.rank + 1) % g.size;
    const int left = (g.rank + g.size - 1) % g.size;
    for (int i = 0; i < 4; ++i) {
        letter* l = reinterpret_cast<letter*>(out);
        l->from = g.rank;
        l->length = length(g.rank, right) + i;
        MPI_Request r;
        MPI_Isend(out, l->length, MPI_CHAR, right, 6, g.comm, &r);
        message("Isend", g, right, sent, l->length);
        MPI_Message handle = MPI_MESSAGE_NULL;
        MPI_Status status;
        int flag = 0;
        if (i == 0) {
            MPI_Probe(MPI_ANY_SOURCE, 6, g.comm, MPI_STATUS_IGNORE);
            MPI_Recv(&in, room, MPI_CHAR, MPI_ANY_SOURCE, MPI_ANY_TAG, g.comm, MPI_STATUS_IGNORE);
            message("Recv", g, left, received, in.length);
        } else if (i == 1) {
            while (flag == 0) MPI_Iprobe(MPI_ANY_SOURCE, 6, g.comm, &flag, &status);
            MPI_Recv(&in, room, MPI_CHAR, status.MPI_SOURCE, 6, g.comm, &status);
            message("Recv", g, left, received, in.length);
        } else if (i == 2) {
            MPI_Mprobe(MPI_ANY_SOURCE, 6, g.comm, &handle, MPI_STATUS_IGNORE);
            MPI_Mrecv(&in, room, MPI_CHAR, &handle, MPI_STATUS_IGNORE);
            message("Mrecv", g, left, received, in.length);
        } else {
            MPI_Request one;
            while (flag == 0) MPI_Improbe(left, 6, g.comm, &flag, &handle, MPI_STATUS_IGNORE);
            MPI_Imrecv(&in, room, MPI_CHAR, &handle, &one);
            MPI_Wait(&one, MPI_STATUS_IGNORE);
            message("Imrecv", g, left, received, in.length);
        }
        MPI_Wait(&r, MPI_STATUS_IGNORE);
    }
}

void persistent(const group_of_ranks& g) {
    char out[room] = {};
    char in[2][room] = {};
    const int right = (g.rank + 1) % g.size;
    const int left = (g.rank + g.size - 1) % g.size;
    MPI_Request r[3];
    MPI_Recv_init(in[0], room, MPI_CHAR, MPI_ANY_SOURCE, 7, g.comm, &r[0]);
    MPI_Send_init(out, length(g.rank, right), MPI_CHAR, right, 7, g.comm, &r[1]);
    MPI_Recv_init(in[1], room, MPI_CHAR, MPI_PROC_NULL, 7, g.comm, &r[2]);
    MPI_Waitall(3, r, MPI_STATUSES_IGNORE);  // none is active
    for (int i = 0; i < 6; ++i) {
        const char* start = i % 2 != 0 ? "Start" : "Startall";
        if (i % 2 != 0)
            for (auto& one : r) MPI_Start(&one);
        else
            MPI_Startall(3, r);
        message(start, g, right, sent, length(g.rank, right));
        message(start, g, left, received, length(left, g.rank));
        if (i % 3 == 0) MPI_Waitall(3, r, MPI_STATUSES_IGNORE);
        if (i % 3 == 1)
            for (auto& one : r) MPI_Wait(&one, MPI_STATUS_IGNORE);
        int index = 0;
        if (i % 3 == 2)
            for (int k = 0; k < 4; ++k) MPI_Waitany(3, r, &index, MPI_STATUS_IGNORE);
    }
    for (auto& one : r) MPI_Request_free(&one);
}

/// Receives that never get a message, handles that are used again, and calls that fail.
void corners(const group_of_ranks& g) {
    char data[room] = {};
    MPI_Request r;
    MPI_Status status;
    MPI_Irecv(data, room, MPI_CHAR, g.rank, 8, g.comm, &r);
    MPI_Cancel(&r);
    MPI_Wait(&r, &status);
    MPI_Irecv(data, room, MPI_CHAR, MPI_ANY_SOURCE, 8, g.comm, &r);
    MPI_Cancel(&r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    MPI_Wait(&r, MPI_STATUS_IGNORE);  // MPI_REQUEST_NULL
    MPI_Waitall(0, nullptr, MPI_STATUSES_IGNORE);
    MPI_Recv(data, room, MPI_CHAR, MPI_PROC_NULL, 8, g.comm, MPI_STATUS_IGNORE);
    MPI_Send(data, room, MPI_CHAR, MPI_PROC_NULL, 8, g.comm);
    MPI_Errhandler before;
    MPI_Comm_get_errhandler(g.comm, &before);
    MPI_Comm_set_errhandler(g.comm, MPI_ERRORS_RETURN);
    if (MPI_Send(data, 8, MPI_CHAR, g.size + 5, 8, g.comm) == MPI_SUCCESS) std::abort();
    MPI_Comm_set_errhandler(g.comm, before);
    MPI_Errhandler_free(&before);
    // A send to oneself that is let go before it is complete.
    MPI_Irecv(data, 100, MPI_CHAR, g.rank, 9, g.comm, &r);
    MPI_Request s;
    MPI_Isend(data + 200, 10, MPI_CHAR, g.rank, 9, g.comm, &s);
    MPI_Request_free(&s);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    message("Isend", g, g.rank, sent, 10);
    message("Irecv", g, g.rank, received, 10);
    // Not recorded.
    MPI_Pcontrol(0);
    MPI_Sendrecv(data, 10, MPI_CHAR, g.rank, 9, data + 100, 10, MPI_CHAR, g.rank, 9, g.comm,
                 MPI_STATUS_IGNORE);
    MPI_Irecv(data, 100, MPI_CHAR, g.rank, 9, g.comm, &r);
    MPI_Pcontrol(1);
    MPI_Send(data + 200, 5, MPI_CHAR, g.rank, 9, g.comm);
    message("Send", g, g.rank, sent, 5);
    MPI_Wait(&r, MPI_STATUS_IGNORE);  // was posted while nothing was recorded
    // Prepared while nothing was recorded, and started when it was.
    MPI_Request prepared[2];
    MPI_Pcontrol(0);
    MPI_Recv_init(data, 100, MPI_CHAR, g.rank, 9, g.comm, &prepared[0]);
    MPI_Send_init(data + 200, 6, MPI_CHAR, g.rank, 9, g.comm, &prepared[1]);
    MPI_Pcontrol(1);
    MPI_Startall(2, prepared);
    message("Startall", g, g.rank, sent, 6);
    message("Startall", g, g.rank, received, 6);
    MPI_Waitall(2, prepared, MPI_STATUSES_IGNORE);
    for (MPI_Request& one : prepared) MPI_Request_free(&one);
}

/// Requests of the program's own, that it completes itself, alone and between those of MPI.
void generalised(const group_of_ranks& g) {
    struct state {
        int asked = 0, freed = 0;
    };
    static state s;
    s = {};
    const auto query = [](void* extra, MPI_Status* status) {
        ++static_cast<state*>(extra)->asked;
        MPI_Status_set_elements(status, MPI_CHAR, 7);
        MPI_Status_set_cancelled(status, 0);
        status->MPI_SOURCE = 3;
        status->MPI_TAG = 4;
        return MPI_SUCCESS;
    };
    const auto let_go = [](void* extra) {
        ++static_cast<state*>(extra)->freed;
        return MPI_SUCCESS;
    };
    const auto cancel = [](void*, int) { return MPI_SUCCESS; };
    char in[room] = {};
    char out[room] = {};
    const int right = (g.rank + 1) % g.size;
    const int left = (g.rank + g.size - 1) % g.size;
    MPI_Request r[3];
    MPI_Status statuses[3];
    int count = 0;
    int flag = 0;
    MPI_Grequest_start(query, let_go, cancel, &s, &r[0]);
    MPI_Test(&r[0], &flag, MPI_STATUS_IGNORE);
    if (flag != 0) std::abort();
    MPI_Grequest_complete(r[0]);
    MPI_Wait(&r[0], &statuses[0]);
    MPI_Get_count(&statuses[0], MPI_CHAR, &count);
    if (count != 7 || statuses[0].MPI_SOURCE != 3 || s.freed != 1) std::abort();
    for (const bool ignored : {true, false}) {
        MPI_Irecv(in, room, MPI_CHAR, MPI_ANY_SOURCE, 12, g.comm, &r[0]);
        MPI_Grequest_start(query, let_go, cancel, &s, &r[1]);
        MPI_Isend(out, 12, MPI_CHAR, right, 12, g.comm, &r[2]);
        MPI_Grequest_complete(r[1]);
        MPI_Waitall(3, r, ignored ? MPI_STATUSES_IGNORE : statuses);
        message("Irecv", g, left, received, 12);
        message("Isend", g, right, sent, 12);
    }
    MPI_Get_count(&statuses[1], MPI_CHAR, &count);
    if (count != 7 || statuses[0].MPI_SOURCE != left || s.freed != 3) std::abort();
}

struct counts {
    std::vector<int> of, at;
    long sum = 0;
    template <class F>
    counts(int n, F f) {
        for (int i = 0; i < n; ++i) {
            of.push_back(f(i));
            at.push_back(static_cast<int>(sum));
            sum += of.back();
        }
    }
};

/// Each collective, blocking and not; in place and with v and w forms. `n` is of the ranks that one
/// exchanges with.
void collectives(const group_of_ranks& g) {
    const int n = g.size;
    static int out[room];
    static int in[room];
    MPI_Request r;
    const auto wait = [&r] { MPI_Wait(&r, MPI_STATUS_IGNORE); };
    for (int root = 0; root < n; ++root) {
        const bool is_root = root == g.rank;
        const auto none_unless = [&](bool yes, long bytes) { return yes ? bytes : -1; };
        MPI_Bcast(out, 10, MPI_INT, root, g.comm);
        both("Bcast", g, none_unless(is_root, 40), none_unless(!is_root, 40));
        MPI_Ibcast(out, 11, MPI_INT, root, g.comm, &r);
        wait();
        both("Ibcast", g, none_unless(is_root, 44), none_unless(!is_root, 44));
        MPI_Reduce(out, in, 12, MPI_INT, MPI_SUM, root, g.comm);
        MPI_Reduce(is_root ? MPI_IN_PLACE : in, in, 13, MPI_INT, MPI_SUM, root, g.comm);
        both("Reduce", g, 48, none_unless(is_root, 48));
        both("Reduce", g, 52, none_unless(is_root, 52));
        MPI_Ireduce(out, in, 14, MPI_INT, MPI_SUM, root, g.comm, &r);
        wait();
        both("Ireduce", g, 56, none_unless(is_root, 56));
        // Only the root's counts mean something there, and not in place.
        MPI_Gather(out, 5, MPI_INT, in, is_root ? 5 : -1, is_root ? MPI_INT : MPI_DATATYPE_NULL,
                   root, g.comm);
        both("Gather", g, 20, none_unless(is_root, 20 * n));
        MPI_Gather(is_root ? MPI_IN_PLACE : out, 6, is_root ? MPI_DATATYPE_NULL : MPI_INT, in, 6,
                   MPI_INT, root, g.comm);
        both("Gather", g, 24, none_unless(is_root, 24 * n));
        const counts c(n, [&](int i) { return 3 + i; });
        MPI_Gatherv(is_root ? MPI_IN_PLACE : out, c.of[static_cast<std::size_t>(g.rank)],
                    is_root ? MPI_DATATYPE_NULL : MPI_INT, in, c.of.data(), c.at.data(), MPI_INT,
                    root, g.comm);
        both("Gatherv", g, 4 * (3 + g.rank), none_unless(is_root, 4 * c.sum));
        MPI_Igatherv(out, 3 + g.rank, MPI_INT, in, c.of.data(), c.at.data(), MPI_INT, root, g.comm,
                     &r);
        wait();
        both("Igatherv", g, 4 * (3 + g.rank), none_unless(is_root, 4 * c.sum));
        MPI_Scatter(out, 7, MPI_INT, is_root ? MPI_IN_PLACE : in, 7,
                    is_root ? MPI_DATATYPE_NULL : MPI_INT, root, g.comm);
        both("Scatter", g, none_unless(is_root, 28 * n), 28);
        MPI_Scatterv(out, c.of.data(), c.at.data(), MPI_INT, is_root ? MPI_IN_PLACE : in,
                     3 + g.rank, is_root ? MPI_DATATYPE_NULL : MPI_INT, root, g.comm);
        both("Scatterv", g, none_unless(is_root, 4 * c.sum), 4 * (3 + g.rank));
        MPI_Iscatter(out, 7, MPI_INT, in, 7, MPI_INT, root, g.comm, &r);
        wait();
        both("Iscatter", g, none_unless(is_root, 28 * n), 28);
    }
    MPI_Allreduce(out, in, 1, MPI_DOUBLE_INT, MPI_MINLOC, g.comm);
    both("Allreduce", g, 12, 12);
    MPI_Allreduce(MPI_IN_PLACE, in, 9, MPI_INT, MPI_SUM, g.comm);
    both("Allreduce", g, 36, 36);
    MPI_Iallreduce(out, in, 9, MPI_INT, MPI_SUM, g.comm, &r);
    wait();
    both("Iallreduce", g, 36, 36);
    MPI_Allgather(out, 4, MPI_INT, in, 4, MPI_INT, g.comm);
    MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, in, 4, MPI_INT, g.comm);
    both("Allgather", g, 16, 16 * n);
    both("Allgather", g, 16, 16 * n);
    const counts c(n, [](int i) { return 2 + 2 * i; });
    const int own = 2 + 2 * g.rank;
    MPI_Allgatherv(out, own, MPI_INT, in, c.of.data(), c.at.data(), MPI_INT, g.comm);
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, in, c.of.data(), c.at.data(), MPI_INT,
                   g.comm);
    both("Allgatherv", g, 4 * own, 4 * c.sum);
    both("Allgatherv", g, 4 * own, 4 * c.sum);
    MPI_Alltoall(out, 3, MPI_INT, in, 3, MPI_INT, g.comm);
    MPI_Alltoall(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, in, 3, MPI_INT, g.comm);
    both("Alltoall", g, 12 * n, 12 * n);
    both("Alltoall", g, 12 * n, 12 * n);
    const counts to(n, [&](int i) { return 1 + g.rank + 2 * i; });
    const counts from(n, [&](int i) { return 1 + i + 2 * g.rank; });
    MPI_Alltoallv(out, to.of.data(), to.at.data(), MPI_INT, in, from.of.data(), from.at.data(),
                  MPI_INT, g.comm);
    both("Alltoallv", g, 4 * to.sum, 4 * from.sum);
    MPI_Ialltoallv(out, to.of.data(), to.at.data(), MPI_INT, in, from.of.data(), from.at.data(),
                   MPI_INT, g.comm, &r);
    wait();
    both("Ialltoallv", g, 4 * to.sum, 4 * from.sum);
    // Types that differ by rank: ints with even ranks, shorts with odd ones.
    std::vector<MPI_Datatype> send_types;
    std::vector<MPI_Datatype> receive_types;
    std::vector<int> places;
    long out_bytes = 0;
    long in_bytes = 0;
    for (int i = 0; i < n; ++i) {
        const bool ints = (i + g.rank) % 2 == 0;
        send_types.push_back(ints ? MPI_INT : MPI_SHORT);
        receive_types.push_back(ints ? MPI_INT : MPI_SHORT);
        places.push_back(i * 64);
        out_bytes += (ints ? 4 : 2) * to.of[static_cast<std::size_t>(i)];
        in_bytes += (ints ? 4 : 2) * from.of[static_cast<std::size_t>(i)];
    }
    MPI_Alltoallw(out, to.of.data(), places.data(), send_types.data(), in, from.of.data(),
                  places.data(), receive_types.data(), g.comm);
    both("Alltoallw", g, out_bytes, in_bytes);
    MPI_Reduce_scatter(out, in, c.of.data(), MPI_INT, MPI_SUM, g.comm);
    both("Reduce_scatter", g, 4 * c.sum, 4 * own);
    MPI_Reduce_scatter_block(out, in, 5, MPI_INT, MPI_SUM, g.comm);
    both("Reduce_scatter_block", g, 20 * n, 20);
    MPI_Scan(out, in, 6, MPI_INT, MPI_SUM, g.comm);
    both("Scan", g, 24, 24);
    MPI_Exscan(out, in, 6, MPI_INT, MPI_SUM, g.comm);
    both("Exscan", g, 24, g.rank > 0 ? 24 : -1);
    MPI_Barrier(g.comm);
    MPI_Ibarrier(g.comm, &r);
    wait();
}

/// Between two groups: even and odd ranks of MPI_COMM_WORLD.
void between_groups(const group_of_ranks& own) {
    group_of_ranks g;
    MPI_Intercomm_create(own.comm, 0, MPI_COMM_WORLD, me % 2 == 0 ? 1 : 0, 10, &g.comm);
    g.name = "bridge";
    MPI_Comm_set_name(g.comm, g.name.c_str());
    g.rank = own.rank;
    for (int i = 1 - me % 2; i < ranks; i += 2) g.world.push_back(i);
    const int others = static_cast<int>(g.world.size());
    int out[256] = {};
    int in[256] = {};
    // Each rank of the smaller group talks to the one of its number.
    if (g.rank < others && own.rank < others) {
        MPI_Sendrecv(out, 10, MPI_INT, g.rank, 0, in, 256, MPI_INT, g.rank, 0, g.comm,
                     MPI_STATUS_IGNORE);
        message("Sendrecv", g, g.rank, sent, 40);
        message("Sendrecv", g, g.rank, received, 40);
    }
    const bool roots = me % 2 == 0;
    const int root = !roots ? 0 : g.rank == 0 ? MPI_ROOT : MPI_PROC_NULL;
    const bool is_root = root == MPI_ROOT;
    MPI_Bcast(out, 6, MPI_INT, root, g.comm);
    both("Bcast", g, is_root ? 24 : -1, roots ? -1 : 24);
    MPI_Gather(out, 6, MPI_INT, in, 6, MPI_INT, root, g.comm);
    both("Gather", g, roots ? -1 : 24, is_root ? 24 * others : -1);
    MPI_Reduce(out, in, 7, MPI_INT, MPI_SUM, root, g.comm);
    both("Reduce", g, roots ? -1 : 28, is_root ? 28 : -1);
    MPI_Allgather(out, 3, MPI_INT, in, 3, MPI_INT, g.comm);
    both("Allgather", g, 12, 12 * others);
    MPI_Alltoall(out, 3, MPI_INT, in, 3, MPI_INT, g.comm);
    both("Alltoall", g, 12 * others, 12 * others);
    MPI_Barrier(g.comm);
    MPI_Comm_free(&g.comm);
}

void neighbourhoods(const group_of_ranks& world) {
    int out[256] = {};
    int in[256] = {};
    group_of_ranks line = world;  // not periodic: the ends have one neighbour
    const int dims[] = {world.size};
    const int periods[] = {0};
    MPI_Cart_create(world.comm, 1, dims, periods, 0, &line.comm);
    line.name = "cart of MPI_COMM_WORLD";
    const bool has_left = world.rank > 0;
    const bool has_right = world.rank + 1 < world.size;
    const int some = (has_left ? 1 : 0) + (has_right ? 1 : 0);
    const long none = -1;
    MPI_Neighbor_allgather(out, 5, MPI_INT, in, 5, MPI_INT, line.comm);
    both("Neighbor_allgather", line, some > 0 ? 20 : none, some > 0 ? 20 * some : none);
    MPI_Neighbor_alltoall(out, 5, MPI_INT, in, 5, MPI_INT, line.comm);
    both("Neighbor_alltoall", line, some > 0 ? 20 * some : none, some > 0 ? 20 * some : none);
    const int counts[] = {2, 3};
    const int received_counts[] = {3, 2};  // what the left one sends to its right
    const int places[] = {0, 100};
    const long sum = 4 * ((has_left ? 2 : 0) + (has_right ? 3 : 0));
    const long sum_in = 4 * ((has_left ? 3 : 0) + (has_right ? 2 : 0));
    MPI_Neighbor_alltoallv(out, counts, places, MPI_INT, in, received_counts, places, MPI_INT,
                           line.comm);
    both("Neighbor_alltoallv", line, some > 0 ? sum : none, some > 0 ? sum_in : none);
    MPI_Comm_free(&line.comm);

    group_of_ranks ring = world;  // in a graph, one way only
    const int left = (world.rank + world.size - 1) % world.size;
    const int right = (world.rank + 1) % world.size;
    MPI_Dist_graph_create_adjacent(world.comm, 1, &left, MPI_UNWEIGHTED, 1, &right, MPI_UNWEIGHTED,
                                   MPI_INFO_NULL, 0, &ring.comm);
    ring.name = "graph of MPI_COMM_WORLD";
    MPI_Request r;
    MPI_Ineighbor_alltoall(out, 8, MPI_INT, in, 8, MPI_INT, ring.comm, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    both("Ineighbor_alltoall", ring, 32, 32);
    MPI_Comm_free(&ring.comm);
}

/// Handles that MPI gives away again: the communicators are others each time.
void communicators(const group_of_ranks& world) {
    for (int i = 0; i < 4; ++i) {
        group_of_ranks half;
        // The ranks are in the opposite order.
        MPI_Comm_split(world.comm, i % 2 == 0 ? me % 2 : 0, -me, &half.comm);
        half.name = "split of MPI_COMM_WORLD";
        if (i == 3) {
            half.name = "named";
            MPI_Comm_set_name(half.comm, half.name.c_str());
        }
        for (int k = ranks - 1; k >= 0; --k)
            if (i % 2 != 0 || k % 2 == me % 2) half.world.push_back(k);
        MPI_Comm_rank(half.comm, &half.rank);
        half.size = static_cast<int>(half.world.size());
        ring(half);
        MPI_Comm_free(&half.comm);
    }
    group_of_ranks same = world;
    MPI_Comm_dup(world.comm, &same.comm);
    same.name = "dup of MPI_COMM_WORLD";
    collectives(same);
    MPI_Comm_free(&same.comm);
    MPI_Request r;
    MPI_Comm_idup(world.comm, &same.comm, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    ring(same);
    // What was begun before it has another name.
    int number = 0;
    MPI_Irecv(&number, 1, MPI_INT, me, 0, same.comm, &r);
    message("Irecv", same, me, received, sizeof number);
    same.name = "renamed";
    MPI_Comm_set_name(same.comm, same.name.c_str());
    MPI_Send(&me, 1, MPI_INT, me, 0, same.comm);
    message("Send", same, me, sent, sizeof me);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    MPI_Comm_free(&same.comm);
}

void windows(const group_of_ranks& g) {
    long* memory = nullptr;
    long data[64] = {};
    MPI_Win win;  // allocated: Debian's Open MPI can do no other, nor of one rank
    MPI_Win_allocate(64 * sizeof(long), sizeof(long), MPI_INFO_NULL, g.comm, &memory, &win);
    std::memset(memory, 0, 64 * sizeof(long));
    MPI_Win_set_name(win, "pane");
    const int right = (g.rank + 1) % g.size;
    const auto log = [&](const char* call, way direction, long bytes) {
        log_of_rank.add("window", call, "pane", g.world.at(right), direction, bytes);
    };
    MPI_Win_fence(0, win);
    MPI_Put(data, 4, MPI_LONG, right, 0, 4, MPI_LONG, win);
    log("MPI_Put", sent, 32);
    MPI_Win_fence(0, win);
    MPI_Get(data, 5, MPI_LONG, right, 0, 5, MPI_LONG, win);
    log("MPI_Get", received, 40);
    MPI_Win_fence(0, win);
    MPI_Accumulate(data, 6, MPI_LONG, right, 0, 6, MPI_LONG, MPI_SUM, win);
    log("MPI_Accumulate", sent, 48);
    MPI_Win_fence(0, win);
#ifndef OPEN_MPI  // Debian's crashes in these between processes that may not read each other
    MPI_Win_lock_all(0, win);
    MPI_Get_accumulate(data, 2, MPI_LONG, data + 8, 2, MPI_LONG, right, 0, 2, MPI_LONG, MPI_SUM,
                       win);
    log("MPI_Get_accumulate", sent, 16);
    log("MPI_Get_accumulate", received, 16);
    MPI_Get_accumulate(nullptr, 0, MPI_LONG, data + 8, 2, MPI_LONG, right, 0, 2, MPI_LONG,
                       MPI_NO_OP, win);
    log("MPI_Get_accumulate", received, 16);
    MPI_Win_flush_all(win);
    MPI_Fetch_and_op(data, data + 1, MPI_LONG, right, 3, MPI_SUM, win);
    log("MPI_Fetch_and_op", sent, 8);
    log("MPI_Fetch_and_op", received, 8);
    MPI_Win_flush_all(win);
    MPI_Compare_and_swap(data, data + 1, data + 2, MPI_LONG, right, 4, win);
    log("MPI_Compare_and_swap", sent, 16);
    log("MPI_Compare_and_swap", received, 8);
    MPI_Request r;
    MPI_Rput(data, 3, MPI_LONG, right, 8, 3, MPI_LONG, win, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    log("MPI_Rput", sent, 24);
    MPI_Win_unlock_all(win);
#endif
    MPI_Win_free(&win);
}

void files(const group_of_ranks& g) {
    const char* const name = "numbers.bin";
    int data[256] = {};
    const auto log = [&](const char* call, way direction, long bytes) {
        log_of_rank.add("file", call, name, nobody, direction, bytes);
    };
    MPI_File file;
    MPI_File_open(g.comm, name, MPI_MODE_CREATE | MPI_MODE_RDWR, MPI_INFO_NULL, &file);
    MPI_File_write_at(file, g.rank * 400, data, 100, MPI_INT, MPI_STATUS_IGNORE);
    log("MPI_File_write_at", sent, 400);
    MPI_File_sync(file);
    MPI_Barrier(g.comm);
    // The last one finds less than it asks for.
    MPI_File_read_at(file, g.rank * 400 + 200, data, 100, MPI_INT, MPI_STATUS_IGNORE);
    log("MPI_File_read_at", received, g.rank + 1 < g.size ? 400 : 200);
    MPI_Request r;
    MPI_File_iread_at(file, g.rank * 400, data, 80, MPI_INT, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    log("MPI_File_iread_at", received, 320);
    MPI_File_iwrite_at(file, g.rank * 400, data, 50, MPI_INT, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
    log("MPI_File_iwrite_at", sent, 200);
    MPI_File_write_at_all(file, g.rank * 400, data, 100, MPI_INT, MPI_STATUS_IGNORE);
    log("MPI_File_write_at_all", sent, 400);
    MPI_File_read_at_all_begin(file, g.rank * 400, data, 10, MPI_INT);
    MPI_File_read_at_all_end(file, data, MPI_STATUS_IGNORE);
    log("MPI_File_read_at_all_end", received, 40);
    MPI_File_close(&file);
}

#if MPI_VERSION >= 4
void fourth_standard(const group_of_ranks& g) {
    char out[room] = {};
    char in[room] = {};
    const int right = (g.rank + 1) % g.size;
    const int left = (g.rank + g.size - 1) % g.size;
    MPI_Request r[2];
    MPI_Psend_init(out, 4, 25, MPI_CHAR, right, 11, g.comm, MPI_INFO_NULL, &r[0]);
    MPI_Precv_init(in, 4, 25, MPI_CHAR, left, 11, g.comm, MPI_INFO_NULL, &r[1]);
    for (int i = 0; i < 3; ++i) {
        MPI_Startall(2, r);
        MPI_Pready_range(0, 3, r[0]);
        MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
        message("Startall", g, right, sent, 100);
        message("Startall", g, left, received, 100);
    }
    MPI_Request_free(&r[0]);
    MPI_Request_free(&r[1]);
    int sum[4] = {};
    MPI_Allreduce_init(out, sum, 4, MPI_INT, MPI_SUM, g.comm, MPI_INFO_NULL, &r[0]);
    for (int i = 0; i < 3; ++i) {
        MPI_Start(&r[0]);
        MPI_Wait(&r[0], MPI_STATUS_IGNORE);
        both("Start", g, 16, 16);
    }
    MPI_Request_free(&r[0]);
    // Without MPI_Isendrecv: MPICH 4.0 does not set what it received in the status.
    MPI_Sendrecv_c(out, 30, MPI_CHAR, right, 13, in, room, MPI_CHAR, left, 13, g.comm,
                   MPI_STATUS_IGNORE);
    message("Sendrecv_c", g, right, sent, 30);
    message("Sendrecv_c", g, left, received, 30);
    std::vector<MPI_Count> counts;
    std::vector<MPI_Aint> places;
    for (int i = 0; i < g.size; ++i) {
        counts.push_back(4);
        places.push_back(i * 4);
    }
    MPI_Alltoallv_c(out, counts.data(), places.data(), MPI_CHAR, in, counts.data(), places.data(),
                    MPI_CHAR, g.comm);
    both("Alltoallv_c", g, 4 * g.size, 4 * g.size);
}
#else
void fourth_standard(const group_of_ranks&) {}
#endif

/// More communicators at once than are found without a lock. MPICH has no more than 2,048.
void thousands_of_copies() {
#ifdef OPEN_MPI
    const group_of_ranks self{MPI_COMM_SELF, "dup of MPI_COMM_SELF", {me}, 0, 1};
    std::vector<group_of_ranks> copies(4500, self);
    for (group_of_ranks& g : copies) MPI_Comm_dup(MPI_COMM_SELF, &g.comm);
    for (const int again : {0, 1}) {
        for (const group_of_ranks& g : copies) ring(g);
        if (again != 0) break;
        for (std::size_t i = 0; i < copies.size(); i += 2) {
            MPI_Comm_free(&copies[i].comm);
            MPI_Comm_dup(MPI_COMM_SELF, &copies[i].comm);
        }
    }
    for (group_of_ranks& g : copies) MPI_Comm_free(&g.comm);
#endif
}

/// Many communicators, and more places than a thread has rows at hand.
void many(const group_of_ranks& world) {
    std::vector<group_of_ranks> copies(100, world);
    for (group_of_ranks& g : copies) {
        MPI_Comm_dup(MPI_COMM_WORLD, &g.comm);
        g.name = "dup of MPI_COMM_WORLD";
    }
    for (const group_of_ranks& g : copies) ring(g);
    for (group_of_ranks& g : copies) MPI_Comm_free(&g.comm);

    double in = 0;
    double out = 0;
    const int right = (me + 1) % ranks;
    const int left = (me + ranks - 1) % ranks;
#define EXCHANGE                                                                         \
    MPI_Sendrecv(&out, 1, MPI_DOUBLE, right, 1, &in, 1, MPI_DOUBLE, left, 1, world.comm, \
                 MPI_STATUS_IGNORE);
#define FIVE_TIMES(calls) calls calls calls calls calls
    FIVE_TIMES(FIVE_TIMES(FIVE_TIMES(FIVE_TIMES(EXCHANGE))))
    for (int i = 0; i < 625; ++i) {
        message("Sendrecv", world, right, sent, sizeof out);
        message("Sendrecv", world, left, received, sizeof in);
    }
}

}  // namespace

int main(int argc, char** argv) {
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    group_of_ranks world{MPI_COMM_WORLD, "MPI_COMM_WORLD", {}, me, ranks};
    for (int i = 0; i < ranks; ++i) world.world.push_back(i);

    ring(world);
    many(world);
    thousands_of_copies();
    halo(world);
    for (const char* how : {"Wait", "Waitall", "Waitany", "Waitsome", "Test", "Testall", "Testany",
                            "Testsome", "Request_get_status"})
        letters(world, how);
    probes(world);
    persistent(world);
    corners(world);
    generalised(world);
    collectives(world);
    communicators(world);
    group_of_ranks half = world;
    MPI_Comm_split(MPI_COMM_WORLD, me % 2, me, &half.comm);
    MPI_Comm_set_name(half.comm, "half");
    half.name = "half";
    half.world.clear();
    for (int i = me % 2; i < ranks; i += 2) half.world.push_back(i);
    half.rank = me / 2;
    half.size = static_cast<int>(half.world.size());
    collectives(half);
    letters(half, "Waitsome");
    if (ranks > 1) windows(world);
    if (ranks > 1) between_groups(half);
    neighbourhoods(world);
    files(world);
    fourth_standard(half);
    MPI_Comm_free(&half.comm);

    log_of_rank.write(me);
    std::printf("program: rank %d of %d is done\n", me, ranks);
    MPI_Finalize();
}
