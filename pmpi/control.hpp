// When calls are recorded, and which: from MPI_Init to MPI_Finalize, less what the user's lists and
// the program leave out.

#pragma once

#include "call.hpp"

namespace tim::mpip {

/// A call that begins MPI. timemory begins with it, if the program has not begun it.
class beginning {
public:
    beginning() noexcept;
    void ended(bool succeeded) noexcept;

private:
    thread* thread_;  ///< null: inside of another call
};

/// Before a call that ends MPI: calls are not recorded from here on.
void ending() noexcept;

/// Before a session ends: the same, if MPI was begun no other time that has not ended.
void ending_session() noexcept;

/// Before MPI ends the job: what was recorded so far is written.
void aborting() noexcept;

template <class Call>
int begins(call_id, Call mpi) {
    beginning b;
    const int result = mpi();
    b.ended(result == MPI_SUCCESS);
    return result;
}

template <class Call>
int ends(call_id, Call mpi) {
    ending();
    return mpi();
}

template <class Call>
int ends_session(call_id, Call mpi) {
    ending_session();
    return mpi();
}

template <class Call>
int aborts(call_id, Call mpi) {
    aborting();
    return mpi();
}

}  // namespace tim::mpip
