! Calls of MPI from Fortran, which the program itself writes into a log: calls.c makes the same.
!
!     calls FOLDER THREADS
!
! Compiled with INTERFACE_F08 (use mpi_f08), INTERFACE_MPI (use mpi), or neither (mpif.h).
! In the folder, log-<rank>.txt has a line for each call, and one for each message:
!     call <function> <communicator> <peer>
!     message <function> <communicator> <peer> <0 sent, 1 received> <bytes>
!     window <function> <window> <peer> <0 sent, 1 received> <bytes>
!     file <function> <file> <0 sent, 1 received> <bytes>
! Peers are ranks of MPI_COMM_WORLD, -1 where there is none. What the program computed is on stdout.

#if defined(INTERFACE_F08)
#define USE_THE_INTERFACE use mpi_f08
#define INCLUDE_THE_INTERFACE
#define COMM type(MPI_Comm)
#define DATATYPE type(MPI_Datatype)
#define FILE type(MPI_File)
#define INFO type(MPI_Info)
#define MESSAGE type(MPI_Message)
#define OP type(MPI_Op)
#define REQUEST type(MPI_Request)
#define WIN type(MPI_Win)
#define ADDRESS type(c_ptr)
#define STATUS(s) type(MPI_Status) :: s
#define STATUSES(s, n) type(MPI_Status) :: s(n)
#define STATUS_AT(s, i) s(i)
#define SOURCE_OF(s) s%MPI_SOURCE
#define TAG_OF(s) s%MPI_TAG
#define ERROR
#else
#if defined(INTERFACE_MPI)
#define USE_THE_INTERFACE use mpi
#define INCLUDE_THE_INTERFACE
#else
#define USE_THE_INTERFACE
#define INCLUDE_THE_INTERFACE include 'mpif.h'
#endif
#define COMM integer
#define DATATYPE integer
#define FILE integer
#define INFO integer
#define MESSAGE integer
#define OP integer
#define REQUEST integer
#define WIN integer
#define ADDRESS integer(kind=MPI_ADDRESS_KIND)
#define STATUS(s) integer :: s(MPI_STATUS_SIZE)
#define STATUSES(s, n) integer :: s(MPI_STATUS_SIZE, n)
#define STATUS_AT(s, i) s(:, i)
#define SOURCE_OF(s) s(MPI_SOURCE)
#define TAG_OF(s) s(MPI_TAG)
#define ERROR , error
#endif

module journal
    implicit none
    integer, parameter :: sent = 0, received = 1, nobody = -1, unit = 20
    integer :: ranks = 0, rank = -1

contains

    subroutine called(function, where, peer)
        character(len=*), intent(in) :: function, where
        integer, intent(in) :: peer
        !$omp critical
        write (unit, '(6a, i0)') 'call ', function, ' ', where, ' ', '', peer
        !$omp end critical
    end subroutine

    subroutine moved(function, where, peer, direction, bytes)
        character(len=*), intent(in) :: function, where
        integer, intent(in) :: peer, direction, bytes
        !$omp critical
        write (unit, '(5a, i0, 1x, i0, 1x, i0)') &
            'message ', function, ' ', where, ' ', peer, direction, bytes
        !$omp end critical
    end subroutine

    subroutine collected(function, where, root, bytes_sent, bytes_received)
        character(len=*), intent(in) :: function, where
        integer, intent(in) :: root, bytes_sent, bytes_received
        call called(function, where, root)
        if (bytes_sent >= 0) call moved(function, where, nobody, sent, bytes_sent)
        if (bytes_received >= 0) call moved(function, where, nobody, received, bytes_received)
    end subroutine

    subroutine accessed(function, peer, direction, bytes)
        character(len=*), intent(in) :: function
        integer, intent(in) :: peer, direction, bytes
        call called(function, '', nobody)
        write (unit, '(3a, i0, 1x, i0, 1x, i0)') 'window ', function, ' memory ', peer, direction, bytes
    end subroutine

    subroutine say(what, value)
        character(len=*), intent(in) :: what
        integer, intent(in) :: value
        character(len=200) :: line
        write (line, '(3a, i0, a, i0)') 'program: ', what, ' on rank ', rank, ': ', value
        !$omp critical
        write (*, '(a)') trim(line)
        flush (6)
        !$omp end critical
    end subroutine

    ! The rank in MPI_COMM_WORLD of one of the communicators that the program makes: its ranks are in
    ! the order of the numbers' falling.
    integer function world(peer)
        integer, intent(in) :: peer
        world = merge(ranks - 1 - peer, nobody, peer >= 0)
    end function
end module

! The least of absolute values, which commutes.
subroutine least(in, inout, length, datatype)
    USE_THE_INTERFACE
    implicit none
    INCLUDE_THE_INTERFACE
    integer :: length
    integer :: in(length), inout(length)
    DATATYPE :: datatype
    inout = min(abs(in), abs(inout))
end subroutine

program calls
    use iso_c_binding, only: c_ptr
    USE_THE_INTERFACE
    use journal
    implicit none
    INCLUDE_THE_INTERFACE
    external :: least
    character(len=1000) :: folder, argument
    integer :: threads, error, provided, thread, size, first
    COMM, allocatable :: rings(:)

    call get_command_argument(1, folder)
    call get_command_argument(2, argument)
    read (argument, *) threads
    if (threads == 1) then
        call MPI_Init(error)
    else
        call MPI_Init_thread(MPI_THREAD_MULTIPLE, provided ERROR)
        if (provided /= MPI_THREAD_MULTIPLE) error stop 'no threads'
    end if
    call MPI_Comm_rank(MPI_COMM_WORLD, rank ERROR)
    call MPI_Comm_size(MPI_COMM_WORLD, ranks ERROR)
    write (argument, '(a, i0, a)') '/log-', rank, '.txt'
    open (unit, file=trim(folder)//trim(argument), status='replace')

    first = first_index()
    allocate (rings(threads))
    do thread = 1, threads
        call MPI_Comm_split(MPI_COMM_WORLD, 0, -rank, rings(thread) ERROR)
        call called('MPI_Comm_split', 'MPI_COMM_WORLD', nobody)
        call MPI_Comm_set_name(rings(thread), 'ring' ERROR)
        call called('MPI_Comm_set_name', 'ring', nobody)
    end do
    !$omp parallel do num_threads(threads) schedule(static, 1)
    do thread = 1, threads
        call point_to_point(rings(thread))
        call persistent(rings(thread))
        call collective(rings(thread))
    end do
    !$omp end parallel do
    call objects(rings(1))
    call access_file(rings(1), trim(folder)//'/data')
    call access_window(rings(1))
    do thread = 1, threads
        call MPI_Comm_free(rings(thread) ERROR)
        call called('MPI_Comm_free', '', nobody)
    end do
    call MPI_Comm_size(MPI_COMM_WORLD, size ERROR)
    call say('ranks', size)
    close (unit)
    call MPI_Finalize(error)

contains

    ! What MPI calls the first request of an array: 1, but 0 with mpi_f08 of MPICH 4.0.
    integer function first_index()
        integer :: error, values(2)
        REQUEST :: requests(2)
        STATUS(one)
        requests(2) = MPI_REQUEST_NULL
        call MPI_Irecv(values(1), 1, MPI_INTEGER, 0, 0, MPI_COMM_SELF, requests(1) ERROR)
        call called('MPI_Irecv', 'MPI_COMM_SELF', nobody)
        call MPI_Send(values(2), 1, MPI_INTEGER, 0, 0, MPI_COMM_SELF ERROR)
        call called('MPI_Send', 'MPI_COMM_SELF', rank)
        call moved('MPI_Send', 'MPI_COMM_SELF', rank, sent, 4)
        call MPI_Waitany(2, requests, first_index, one ERROR)
        call called('MPI_Waitany', '', nobody)
        call moved('MPI_Irecv', 'MPI_COMM_SELF', rank, received, 4)
    end function

    subroutine point_to_point(ring)
        COMM :: ring
        integer :: me, next, previous, i, count, index, done, error, sum
        integer :: outgoing(100), incoming(100), indices(3), several(100, 3)
        logical :: flag
        DATATYPE :: column, scattered
        MESSAGE :: found
        REQUEST :: requests(4), request
        STATUS(one)
        STATUSES(many, 4)
        integer(kind=MPI_ADDRESS_KIND) :: address(1)
        integer :: lengths(1)

        call MPI_Comm_rank(ring, me ERROR)
        next = modulo(me + 1, ranks)
        previous = modulo(me - 1, ranks)
        outgoing = [(100*me + i, i = 1, 100)]
        sum = 0

        ! All around, with and without statuses
        do i = 1, 2
            incoming = 0
            call MPI_Irecv(incoming, 100, MPI_INTEGER, previous, 1, ring, requests(1) ERROR)
            call called('MPI_Irecv', 'ring', nobody)
            call MPI_Isend(outgoing, 10*i, MPI_INTEGER, next, 1, ring, requests(2) ERROR)
            call called('MPI_Isend', 'ring', nobody)
            call moved('MPI_Isend', 'ring', world(next), sent, 40*i)
            requests(3) = MPI_REQUEST_NULL
            if (i == 1) then
                call MPI_Waitall(3, requests, MPI_STATUSES_IGNORE ERROR)
            else
                call MPI_Waitall(3, requests, many ERROR)
                call MPI_Get_count(STATUS_AT(many, 1), MPI_INTEGER, count ERROR)
                call called('MPI_Get_count', '', nobody)
                if (count /= 20) error stop 'count of Waitall'
            end if
            call called('MPI_Waitall', '', nobody)
            call moved('MPI_Irecv', 'ring', world(previous), received, 40*i)
            sum = sum + incoming(10*i)
        end do

        call MPI_Sendrecv(outgoing, 7, MPI_INTEGER, next, 2, incoming, 100, MPI_INTEGER, previous, 2, &
            ring, MPI_STATUS_IGNORE ERROR)
        call called('MPI_Sendrecv', 'ring', world(previous))
        call moved('MPI_Sendrecv', 'ring', world(next), sent, 28)
        call moved('MPI_Sendrecv', 'ring', world(previous), received, 28)
        call MPI_Sendrecv_replace(incoming, 7, MPI_INTEGER, next, 3, previous, MPI_ANY_TAG, ring, &
            one ERROR)
        call called('MPI_Sendrecv_replace', 'ring', world(SOURCE_OF(one)))
        call moved('MPI_Sendrecv_replace', 'ring', world(next), sent, 28)
        call moved('MPI_Sendrecv_replace', 'ring', world(SOURCE_OF(one)), received, 28)
        sum = sum + incoming(7)
        call MPI_Sendrecv(outgoing, 7, MPI_INTEGER, MPI_PROC_NULL, 2, incoming, 100, MPI_INTEGER, &
            MPI_PROC_NULL, 2, ring, one ERROR)
        call called('MPI_Sendrecv', 'ring', nobody)

        ! From anyone, shorter than posted
        if (me == 0) then
            do i = 1, 2*(ranks - 1)
                call MPI_Recv(incoming, 100, MPI_INTEGER, MPI_ANY_SOURCE, MPI_ANY_TAG, ring, one ERROR)
                call MPI_Get_count(one, MPI_INTEGER, count ERROR)
                call called('MPI_Get_count', '', nobody)
                call called('MPI_Recv', 'ring', world(SOURCE_OF(one)))
                call moved('MPI_Recv', 'ring', world(SOURCE_OF(one)), received, 4*count)
                if (count /= SOURCE_OF(one) + TAG_OF(one)) error stop 'count of Recv'
                sum = sum + incoming(count)
            end do
            call MPI_Barrier(ring ERROR)
            call collected('MPI_Barrier', 'ring', nobody, -1, -1)
            do i = 1, ranks - 1
                call MPI_Recv(incoming, 100, MPI_INTEGER, i, 9, ring, MPI_STATUS_IGNORE ERROR)
                call called('MPI_Recv', 'ring', world(i))
                call moved('MPI_Recv', 'ring', world(i), received, 4*3*i)
            end do
        else
            do i = 1, 2
                call MPI_Send(outgoing, me + i, MPI_INTEGER, 0, i, ring ERROR)
                call called('MPI_Send', 'ring', world(0))
                call moved('MPI_Send', 'ring', world(0), sent, 4*(me + i))
            end do
            call MPI_Barrier(ring ERROR)
            call collected('MPI_Barrier', 'ring', nobody, -1, -1)
            call MPI_Ssend(outgoing, 3*me, MPI_INTEGER, 0, 9, ring ERROR)
            call called('MPI_Ssend', 'ring', world(0))
            call moved('MPI_Ssend', 'ring', world(0), sent, 4*3*me)
        end if

        ! One of several, some of several
        do i = 1, 3
            call MPI_Irecv(several(:, i), 100, MPI_INTEGER, previous, 10 + i, ring, requests(i) ERROR)
            call called('MPI_Irecv', 'ring', nobody)
        end do
        do i = 1, 3
            call MPI_Send(outgoing, 5*i, MPI_INTEGER, next, 10 + i, ring ERROR)
            call called('MPI_Send', 'ring', world(next))
            call moved('MPI_Send', 'ring', world(next), sent, 20*i)
        end do
        do i = 1, 2
            if (i == 1) then
                call MPI_Waitany(3, requests, index, one ERROR)
                index = index - first + 1
                if (TAG_OF(one) /= 10 + index) error stop 'tag of Waitany'
            else
                call MPI_Waitany(3, requests, index, MPI_STATUS_IGNORE ERROR)
                index = index - first + 1
            end if
            call called('MPI_Waitany', '', nobody)
            call moved('MPI_Irecv', 'ring', world(previous), received, 20*index)
            sum = sum + several(5*index, index)
        end do
        call MPI_Waitany(3, requests, index, one ERROR)
        index = index - first + 1
        call called('MPI_Waitany', '', nobody)
        call moved('MPI_Irecv', 'ring', world(previous), received, 20*index)
        call MPI_Waitany(3, requests, index, one ERROR)
        call called('MPI_Waitany', '', nobody)
        if (index >= 0) error stop 'index of Waitany'

        do i = 1, 3
            call MPI_Irecv(several(:, i), 100, MPI_INTEGER, MPI_ANY_SOURCE, 20 + i, ring, requests(i) ERROR)
            call called('MPI_Irecv', 'ring', nobody)
        end do
        do i = 1, 3
            call MPI_Send(outgoing, 6*i, MPI_INTEGER, next, 20 + i, ring ERROR)
            call called('MPI_Send', 'ring', world(next))
            call moved('MPI_Send', 'ring', world(next), sent, 24*i)
        end do
        count = 0
        do while (count < 3)
            if (count == 0) then
                call MPI_Waitsome(3, requests, done, indices, MPI_STATUSES_IGNORE ERROR)
            else
                call MPI_Waitsome(3, requests, done, indices, many ERROR)
            end if
            call called('MPI_Waitsome', '', nobody)
            indices = indices - first + 1
            do i = 1, done
                call moved('MPI_Irecv', 'ring', world(previous), received, 24*indices(i))
                sum = sum + several(6*indices(i), indices(i))
            end do
            count = count + done
        end do

        ! Until it is there
        call MPI_Irecv(incoming, 100, MPI_INTEGER, MPI_ANY_SOURCE, 30, ring, request ERROR)
        call called('MPI_Irecv', 'ring', nobody)
        call MPI_Send(outgoing, 11, MPI_INTEGER, previous, 30, ring ERROR)
        call called('MPI_Send', 'ring', world(previous))
        call moved('MPI_Send', 'ring', world(previous), sent, 44)
        call MPI_Barrier(ring ERROR)
        call collected('MPI_Barrier', 'ring', nobody, -1, -1)
        flag = .false.
        do while (.not. flag)
            call MPI_Test(request, flag, MPI_STATUS_IGNORE ERROR)
            call called('MPI_Test', '', nobody)
        end do
        call moved('MPI_Irecv', 'ring', world(next), received, 44)
        call MPI_Send(outgoing, 12, MPI_INTEGER, next, 31, ring ERROR)
        call called('MPI_Send', 'ring', world(next))
        call moved('MPI_Send', 'ring', world(next), sent, 48)
        call MPI_Probe(MPI_ANY_SOURCE, 31, ring, one ERROR)
        call called('MPI_Probe', 'ring', world(previous))
        call MPI_Recv(incoming, 100, MPI_INTEGER, SOURCE_OF(one), 31, ring, MPI_STATUS_IGNORE ERROR)
        call called('MPI_Recv', 'ring', world(previous))
        call moved('MPI_Recv', 'ring', world(previous), received, 48)
        call MPI_Send(outgoing, 13, MPI_INTEGER, next, 32, ring ERROR)
        call called('MPI_Send', 'ring', world(next))
        call moved('MPI_Send', 'ring', world(next), sent, 52)
        call MPI_Mprobe(MPI_ANY_SOURCE, 32, ring, found, MPI_STATUS_IGNORE ERROR)
        call called('MPI_Mprobe', 'ring', world(previous))
        call MPI_Mrecv(incoming, 100, MPI_INTEGER, found, MPI_STATUS_IGNORE ERROR)
        call called('MPI_Mrecv', 'ring', world(previous))
        call moved('MPI_Mrecv', 'ring', world(previous), received, 52)
        sum = sum + incoming(13)

        ! Every third of thirty; and from an address
        call MPI_Type_vector(10, 1, 3, MPI_INTEGER, column ERROR)
        call called('MPI_Type_vector', '', nobody)
        call MPI_Type_commit(column ERROR)
        call called('MPI_Type_commit', '', nobody)
        call MPI_Get_address(outgoing(1), address(1) ERROR)
        call called('MPI_Get_address', '', nobody)
        lengths = 17
        call MPI_Type_create_hindexed(1, lengths, address, MPI_INTEGER, scattered ERROR)
        call called('MPI_Type_create_hindexed', '', nobody)
        call MPI_Type_commit(scattered ERROR)
        call called('MPI_Type_commit', '', nobody)
        call MPI_Irecv(incoming, 100, MPI_INTEGER, previous, 40, ring, requests(1) ERROR)
        call MPI_Irecv(incoming(51), 1, column, previous, 41, ring, requests(2) ERROR)
        call MPI_Isend(MPI_BOTTOM, 1, scattered, next, 40, ring, requests(3) ERROR)
        call MPI_Isend(outgoing, 1, column, next, 41, ring, requests(4) ERROR)
        call MPI_Waitall(4, requests, many ERROR)
        do i = 1, 2
            call called('MPI_Irecv', 'ring', nobody)
            call called('MPI_Isend', 'ring', nobody)
        end do
        call called('MPI_Waitall', '', nobody)
        call moved('MPI_Irecv', 'ring', world(previous), received, 68)
        call moved('MPI_Irecv', 'ring', world(previous), received, 40)
        call moved('MPI_Isend', 'ring', world(next), sent, 68)
        call moved('MPI_Isend', 'ring', world(next), sent, 40)
        sum = sum + incoming(17) + incoming(78)
        call MPI_Type_free(column ERROR)
        call called('MPI_Type_free', '', nobody)
        call MPI_Type_free(scattered ERROR)
        call called('MPI_Type_free', '', nobody)
        call say('received', sum)
    end subroutine

    subroutine persistent(ring)
        COMM :: ring
        integer :: me, next, previous, i, error, outgoing(20), incoming(30)
        REQUEST :: requests(2)

        call MPI_Comm_rank(ring, me ERROR)
        next = modulo(me + 1, ranks)
        previous = modulo(me - 1, ranks)
        call MPI_Recv_init(incoming, 30, MPI_INTEGER, previous, 50, ring, requests(1) ERROR)
        call called('MPI_Recv_init', 'ring', nobody)
        call MPI_Send_init(outgoing, 20, MPI_INTEGER, next, 50, ring, requests(2) ERROR)
        call called('MPI_Send_init', 'ring', nobody)
        do i = 1, 3
            outgoing = 10*me + i
            if (i < 3) then
                call MPI_Startall(2, requests ERROR)
                call called('MPI_Startall', '', nobody)
                call moved('MPI_Startall', 'ring', world(next), sent, 80)
                call MPI_Waitall(2, requests, MPI_STATUSES_IGNORE ERROR)
                call called('MPI_Waitall', '', nobody)
                call moved('MPI_Startall', 'ring', world(previous), received, 80)
            else
                call MPI_Start(requests(1) ERROR)
                call called('MPI_Start', '', nobody)
                call MPI_Start(requests(2) ERROR)
                call called('MPI_Start', '', nobody)
                call moved('MPI_Start', 'ring', world(next), sent, 80)
                call MPI_Wait(requests(1), MPI_STATUS_IGNORE ERROR)
                call called('MPI_Wait', '', nobody)
                call moved('MPI_Start', 'ring', world(previous), received, 80)
                call MPI_Wait(requests(2), MPI_STATUS_IGNORE ERROR)
                call called('MPI_Wait', '', nobody)
            end if
            call say('persistent', incoming(20))
        end do
        do i = 1, 2
            call MPI_Request_free(requests(i) ERROR)
            call called('MPI_Request_free', '', nobody)
        end do
    end subroutine

    subroutine collective(ring)
        COMM :: ring
        integer :: me, i, error, sum, total
        integer :: values(100), all(400), counts(ranks), places(ranks), equal(ranks)
        DATATYPE :: types(ranks)
        REQUEST :: request
        OP :: own

        call MPI_Comm_rank(ring, me ERROR)
        values = [(100*me + i, i = 1, 100)]
        all = 0
        counts = [(i, i = 1, ranks)]
        places = [((i - 1)*i/2, i = 1, ranks)]
        total = ranks*(ranks + 1)/2
        equal = 2
        types = MPI_INTEGER
        sum = 0

        call MPI_Barrier(ring ERROR)
        call collected('MPI_Barrier', 'ring', nobody, -1, -1)
        if (me == 1) all(1:10) = values(1:10)
        call MPI_Bcast(all, 10, MPI_INTEGER, 1, ring ERROR)
        call collected('MPI_Bcast', 'ring', world(1), merge(40, -1, me == 1), merge(-1, 40, me == 1))
        sum = sum + all(10)
        all(1:3) = values(1:3)
        call MPI_Allreduce(MPI_IN_PLACE, all, 3, MPI_INTEGER, MPI_SUM, ring ERROR)
        call collected('MPI_Allreduce', 'ring', nobody, 12, 12)
        sum = sum + all(3)
        call MPI_Reduce(values, all, 4, MPI_INTEGER, MPI_MAX, 1, ring ERROR)
        call collected('MPI_Reduce', 'ring', world(1), 16, merge(16, -1, me == 1))
        if (me == 1) sum = sum + all(4)
        all(1:5) = values(1:5)
        if (me == 0) then
            call MPI_Reduce(MPI_IN_PLACE, all, 5, MPI_INTEGER, MPI_MIN, 0, ring ERROR)
            sum = sum + all(5)
        else
            call MPI_Reduce(values, all, 5, MPI_INTEGER, MPI_MIN, 0, ring ERROR)
        end if
        call collected('MPI_Reduce', 'ring', world(0), 20, merge(20, -1, me == 0))

        call MPI_Gather(values, 6, MPI_INTEGER, all, 6, MPI_INTEGER, 1, ring ERROR)
        call collected('MPI_Gather', 'ring', world(1), 24, merge(24*ranks, -1, me == 1))
        if (me == 1) sum = sum + all(6*ranks)
        if (me == 0) then
            all(1) = values(1)
            call MPI_Gatherv(MPI_IN_PLACE, 0, MPI_INTEGER, all, counts, places, MPI_INTEGER, 0, ring ERROR)
            sum = sum + all(total)
        else
            call MPI_Gatherv(values, me + 1, MPI_INTEGER, all, counts, places, MPI_INTEGER, 0, ring ERROR)
        end if
        call collected('MPI_Gatherv', 'ring', world(0), 4*(me + 1), merge(4*total, -1, me == 0))
        call MPI_Scatter(values, 7, MPI_INTEGER, all, 7, MPI_INTEGER, 1, ring ERROR)
        call collected('MPI_Scatter', 'ring', world(1), merge(28*ranks, -1, me == 1), 28)
        sum = sum + all(7)
        call MPI_Scatterv(values, counts, places, MPI_INTEGER, all, me + 1, MPI_INTEGER, 0, ring ERROR)
        call collected('MPI_Scatterv', 'ring', world(0), merge(4*total, -1, me == 0), 4*(me + 1))
        sum = sum + all(me + 1)
        all(8*me + 1:8*me + 8) = values(1:8)
        call MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, 8, MPI_INTEGER, ring ERROR)
        call collected('MPI_Allgather', 'ring', nobody, 32, 32*ranks)
        sum = sum + all(8*ranks)
        call MPI_Allgatherv(values, me + 1, MPI_INTEGER, all, counts, places, MPI_INTEGER, ring ERROR)
        call collected('MPI_Allgatherv', 'ring', nobody, 4*(me + 1), 4*total)
        sum = sum + all(total)

        call MPI_Alltoall(values, 9, MPI_INTEGER, all, 9, MPI_INTEGER, ring ERROR)
        call collected('MPI_Alltoall', 'ring', nobody, 36*ranks, 36*ranks)
        sum = sum + all(9*ranks)
        call MPI_Alltoall(MPI_IN_PLACE, 0, MPI_INTEGER, all, 9, MPI_INTEGER, ring ERROR)
        call collected('MPI_Alltoall', 'ring', nobody, 36*ranks, 36*ranks)
        places = [(10*(i - 1), i = 1, ranks)]
        call MPI_Alltoallv(values, counts, places, MPI_INTEGER, all, spread(me + 1, 1, ranks), places, &
            MPI_INTEGER, ring ERROR)
        call collected('MPI_Alltoallv', 'ring', nobody, 4*total, 4*ranks*(me + 1))
        sum = sum + all(1)
        call MPI_Alltoallw(values, counts, 4*places, types, all, spread(me + 1, 1, ranks), 4*places, &
            types, ring ERROR)
        call collected('MPI_Alltoallw', 'ring', nobody, 4*total, 4*ranks*(me + 1))
        sum = sum + all(1)

        call MPI_Reduce_scatter(values, all, counts, MPI_INTEGER, MPI_SUM, ring ERROR)
        call collected('MPI_Reduce_scatter', 'ring', nobody, 4*total, 4*(me + 1))
        sum = sum + all(me + 1)
        call MPI_Reduce_scatter_block(values, all, 2, MPI_INTEGER, MPI_SUM, ring ERROR)
        call collected('MPI_Reduce_scatter_block', 'ring', nobody, 8*ranks, 8)
        sum = sum + all(2)
        call MPI_Scan(values, all, 3, MPI_INTEGER, MPI_SUM, ring ERROR)
        call collected('MPI_Scan', 'ring', nobody, 12, 12)
        sum = sum + all(3)
        call MPI_Exscan(values, all, 3, MPI_INTEGER, MPI_SUM, ring ERROR)
        call collected('MPI_Exscan', 'ring', nobody, 12, merge(12, -1, me > 0))
        if (me > 0) sum = sum + all(3)

        call MPI_Op_create(least, .true., own ERROR)
        call called('MPI_Op_create', '', nobody)
        call MPI_Iallreduce(values, all, 5, MPI_INTEGER, own, ring, request ERROR)
        call collected('MPI_Iallreduce', 'ring', nobody, 20, 20)
        call MPI_Wait(request, MPI_STATUS_IGNORE ERROR)
        call called('MPI_Wait', '', nobody)
        call MPI_Op_free(own ERROR)
        call called('MPI_Op_free', '', nobody)
        sum = sum + all(5)
        call say('collected', sum)
    end subroutine

    ! Texts, logicals, callbacks and topologies
    subroutine objects(ring)
        COMM :: ring
        COMM :: grid
        integer :: error, length, keyval, dims(1), coords(1), me, all(2)
        logical :: periods(1), flag
        integer(kind=MPI_ADDRESS_KIND) :: attribute
        character(len=MPI_MAX_PROCESSOR_NAME) :: processor
        character(len=MPI_MAX_OBJECT_NAME) :: name
        character(len=12) :: value
        INFO :: info

        call MPI_Get_processor_name(processor, length ERROR)
        call called('MPI_Get_processor_name', '', nobody)
        if (length /= len_trim(processor)) error stop 'length of the name of the processor'
        call MPI_Comm_get_name(ring, name, length ERROR)
        call called('MPI_Comm_get_name', 'ring', nobody)
        if (name /= 'ring') error stop 'name of the communicator'
        call say('length of a name', length)

        call MPI_Info_create(info ERROR)
        call MPI_Info_set(info, 'a key', 'its value' ERROR)
        call MPI_Info_get(info, 'a key  ', len(value), value, flag ERROR)
        if (.not. flag .or. value /= 'its value') error stop 'value of the info'
        call MPI_Info_free(info ERROR)
        call called('MPI_Info_create', '', nobody)
        call called('MPI_Info_set', '', nobody)
        call called('MPI_Info_get', '', nobody)
        call called('MPI_Info_free', '', nobody)

        call MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, MPI_COMM_NULL_DELETE_FN, keyval, &
            0_MPI_ADDRESS_KIND ERROR)
        call called('MPI_Comm_create_keyval', '', nobody)
        attribute = 42
        call MPI_Comm_set_attr(ring, keyval, attribute ERROR)
        call called('MPI_Comm_set_attr', 'ring', nobody)
        attribute = 0
        call MPI_Comm_get_attr(ring, keyval, attribute, flag ERROR)
        call called('MPI_Comm_get_attr', 'ring', nobody)
        if (.not. flag) error stop 'attribute'
        call say('attribute', int(attribute))
        call MPI_Comm_delete_attr(ring, keyval ERROR)
        call called('MPI_Comm_delete_attr', 'ring', nobody)
        call MPI_Comm_free_keyval(keyval ERROR)
        call called('MPI_Comm_free_keyval', '', nobody)

        call MPI_Cart_create(ring, 1, [ranks], [.true.], .false., grid ERROR)
        call called('MPI_Cart_create', 'ring', nobody)
        call MPI_Comm_set_name(grid, 'grid  ' ERROR)
        call called('MPI_Comm_set_name', 'grid', nobody)
        periods = .false.
        call MPI_Cart_get(grid, 1, dims, periods, coords ERROR)
        call called('MPI_Cart_get', 'grid', nobody)
        if (.not. periods(1)) error stop 'period of the grid'
        call MPI_Comm_rank(grid, me ERROR)
        call MPI_Neighbor_allgather(me, 1, MPI_INTEGER, all, 1, MPI_INTEGER, grid ERROR)
        call collected('MPI_Neighbor_allgather', 'grid', nobody, 4, 8)
        call say('neighbours', 100*all(1) + all(2))
        call MPI_Comm_free(grid ERROR)
        call called('MPI_Comm_free', '', nobody)

        call MPI_Pcontrol(0)  ! what follows is not recorded
        call MPI_Barrier(ring ERROR)
        call MPI_Pcontrol(1)
    end subroutine

    subroutine access_file(ring, name)
        COMM :: ring
        character(len=*), intent(in) :: name
        FILE :: file
        integer :: error, me, values(10), count
        integer(kind=MPI_OFFSET_KIND) :: place
        STATUS(one)

        call MPI_Comm_rank(ring, me ERROR)
        values = me
        call MPI_File_open(ring, name, MPI_MODE_CREATE + MPI_MODE_RDWR, MPI_INFO_NULL, file ERROR)
        place = 40*me
        call MPI_File_write_at(file, place, values, 10, MPI_INTEGER, MPI_STATUS_IGNORE ERROR)
        call MPI_File_sync(file ERROR)
        call MPI_Barrier(ring ERROR)
        call collected('MPI_Barrier', 'ring', nobody, -1, -1)
        place = 40*modulo(me + 1, ranks)
        call MPI_File_read_at(file, place, values, 10, MPI_INTEGER, one ERROR)
        call MPI_Get_count(one, MPI_INTEGER, count ERROR)
        call MPI_File_close(file ERROR)
        call called('MPI_File_open', 'ring', nobody)
        call called('MPI_File_write_at', '', nobody)
        write (unit, '(3a, i0, 1x, i0)') 'file MPI_File_write_at ', name, ' ', sent, 40
        call called('MPI_File_sync', '', nobody)
        call called('MPI_File_read_at', '', nobody)
        write (unit, '(3a, i0, 1x, i0)') 'file MPI_File_read_at ', name, ' ', received, 40
        call called('MPI_Get_count', '', nobody)
        call called('MPI_File_close', '', nobody)
        call say('read', 1000*count + values(10))
    end subroutine

    subroutine access_window(ring)
        COMM :: ring
        WIN :: window
        ADDRESS :: memory
        integer :: error, me, values(10)
        integer(kind=MPI_ADDRESS_KIND) :: bytes, place

        call MPI_Comm_rank(ring, me ERROR)
        values = me
        bytes = 40
        place = 0
        call MPI_Win_allocate(bytes, 4, MPI_INFO_NULL, ring, memory, window ERROR)
        call called('MPI_Win_allocate', 'ring', nobody)
        call MPI_Win_set_name(window, 'memory' ERROR)
        call called('MPI_Win_set_name', '', nobody)
        call MPI_Win_fence(0, window ERROR)
        call MPI_Put(values, 10, MPI_INTEGER, me, place, 10, MPI_INTEGER, window ERROR)
        call accessed('MPI_Put', world(me), sent, 40)
        call MPI_Win_fence(0, window ERROR)
        call MPI_Get(values, 8, MPI_INTEGER, modulo(me + 2, ranks), place, 8, MPI_INTEGER, window ERROR)
        call accessed('MPI_Get', world(modulo(me + 2, ranks)), received, 32)
        call MPI_Win_fence(0, window ERROR)
        call MPI_Win_free(window ERROR)
        call called('MPI_Win_fence', '', nobody)
        call called('MPI_Win_fence', '', nobody)
        call called('MPI_Win_fence', '', nobody)
        call called('MPI_Win_free', '', nobody)
        call say('got', values(8))
    end subroutine
end program
