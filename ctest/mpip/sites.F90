! As sites.cpp, with mpi_f08: calls without buffers, which MPICH's library does not pass on to those of C.
program sites
    use mpi_f08
    implicit none
    integer :: rank, i
    character(20) :: name

    call MPI_Init()
    call PMPI_Comm_rank(MPI_COMM_WORLD, rank)
    write (name, '("log.", i0)') rank
    open (10, file=name)
    do i = 1, 3
        call meet(MPI_COMM_WORLD)
        call meet(MPI_COMM_SELF)
        call log('MPI_Barrier', 'sites', __LINE__); call MPI_Barrier(MPI_COMM_WORLD)
    end do
    close (10)
    call MPI_Finalize()

contains

    subroutine meet(where)
        type(MPI_Comm), intent(in) :: where
        type(MPI_Comm) :: copy
        call log('MPI_Comm_dup', 'meet', __LINE__); call MPI_Comm_dup(where, copy)
        call log('MPI_Barrier', 'meet', __LINE__); call MPI_Barrier(copy)
        call log('MPI_Barrier', 'meet', __LINE__); call MPI_Barrier(where)
        call log('MPI_Comm_free', 'meet', __LINE__); call MPI_Comm_free(copy)
    end subroutine

    subroutine log(what, from, line)
        character(*), intent(in) :: what, from
        integer, intent(in) :: line
        write (10, '(a, a, a, a, i0)') what, achar(9), from, achar(9), line
    end subroutine
end program
