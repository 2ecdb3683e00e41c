/* Calls of MPI from C, which the program itself writes into a log: those of calls.F90, where the
 * log is described, one for one. */

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { sent, received };
enum { nobody = -1, n = 100 };
static int ranks, rank_of_world;
static FILE* journal;

static void called(const char* function, const char* where, int peer) {
    fprintf(journal, "call %s %s %d\n", function, where, peer);
}
static void moved(const char* function, const char* where, int peer, int direction, int bytes) {
    fprintf(journal, "message %s %s %d %d %d\n", function, where, peer, direction, bytes);
}
static void collected(const char* function, int root, int bytes_sent, int bytes_received) {
    called(function, "ring", root);
    if (bytes_sent >= 0) moved(function, "ring", nobody, sent, bytes_sent);
    if (bytes_received >= 0) moved(function, "ring", nobody, received, bytes_received);
}
static void say(const char* what, int value) {
    printf("program: %s on rank %d: %d\n", what, rank_of_world, value);
    fflush(stdout);
}
static void require(int condition, const char* what) {
    if (condition) return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}
static int world(int peer) {
    return peer >= 0 ? ranks - 1 - peer : nobody;
}
static void least(void* in, void* inout, int* length, MPI_Datatype* type) {
    (void)type;
    for (int i = 0; i < *length; ++i) {
        const int a = abs(((int*)in)[i]);
        const int b = abs(((int*)inout)[i]);
        ((int*)inout)[i] = a < b ? a : b;
    }
}

static void first_index(void) {
    MPI_Request requests[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};
    MPI_Status one;
    int values[2] = {0}, index;
    MPI_Irecv(&values[0], 1, MPI_INT, 0, 0, MPI_COMM_SELF, &requests[0]);
    called("MPI_Irecv", "MPI_COMM_SELF", nobody);
    MPI_Send(&values[1], 1, MPI_INT, 0, 0, MPI_COMM_SELF);
    called("MPI_Send", "MPI_COMM_SELF", rank_of_world);
    moved("MPI_Send", "MPI_COMM_SELF", rank_of_world, sent, 4);
    MPI_Waitany(2, requests, &index, &one);
    called("MPI_Waitany", "", nobody);
    moved("MPI_Irecv", "MPI_COMM_SELF", rank_of_world, received, 4);
}

static void point_to_point(MPI_Comm ring) {
    int me, count, index, done, flag = 0, sum = 0;
    int outgoing[n], incoming[n], indices[3], several[3][n];
    MPI_Request requests[4], request;
    MPI_Status one, many[4];
    MPI_Comm_rank(ring, &me);
    const int next = (me + 1) % ranks, previous = (me + ranks - 1) % ranks;
    for (int i = 0; i < n; ++i) outgoing[i] = 100 * me + i + 1;

    for (int i = 1; i <= 2; ++i) {
        MPI_Irecv(incoming, n, MPI_INT, previous, 1, ring, &requests[0]);
        called("MPI_Irecv", "ring", nobody);
        MPI_Isend(outgoing, 10 * i, MPI_INT, next, 1, ring, &requests[1]);
        called("MPI_Isend", "ring", nobody);
        moved("MPI_Isend", "ring", world(next), sent, 40 * i);
        requests[2] = MPI_REQUEST_NULL;
        MPI_Waitall(3, requests, i == 1 ? MPI_STATUSES_IGNORE : many);
        called("MPI_Waitall", "", nobody);
        if (i == 2) {
            MPI_Get_count(&many[0], MPI_INT, &count);
            called("MPI_Get_count", "", nobody);
            require(count == 20, "count of Waitall");
        }
        moved("MPI_Irecv", "ring", world(previous), received, 40 * i);
        sum += incoming[10 * i - 1];
    }

    MPI_Sendrecv(outgoing, 7, MPI_INT, next, 2, incoming, n, MPI_INT, previous, 2, ring,
                 MPI_STATUS_IGNORE);
    called("MPI_Sendrecv", "ring", world(previous));
    moved("MPI_Sendrecv", "ring", world(next), sent, 28);
    moved("MPI_Sendrecv", "ring", world(previous), received, 28);
    MPI_Sendrecv_replace(incoming, 7, MPI_INT, next, 3, previous, MPI_ANY_TAG, ring, &one);
    called("MPI_Sendrecv_replace", "ring", world(one.MPI_SOURCE));
    moved("MPI_Sendrecv_replace", "ring", world(next), sent, 28);
    moved("MPI_Sendrecv_replace", "ring", world(one.MPI_SOURCE), received, 28);
    sum += incoming[6];
    MPI_Sendrecv(outgoing, 7, MPI_INT, MPI_PROC_NULL, 2, incoming, n, MPI_INT, MPI_PROC_NULL, 2,
                 ring, &one);
    called("MPI_Sendrecv", "ring", nobody);

    if (me == 0) {
        for (int i = 0; i < 2 * (ranks - 1); ++i) {
            MPI_Recv(incoming, n, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, ring, &one);
            MPI_Get_count(&one, MPI_INT, &count);
            called("MPI_Get_count", "", nobody);
            called("MPI_Recv", "ring", world(one.MPI_SOURCE));
            moved("MPI_Recv", "ring", world(one.MPI_SOURCE), received, 4 * count);
            sum += incoming[count - 1];
        }
        MPI_Barrier(ring);
        collected("MPI_Barrier", nobody, -1, -1);
        for (int i = 1; i < ranks; ++i) {
            MPI_Recv(incoming, n, MPI_INT, i, 9, ring, MPI_STATUS_IGNORE);
            called("MPI_Recv", "ring", world(i));
            moved("MPI_Recv", "ring", world(i), received, 4 * 3 * i);
        }
    } else {
        for (int i = 1; i <= 2; ++i) {
            MPI_Send(outgoing, me + i, MPI_INT, 0, i, ring);
            called("MPI_Send", "ring", world(0));
            moved("MPI_Send", "ring", world(0), sent, 4 * (me + i));
        }
        MPI_Barrier(ring);
        collected("MPI_Barrier", nobody, -1, -1);
        MPI_Ssend(outgoing, 3 * me, MPI_INT, 0, 9, ring);
        called("MPI_Ssend", "ring", world(0));
        moved("MPI_Ssend", "ring", world(0), sent, 4 * 3 * me);
    }

    for (int some = 0; some < 2; ++some) {
        const int tag = some ? 20 : 10, length = some ? 6 : 5;
        for (int i = 0; i < 3; ++i) {
            MPI_Irecv(several[i], n, MPI_INT, some ? MPI_ANY_SOURCE : previous, tag + i, ring,
                      &requests[i]);
            called("MPI_Irecv", "ring", nobody);
        }
        for (int i = 0; i < 3; ++i) {
            MPI_Send(outgoing, length * (i + 1), MPI_INT, next, tag + i, ring);
            called("MPI_Send", "ring", world(next));
            moved("MPI_Send", "ring", world(next), sent, 4 * length * (i + 1));
        }
        for (count = 0; count < 3; count += done) {
            done = 1;
            if (some) {
                MPI_Waitsome(3, requests, &done, indices, count == 0 ? MPI_STATUSES_IGNORE : many);
                called("MPI_Waitsome", "", nobody);
            } else {
                MPI_Waitany(3, requests, indices, count == 1 ? MPI_STATUS_IGNORE : &one);
                called("MPI_Waitany", "", nobody);
            }
            for (int i = 0; i < done; ++i) {
                const int bytes = 4 * length * (indices[i] + 1);
                moved("MPI_Irecv", "ring", world(previous), received, bytes);
                if (some || count < 2) sum += several[indices[i]][bytes / 4 - 1];
            }
        }
        if (some) continue;
        MPI_Waitany(3, requests, &index, &one);
        called("MPI_Waitany", "", nobody);
        require(index == MPI_UNDEFINED, "index of Waitany");
    }

    MPI_Irecv(incoming, n, MPI_INT, MPI_ANY_SOURCE, 30, ring, &request);
    called("MPI_Irecv", "ring", nobody);
    MPI_Send(outgoing, 11, MPI_INT, previous, 30, ring);
    called("MPI_Send", "ring", world(previous));
    moved("MPI_Send", "ring", world(previous), sent, 44);
    MPI_Barrier(ring);
    collected("MPI_Barrier", nobody, -1, -1);
    while (!flag) {
        MPI_Test(&request, &flag, MPI_STATUS_IGNORE);
        called("MPI_Test", "", nobody);
    }
    moved("MPI_Irecv", "ring", world(next), received, 44);
    MPI_Send(outgoing, 12, MPI_INT, next, 31, ring);
    called("MPI_Send", "ring", world(next));
    moved("MPI_Send", "ring", world(next), sent, 48);
    MPI_Probe(MPI_ANY_SOURCE, 31, ring, &one);
    called("MPI_Probe", "ring", world(previous));
    MPI_Recv(incoming, n, MPI_INT, one.MPI_SOURCE, 31, ring, MPI_STATUS_IGNORE);
    called("MPI_Recv", "ring", world(previous));
    moved("MPI_Recv", "ring", world(previous), received, 48);
    MPI_Send(outgoing, 13, MPI_INT, next, 32, ring);
    called("MPI_Send", "ring", world(next));
    moved("MPI_Send", "ring", world(next), sent, 52);
    MPI_Message found;
    MPI_Mprobe(MPI_ANY_SOURCE, 32, ring, &found, MPI_STATUS_IGNORE);
    called("MPI_Mprobe", "ring", world(previous));
    MPI_Mrecv(incoming, n, MPI_INT, &found, MPI_STATUS_IGNORE);
    called("MPI_Mrecv", "ring", world(previous));
    moved("MPI_Mrecv", "ring", world(previous), received, 52);
    sum += incoming[12];

    MPI_Datatype column, scattered;
    MPI_Aint address;
    int length = 17;
    MPI_Type_vector(10, 1, 3, MPI_INT, &column);
    MPI_Type_commit(&column);
    MPI_Get_address(outgoing, &address);
    MPI_Type_create_hindexed(1, &length, &address, MPI_INT, &scattered);
    MPI_Type_commit(&scattered);
    MPI_Irecv(incoming, n, MPI_INT, previous, 40, ring, &requests[0]);
    MPI_Irecv(incoming + 50, 1, column, previous, 41, ring, &requests[1]);
    MPI_Isend(MPI_BOTTOM, 1, scattered, next, 40, ring, &requests[2]);
    MPI_Isend(outgoing, 1, column, next, 41, ring, &requests[3]);
    MPI_Waitall(4, requests, many);
    MPI_Type_free(&column);
    MPI_Type_free(&scattered);
    static const char* const of_types[] = {
        "MPI_Type_vector",          "MPI_Type_commit", "MPI_Get_address", "MPI_Waitall",
        "MPI_Type_create_hindexed", "MPI_Type_commit", "MPI_Type_free",   "MPI_Type_free"};
    for (int i = 0; i < 8; ++i) called(of_types[i], "", nobody);
    for (int i = 0; i < 2; ++i) {
        called("MPI_Irecv", "ring", nobody);
        called("MPI_Isend", "ring", nobody);
        moved("MPI_Irecv", "ring", world(previous), received, i == 0 ? 68 : 40);
        moved("MPI_Isend", "ring", world(next), sent, i == 0 ? 68 : 40);
    }
    sum += incoming[16] + incoming[77];
    say("received", sum);
}

static void persistent(MPI_Comm ring) {
    int me, outgoing[20], incoming[30];
    MPI_Request requests[2];
    MPI_Comm_rank(ring, &me);
    const int next = (me + 1) % ranks, previous = (me + ranks - 1) % ranks;
    MPI_Recv_init(incoming, 30, MPI_INT, previous, 50, ring, &requests[0]);
    called("MPI_Recv_init", "ring", nobody);
    MPI_Send_init(outgoing, 20, MPI_INT, next, 50, ring, &requests[1]);
    called("MPI_Send_init", "ring", nobody);
    for (int i = 1; i <= 3; ++i) {
        for (int k = 0; k < 20; ++k) outgoing[k] = 10 * me + i;
        const char* const start = i < 3 ? "MPI_Startall" : "MPI_Start";
        if (i < 3) {
            MPI_Startall(2, requests);
            called("MPI_Startall", "", nobody);
            MPI_Waitall(2, requests, MPI_STATUSES_IGNORE);
            called("MPI_Waitall", "", nobody);
        } else {
            for (int k = 0; k < 2; ++k) {
                MPI_Start(&requests[k]);
                called("MPI_Start", "", nobody);
            }
            for (int k = 0; k < 2; ++k) {
                MPI_Wait(&requests[k], MPI_STATUS_IGNORE);
                called("MPI_Wait", "", nobody);
            }
        }
        moved(start, "ring", world(next), sent, 80);
        moved(start, "ring", world(previous), received, 80);
        say("persistent", incoming[19]);
    }
    for (int i = 0; i < 2; ++i) {
        MPI_Request_free(&requests[i]);
        called("MPI_Request_free", "", nobody);
    }
}

static void collective(MPI_Comm ring) {
    enum { most = 16 };
    int me, sum = 0, values[n], all[4 * n] = {0};
    int counts[most], places[most], offsets[most], mine[most], total = ranks * (ranks + 1) / 2;
    MPI_Datatype types[most];
    MPI_Request request;
    MPI_Op own;
    MPI_Comm_rank(ring, &me);
    for (int i = 0; i < n; ++i) values[i] = 100 * me + i + 1;
    for (int i = 0; i < ranks; ++i) {
        counts[i] = i + 1;
        places[i] = i * (i + 1) / 2;
        mine[i] = me + 1;
        types[i] = MPI_INT;
    }

    MPI_Barrier(ring);
    collected("MPI_Barrier", nobody, -1, -1);
    if (me == 1) memcpy(all, values, 40);
    MPI_Bcast(all, 10, MPI_INT, 1, ring);
    collected("MPI_Bcast", world(1), me == 1 ? 40 : -1, me == 1 ? -1 : 40);
    sum += all[9];
    memcpy(all, values, 12);
    MPI_Allreduce(MPI_IN_PLACE, all, 3, MPI_INT, MPI_SUM, ring);
    collected("MPI_Allreduce", nobody, 12, 12);
    sum += all[2];
    MPI_Reduce(values, all, 4, MPI_INT, MPI_MAX, 1, ring);
    collected("MPI_Reduce", world(1), 16, me == 1 ? 16 : -1);
    if (me == 1) sum += all[3];
    memcpy(all, values, 20);
    MPI_Reduce(me == 0 ? MPI_IN_PLACE : values, all, 5, MPI_INT, MPI_MIN, 0, ring);
    collected("MPI_Reduce", world(0), 20, me == 0 ? 20 : -1);
    if (me == 0) sum += all[4];

    MPI_Gather(values, 6, MPI_INT, all, 6, MPI_INT, 1, ring);
    collected("MPI_Gather", world(1), 24, me == 1 ? 24 * ranks : -1);
    if (me == 1) sum += all[6 * ranks - 1];
    if (me == 0) all[0] = values[0];
    MPI_Gatherv(me == 0 ? MPI_IN_PLACE : values, me == 0 ? 0 : me + 1, MPI_INT, all, counts, places,
                MPI_INT, 0, ring);
    collected("MPI_Gatherv", world(0), 4 * (me + 1), me == 0 ? 4 * total : -1);
    if (me == 0) sum += all[total - 1];
    MPI_Scatter(values, 7, MPI_INT, all, 7, MPI_INT, 1, ring);
    collected("MPI_Scatter", world(1), me == 1 ? 28 * ranks : -1, 28);
    sum += all[6];
    MPI_Scatterv(values, counts, places, MPI_INT, all, me + 1, MPI_INT, 0, ring);
    collected("MPI_Scatterv", world(0), me == 0 ? 4 * total : -1, 4 * (me + 1));
    sum += all[me];
    memcpy(all + 8 * me, values, 32);
    MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, 8, MPI_INT, ring);
    collected("MPI_Allgather", nobody, 32, 32 * ranks);
    sum += all[8 * ranks - 1];
    MPI_Allgatherv(values, me + 1, MPI_INT, all, counts, places, MPI_INT, ring);
    collected("MPI_Allgatherv", nobody, 4 * (me + 1), 4 * total);
    sum += all[total - 1];

    MPI_Alltoall(values, 9, MPI_INT, all, 9, MPI_INT, ring);
    collected("MPI_Alltoall", nobody, 36 * ranks, 36 * ranks);
    sum += all[9 * ranks - 1];
    MPI_Alltoall(MPI_IN_PLACE, 0, MPI_INT, all, 9, MPI_INT, ring);
    collected("MPI_Alltoall", nobody, 36 * ranks, 36 * ranks);
    for (int i = 0; i < ranks; ++i) {
        places[i] = 10 * i;
        offsets[i] = 40 * i;
    }
    MPI_Alltoallv(values, counts, places, MPI_INT, all, mine, places, MPI_INT, ring);
    collected("MPI_Alltoallv", nobody, 4 * total, 4 * ranks * (me + 1));
    sum += all[0];
    MPI_Alltoallw(values, counts, offsets, types, all, mine, offsets, types, ring);
    collected("MPI_Alltoallw", nobody, 4 * total, 4 * ranks * (me + 1));
    sum += all[0];

    MPI_Reduce_scatter(values, all, counts, MPI_INT, MPI_SUM, ring);
    collected("MPI_Reduce_scatter", nobody, 4 * total, 4 * (me + 1));
    sum += all[me];
    MPI_Reduce_scatter_block(values, all, 2, MPI_INT, MPI_SUM, ring);
    collected("MPI_Reduce_scatter_block", nobody, 8 * ranks, 8);
    sum += all[1];
    MPI_Scan(values, all, 3, MPI_INT, MPI_SUM, ring);
    collected("MPI_Scan", nobody, 12, 12);
    sum += all[2];
    MPI_Exscan(values, all, 3, MPI_INT, MPI_SUM, ring);
    collected("MPI_Exscan", nobody, 12, me > 0 ? 12 : -1);
    if (me > 0) sum += all[2];

    MPI_Op_create(least, 1, &own);
    called("MPI_Op_create", "", nobody);
    MPI_Iallreduce(values, all, 5, MPI_INT, own, ring, &request);
    collected("MPI_Iallreduce", nobody, 20, 20);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    called("MPI_Wait", "", nobody);
    MPI_Op_free(&own);
    called("MPI_Op_free", "", nobody);
    sum += all[4];
    say("collected", sum);
}

static void objects(MPI_Comm ring) {
    char processor[MPI_MAX_PROCESSOR_NAME], name[MPI_MAX_OBJECT_NAME];
    int length, keyval, flag, me, all[2];
    MPI_Get_processor_name(processor, &length);
    called("MPI_Get_processor_name", "", nobody);
    MPI_Comm_get_name(ring, name, &length);
    called("MPI_Comm_get_name", "ring", nobody);
    require(strcmp(name, "ring") == 0, "name of the communicator");
    say("length of a name", length);

    char value[13];
    MPI_Info info;
    MPI_Info_create(&info);
    MPI_Info_set(info, "a key", "its value");
    MPI_Info_get(info, "a key", 12, value, &flag);
    require(flag && strcmp(value, "its value") == 0, "value of the info");
    MPI_Info_free(&info);
    called("MPI_Info_create", "", nobody);
    called("MPI_Info_set", "", nobody);
    called("MPI_Info_get", "", nobody);
    called("MPI_Info_free", "", nobody);

    static int number = 42;
    void* attribute = NULL;
    MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, MPI_COMM_NULL_DELETE_FN, &keyval, NULL);
    called("MPI_Comm_create_keyval", "", nobody);
    MPI_Comm_set_attr(ring, keyval, &number);
    called("MPI_Comm_set_attr", "ring", nobody);
    MPI_Comm_get_attr(ring, keyval, &attribute, &flag);
    called("MPI_Comm_get_attr", "ring", nobody);
    require(flag, "attribute");
    say("attribute", *(int*)attribute);
    MPI_Comm_delete_attr(ring, keyval);
    called("MPI_Comm_delete_attr", "ring", nobody);
    MPI_Comm_free_keyval(&keyval);
    called("MPI_Comm_free_keyval", "", nobody);

    MPI_Comm grid;
    int dims = ranks, periods = 1, coords;
    MPI_Cart_create(ring, 1, &dims, &periods, 0, &grid);
    called("MPI_Cart_create", "ring", nobody);
    MPI_Comm_set_name(grid, "grid");
    called("MPI_Comm_set_name", "grid", nobody);
    MPI_Cart_get(grid, 1, &dims, &periods, &coords);
    called("MPI_Cart_get", "grid", nobody);
    require(periods, "period of the grid");
    MPI_Comm_rank(grid, &me);
    MPI_Neighbor_allgather(&me, 1, MPI_INT, all, 1, MPI_INT, grid);
    called("MPI_Neighbor_allgather", "grid", nobody);
    moved("MPI_Neighbor_allgather", "grid", nobody, sent, 4);
    moved("MPI_Neighbor_allgather", "grid", nobody, received, 8);
    say("neighbours", 100 * all[0] + all[1]);
    MPI_Comm_free(&grid);
    called("MPI_Comm_free", "", nobody);

    MPI_Pcontrol(0); /* what follows is not recorded */
    MPI_Barrier(ring);
    MPI_Pcontrol(1);
}

static void access_file(MPI_Comm ring, const char* name) {
    int me, values[10], count;
    MPI_File file;
    MPI_Status one;
    MPI_Comm_rank(ring, &me);
    for (int i = 0; i < 10; ++i) values[i] = me;
    MPI_File_open(ring, name, MPI_MODE_CREATE | MPI_MODE_RDWR, MPI_INFO_NULL, &file);
    MPI_File_write_at(file, 40 * me, values, 10, MPI_INT, MPI_STATUS_IGNORE);
    MPI_File_sync(file);
    MPI_Barrier(ring);
    collected("MPI_Barrier", nobody, -1, -1);
    MPI_File_read_at(file, 40 * ((me + 1) % ranks), values, 10, MPI_INT, &one);
    MPI_Get_count(&one, MPI_INT, &count);
    MPI_File_close(&file);
    called("MPI_File_open", "ring", nobody);
    called("MPI_File_write_at", "", nobody);
    fprintf(journal, "file MPI_File_write_at %s %d 40\n", name, sent);
    called("MPI_File_sync", "", nobody);
    called("MPI_File_read_at", "", nobody);
    fprintf(journal, "file MPI_File_read_at %s %d 40\n", name, received);
    called("MPI_Get_count", "", nobody);
    called("MPI_File_close", "", nobody);
    say("read", 1000 * count + values[9]);
}

static void access_window(MPI_Comm ring) {
    int me, values[10];
    void* memory;
    MPI_Win window;
    MPI_Comm_rank(ring, &me);
    for (int i = 0; i < 10; ++i) values[i] = me;
    const int other = (me + 2) % ranks;
    MPI_Win_allocate(40, 4, MPI_INFO_NULL, ring, &memory, &window);
    called("MPI_Win_allocate", "ring", nobody);
    MPI_Win_set_name(window, "memory");
    called("MPI_Win_set_name", "", nobody);
    MPI_Win_fence(0, window);
    MPI_Put(values, 10, MPI_INT, me, 0, 10, MPI_INT, window);
    MPI_Win_fence(0, window);
    MPI_Get(values, 8, MPI_INT, other, 0, 8, MPI_INT, window);
    MPI_Win_fence(0, window);
    MPI_Win_free(&window);
    called("MPI_Put", "", nobody);
    fprintf(journal, "window MPI_Put memory %d %d 40\n", world(me), sent);
    called("MPI_Get", "", nobody);
    fprintf(journal, "window MPI_Get memory %d %d 32\n", world(other), received);
    for (int i = 0; i < 3; ++i) called("MPI_Win_fence", "", nobody);
    called("MPI_Win_free", "", nobody);
    say("got", values[7]);
}

int main(int argc, char** argv) {
    require(argc == 3, "calls FOLDER THREADS");
    const int threads = atoi(argv[2]);
    int provided, size;
    char file[1000];
    if (threads == 1)
        MPI_Init(&argc, &argv);
    else
        MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
    require(threads == 1 || provided == MPI_THREAD_MULTIPLE, "no threads");
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_of_world);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    snprintf(file, sizeof file, "%s/log-%d.txt", argv[1], rank_of_world);
    journal = fopen(file, "w");
    require(journal != NULL, file);

    first_index();
    MPI_Comm* const rings = calloc((size_t)threads, sizeof *rings);
    for (int i = 0; i < threads; ++i) {
        MPI_Comm_split(MPI_COMM_WORLD, 0, -rank_of_world, &rings[i]);
        called("MPI_Comm_split", "MPI_COMM_WORLD", nobody);
        MPI_Comm_set_name(rings[i], "ring");
        called("MPI_Comm_set_name", "ring", nobody);
    }
#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (int i = 0; i < threads; ++i) {
        point_to_point(rings[i]);
        persistent(rings[i]);
        collective(rings[i]);
    }
    objects(rings[0]);
    snprintf(file, sizeof file, "%s/data", argv[1]);
    access_file(rings[0], file);
    access_window(rings[0]);
    for (int i = 0; i < threads; ++i) {
        MPI_Comm_free(&rings[i]);
        called("MPI_Comm_free", "", nobody);
    }
    free(rings);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    say("ranks", size);
    fclose(journal);
    MPI_Finalize();
    return 0;
}
