#include "call.hpp"

namespace tim::mpip {

void call::put(MPI_Win win, int peer, std::int64_t bytes) noexcept {
    if (peer >= 0) thread_.book_window(win, what_.call, peer, direction::sent, bytes);
}
void call::got(MPI_Win win, int peer, std::int64_t bytes) noexcept {
    if (peer >= 0) thread_.book_window(win, what_.call, peer, direction::received, bytes);
}
void call::read(MPI_File file, const MPI_Status& status) noexcept {
    thread_.book_file(files::label(file), what_.call, direction::received, bytes_of(status));
}
void call::wrote(MPI_File file, const MPI_Status& status) noexcept {
    thread_.book_file(files::label(file), what_.call, direction::sent, bytes_of(status));
}

void call::follow(MPI_Request request, operation of) noexcept {
    if (request == MPI_REQUEST_NULL) return;
    const std::int64_t file = of.from.label;
    of.from = what_.of();
    if (file != 0) of.from.label = file;
    requests::follow(bits_of(request), of);
}

void call::follow_persistent_receive(MPI_Request request, int source) noexcept {
    if (source == MPI_PROC_NULL) return;
    follow(request, {.kind = operation_kind::receive, .persistent = true});
}
void call::follow_partitioned_receive(MPI_Request request, int peer, std::int64_t bytes) noexcept {
    follow(request, {.kind = operation_kind::receive_of_parts,
                     .persistent = true,
                     .peer = peer,
                     .received = bytes});
}
void call::follow_send(MPI_Request request, int peer, std::int64_t bytes) noexcept {
    follow(request,
           {.kind = operation_kind::send, .persistent = true, .peer = peer, .sent = bytes});
}
void call::follow_collective(MPI_Request request, const traffic& t) noexcept {
    follow(request, {.kind = operation_kind::collective,
                     .persistent = true,
                     .peer = no_peer,
                     .sent = t.sent,
                     .received = t.received});
}
void call::follow_read(MPI_Request request, MPI_File file) noexcept {
    follow(request,
           {.from = {.label = files::label(file)}, .kind = operation_kind::read, .active = true});
}
void call::follow_write(MPI_Request request, MPI_File file) noexcept {
    follow(request,
           {.from = {.label = files::label(file)}, .kind = operation_kind::write, .active = true});
}

void call::follow_message(MPI_Message message) noexcept {
    if (message == MPI_MESSAGE_NO_PROC || message == MPI_MESSAGE_NULL) return;
    requests::follow(requests::bits_of_message(message),
                     {.from = what_.of(), .kind = operation_kind::message});
}

void call::take_message(MPI_Message message) noexcept {
    requests::place* const found = requests::take(requests::bits_of_message(message));
    if (found == nullptr) return;
    const origin& probe = found->of.from;
    if (probe.where->was(probe.instance)) what_.where = probe.where;
    requests::let_go(*found);
}

void call::started(MPI_Request request) noexcept {
    requests::place* const found = requests::find(bits_of(request));
    if (found == nullptr) return;
    operation* const of = &found->of;
    of->from.path = what_.path;
    of->from.call = what_.call;
    const auto book_now = [&](direction way, std::int64_t bytes) {
        if (what_.path != 0 && bytes >= 0) thread_.book_message(of->from, of->peer, way, bytes);
    };
    switch (of->kind) {
        case operation_kind::send:
            if (of->peer >= 0) book_now(direction::sent, of->sent);
            break;
        case operation_kind::collective:
            book_now(direction::sent, of->sent);
            book_now(direction::received, of->received);
            break;
        default:
            of->active = true;
    }
}

void call::freeing(MPI_Request request) noexcept {
    if (request == MPI_REQUEST_NULL) return;
    requests::place* const found = requests::take(bits_of(request));
    if (found == nullptr) return;
    if (found->of.active) {
        int done = 0;
        MPI_Status status;
        if (PMPI_Request_get_status(request, &done, &status) == MPI_SUCCESS && done)
            finish(found->of, status);
        else
            requests::count_lost();
    }
    requests::let_go(*found);
}

void call::finish_other(thread& t, const operation& of, const MPI_Status& status) noexcept {
    switch (of.kind) {
        case operation_kind::read:
            t.book_file(of.from.label, of.from.call, direction::received, bytes_of(status));
            break;
        case operation_kind::write:
            t.book_file(of.from.label, of.from.call, direction::sent, bytes_of(status));
            break;
        case operation_kind::receive_of_parts:
            if (of.peer >= 0) t.book_message(of.from, of.peer, direction::received, of.received);
            break;
        default:
            break;
    }
}

}  // namespace tim::mpip
