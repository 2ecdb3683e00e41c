! Numbers go around a ring of MPI ranks, one place a step, and each rank adds up what comes by.
!
!     mpirun -n 4 ring 1000
!
! With `timemory run --mpi` in front of the program the result has the MPI calls below the regions.

program ring
    use, intrinsic :: iso_c_binding, only: c_int64_t
    use mpi_f08
    use timemory
    implicit none
    integer :: rank, ranks, next, previous, step, steps, number, expected
    integer(c_int64_t) :: exchange, sum, total
    character(len=20) :: argument

    steps = 1000
    if (command_argument_count() > 0) then
        call get_command_argument(1, argument)
        read (argument, *) steps
    end if
    call MPI_Init()
    call timemory_init_library()
    call MPI_Comm_rank(MPI_COMM_WORLD, rank)
    call MPI_Comm_size(MPI_COMM_WORLD, ranks)
    next = modulo(rank + 1, ranks)
    previous = modulo(rank - 1, ranks)

    ! By name; and by number, which is quicker
    call timemory_push_region('ring')
    exchange = timemory_region('exchange')
    number = rank
    sum = 0
    do step = 1, steps
        call timemory_enter(exchange)
        call MPI_Sendrecv_replace(number, 1, MPI_INTEGER, next, 0, previous, 0, MPI_COMM_WORLD, &
            MPI_STATUS_IGNORE)
        call timemory_leave(exchange)
        sum = sum + number
    end do
    call MPI_Allreduce(sum, total, 1, MPI_INTEGER8, MPI_SUM, MPI_COMM_WORLD)
    call timemory_pop_region('ring')

    ! All numbers were somewhere in each step.
    expected = steps*(ranks*(ranks - 1)/2)
    if (rank == 0) print '(a, i0, a, i0, a, i0)', 'ring: ', steps, ' steps, sum ', total, ', expected ', expected
    call timemory_finalize_library()
    call MPI_Finalize()
end program
