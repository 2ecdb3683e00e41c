! All that the module for Fortran has, besides what the example shows: module_test.py says what comes of it.

program main
    use, intrinsic :: iso_c_binding, only: c_int64_t
    use timemory
    implicit none
    integer :: error, i
    integer(c_int64_t) :: first, second
    character(len=300) :: long

    if (timemory_library_is_initialized()) error stop 'initialised too early'
    call timemory_init_library('named_by_fortran')
    if (.not. timemory_library_is_initialized()) error stop 'not initialised'
    call timemory_set_setting('precision', '3', error)
    if (error /= 0) error stop 'precision'
    call timemory_set_setting('no_such_setting', '3', error)
    if (error /= -1) error stop 'no_such_setting'
    call timemory_add_metadata('answer', '42')

    ! Records that end in the order they began
    first = timemory_get_begin_record('first   ')
    second = timemory_get_begin_record('second', 'wall_clock, cpu_clock')
    call timemory_end_record(first)
    call timemory_end_record(second)

    call timemory_set_default('cpu_clock')
    call timemory_push_region('cpu')
    call timemory_pop_region('cpu')
    call timemory_push_components('wall_clock')
    call timemory_push_region('wall')
    call timemory_pop_region('wall')
    call timemory_pop_components(error)
    if (error /= 0) error stop 'pop_components'
    call timemory_add_components('wall_clock')
    call timemory_push_region('both')
    call timemory_pop_region('both')
    call timemory_remove_components('cpu_clock')

    long = repeat('x', 290)
    do i = 1, 3
        call timemory_push_region(long)
        call timemory_pop_region(trim(long))
    end do
    call timemory_pause()
    call timemory_push_region('paused')
    call timemory_pop_region('paused')
    call timemory_resume()
    call timemory_push_region('')
    call timemory_pop_region('')
    call timemory_finalize_library()
end program
