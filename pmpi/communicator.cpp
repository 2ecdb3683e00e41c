// The communicator of the fold, over MPI.
//
// All calls go through the PMPI_ names, so that no MPI tool counts them, ours neither. No error of
// MPI's aborts the job: while we communicate, the communicators return errors, and the program's
// handler is put back after each call. Messages travel on a duplicate of MPI_COMM_WORLD, because a
// receive with MPI_ANY_SOURCE and MPI_ANY_TAG that the program left pending on MPI_COMM_WORLD
// itself would take them. Messages above 1 GiB go in pieces: counts are ints.

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include "fold/communicator.hpp"

#include <mpi.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 30;

// The duplicate of MPI_COMM_WORLD. It is made after the first barrier and kept: freeing it would be
// one more collective call, and MPI_Finalize frees it anyway.
MPI_Comm private_world = MPI_COMM_NULL;

void (*finalize_hook)() = nullptr;

/// Makes MPI_COMM_WORLD return errors for as long as it lives.
class errors_returned {
public:
    errors_returned() {
        if (PMPI_Comm_get_errhandler(MPI_COMM_WORLD, &before_) != MPI_SUCCESS) return;
        kept_ = true;
        PMPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    }
    ~errors_returned() {
        if (!kept_) return;
        PMPI_Comm_set_errhandler(MPI_COMM_WORLD, before_);
        PMPI_Errhandler_free(&before_);
    }
    errors_returned(const errors_returned&) = delete;
    errors_returned& operator=(const errors_returned&) = delete;

private:
    MPI_Errhandler before_ = MPI_ERRHANDLER_NULL;
    bool kept_ = false;
};

/// What a request_handle stands for.
struct operation {
    enum class kind { barrier, duplication, message } what = kind::message;
    bool receives = false;
    std::vector<MPI_Request> pieces;
};

tim::request_handle handle_of(std::unique_ptr<operation> op) {
    return reinterpret_cast<std::uintptr_t>(op.release());
}

operation* operation_of(tim::request_handle request) {
    return reinterpret_cast<operation*>(static_cast<std::uintptr_t>(request));
}

int state() {
    int flag = 0;
    if (PMPI_Initialized(&flag) != MPI_SUCCESS || !flag) return 0;
    if (PMPI_Finalized(&flag) != MPI_SUCCESS || flag) return 2;
    return 1;
}

/// Whether this thread may call MPI now. With MPI_THREAD_SERIALIZED the program takes turns between
/// its threads without us; the main thread then only makes calls that touch MPI_COMM_SELF.
bool may_call() {
    if (state() != 1) return false;
    int level = MPI_THREAD_SINGLE;
    if (PMPI_Query_thread(&level) != MPI_SUCCESS) return false;
    if (level == MPI_THREAD_MULTIPLE) return true;
    int main_thread = 0;
    return PMPI_Is_thread_main(&main_thread) == MPI_SUCCESS && main_thread;
}

int on_delete(MPI_Comm, int, void*, void*) {
    if (finalize_hook) finalize_hook();
    return MPI_SUCCESS;
}

int call_at_finalize(void (*at_finalize)()) {
    if (finalize_hook || !may_call()) return -1;
    int keyval = MPI_KEYVAL_INVALID;
    if (PMPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, on_delete, &keyval, nullptr) != MPI_SUCCESS)
        return -1;
    finalize_hook = at_finalize;
    const bool set = PMPI_Comm_set_attr(MPI_COMM_SELF, keyval, nullptr) == MPI_SUCCESS;
    if (!set) finalize_hook = nullptr;
    PMPI_Comm_free_keyval(&keyval);  // lives on until the attribute is deleted
    return set ? 0 : -1;
}

// By their MPI_ names: it is the program's MPI that begins and ends, and other tools see it.

int initialise(int thread_level) {
    if (thread_level < 0) return MPI_Init(nullptr, nullptr) == MPI_SUCCESS ? 0 : -1;
    constexpr int levels[] = {MPI_THREAD_SINGLE, MPI_THREAD_FUNNELED, MPI_THREAD_SERIALIZED,
                              MPI_THREAD_MULTIPLE};
    int provided = 0;
    return MPI_Init_thread(nullptr, nullptr, levels[std::min(thread_level, 3)], &provided) ==
                   MPI_SUCCESS
               ? 0
               : -1;
}

int finalise() {
    return MPI_Finalize() == MPI_SUCCESS ? 0 : -1;
}

std::uint32_t rank() {
    int value = 0;
    PMPI_Comm_rank(MPI_COMM_WORLD, &value);
    return static_cast<std::uint32_t>(value);
}

std::uint32_t size() {
    int value = 1;
    PMPI_Comm_size(MPI_COMM_WORLD, &value);
    return static_cast<std::uint32_t>(value);
}

bool spawned() {
    MPI_Comm parent = MPI_COMM_NULL;
    return PMPI_Comm_get_parent(&parent) == MPI_SUCCESS && parent != MPI_COMM_NULL;
}

tim::request_handle begin_barrier() {
    const errors_returned guard;
    auto op = std::make_unique<operation>();
    op->what = operation::kind::barrier;
    op->pieces.resize(1);
    if (PMPI_Ibarrier(MPI_COMM_WORLD, op->pieces.data()) != MPI_SUCCESS) return 0;
    return handle_of(std::move(op));
}

/// Posts `begin_piece(offset, count, request)` for each piece of a message; at least one.
template <class BeginPiece>
tim::request_handle begin_message(bool receives, std::size_t bytes, const BeginPiece& begin_piece) {
    if (private_world == MPI_COMM_NULL) return 0;
    auto op = std::make_unique<operation>();
    op->receives = receives;
    for (std::size_t offset = 0; offset == 0 || offset < bytes; offset += piece_bytes) {
        const int count = static_cast<int>(std::min(piece_bytes, bytes - offset));
        MPI_Request request = MPI_REQUEST_NULL;
        if (begin_piece(offset, count, &request) != MPI_SUCCESS) {
            for (MPI_Request& posted : op->pieces) {
                if (receives) PMPI_Cancel(&posted);
                PMPI_Request_free(&posted);
            }
            return 0;
        }
        op->pieces.push_back(request);
    }
    return handle_of(std::move(op));
}

tim::request_handle begin_send(std::uint32_t to, std::uint32_t tag, const void* data,
                               std::size_t bytes) {
    // Synchronous: otherwise a small profile counts as delivered when its receiver has given up.
    return begin_message(false, bytes, [&](std::size_t offset, int count, MPI_Request* request) {
        return PMPI_Issend(static_cast<const char*>(data) + offset, count, MPI_BYTE,
                           static_cast<int>(to), static_cast<int>(tag), private_world, request);
    });
}

tim::request_handle begin_notice(std::uint32_t to, std::uint32_t tag, const void* data,
                                 std::size_t bytes) {
    return begin_message(false, bytes, [&](std::size_t offset, int count, MPI_Request* request) {
        return PMPI_Isend(static_cast<const char*>(data) + offset, count, MPI_BYTE,
                          static_cast<int>(to), static_cast<int>(tag), private_world, request);
    });
}

tim::request_handle begin_receive(std::uint32_t from, std::uint32_t tag, void* data,
                                  std::size_t bytes) {
    return begin_message(true, bytes, [&](std::size_t offset, int count, MPI_Request* request) {
        return PMPI_Irecv(static_cast<char*>(data) + offset, count, MPI_BYTE,
                          static_cast<int>(from), static_cast<int>(tag), private_world, request);
    });
}

/// Tests the pieces in order and drops those that are done: 1 when none is left, -1 on an error.
int test_pieces(operation& op) {
    while (!op.pieces.empty()) {
        int done = 0;
        if (PMPI_Test(&op.pieces.front(), &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return -1;
        if (!done) return 0;
        op.pieces.erase(op.pieces.begin());
    }
    return 1;
}

int test(tim::request_handle request) {
    const errors_returned guard;
    std::unique_ptr<operation> op(operation_of(request));
    int done = test_pieces(*op);
    if (done == 1 && op->what == operation::kind::barrier && private_world == MPI_COMM_NULL) {
        // All ranks are here: the duplication can't wait for the program of any of them.
        op->what = operation::kind::duplication;
        op->pieces.resize(1);
        const int error = PMPI_Comm_idup(MPI_COMM_WORLD, &private_world, op->pieces.data());
        done = error == MPI_SUCCESS ? test_pieces(*op) : -1;
    }
    if (op->what == operation::kind::duplication) {
        if (done == 1) PMPI_Comm_set_errhandler(private_world, MPI_ERRORS_RETURN);
        if (done == -1) private_world = MPI_COMM_NULL;
    }
    if (done == 0) static_cast<void>(op.release());  // the handle stays valid
    return done;
}

int cancel(tim::request_handle request) {
    const errors_returned guard;
    const std::unique_ptr<operation> op(operation_of(request));
    if (op->what == operation::kind::duplication) private_world = MPI_COMM_NULL;
    // Collective requests can be neither cancelled nor freed, sends not cancelled: they are left as
    // they are.
    if (op->receives)
        for (MPI_Request& piece : op->pieces) PMPI_Cancel(&piece);
    // A message that arrived in the meantime counts, one that was cancelled does not.
    bool arrived = true;
    for (MPI_Request& piece : op->pieces) {
        int done = 0;
        int cancelled = 0;
        MPI_Status status;
        if (PMPI_Test(&piece, &done, &status) != MPI_SUCCESS || !done) {
            arrived = false;
            continue;
        }
        if (op->receives) PMPI_Test_cancelled(&status, &cancelled);
        if (cancelled) arrived = false;
    }
    return arrived && op->what == operation::kind::message ? 1 : 0;
}

constexpr tim::communicator table{
    .version = tim::communicator_version,
    .state = state,
    .call_at_finalize = call_at_finalize,
    .initialise = initialise,
    .finalise = finalise,
    .rank = rank,
    .size = size,
    .spawned = spawned,
    .begin_barrier = begin_barrier,
    .begin_send = begin_send,
    .begin_notice = begin_notice,
    .begin_receive = begin_receive,
    .test = test,
    .cancel = cancel,
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const tim::communicator*
timemory_mpi_communicator() {
    return &table;
}
