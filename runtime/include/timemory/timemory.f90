! timemory: measurement of regions in Fortran. Compile this file with the program, since modules belong
! to a compiler, and link libtimemory:
!
!     gfortran $prefix/include/timemory/timemory.f90 program.f90 -ltimemory
!
!     program main
!         use timemory
!         call timemory_init_library()
!         call timemory_push_region('solve')
!         call solve()
!         call timemory_pop_region('solve')
!         call timemory_finalize_library()
!     end program
!
! What the procedures do, and what they cost, says timemory.h: those here have the names of C. Blanks
! behind a text don't count. Fortran 2003.

module timemory
    use, intrinsic :: iso_c_binding, only: c_char, c_int, c_int64_t, c_null_char, c_size_t
    implicit none
    private

    public :: timemory_init_library, timemory_finalize_library, timemory_library_is_initialized
    public :: timemory_pause, timemory_resume
    public :: timemory_push_region, timemory_pop_region
    public :: timemory_region, timemory_enter, timemory_leave
    public :: timemory_get_begin_record, timemory_end_record
    public :: timemory_set_default, timemory_add_components, timemory_remove_components
    public :: timemory_push_components, timemory_pop_components
    public :: timemory_set_setting, timemory_add_metadata

    interface
        subroutine timemory_finalize_library() bind(c)
        end subroutine
        subroutine timemory_pause() bind(c)
        end subroutine
        subroutine timemory_resume() bind(c)
        end subroutine

        ! Begins and ends a region that timemory_region() gave: the cheapest way.
        subroutine timemory_enter(region) bind(c)
            import :: c_int64_t
            integer(c_int64_t), value :: region
        end subroutine
        subroutine timemory_leave(region) bind(c)
            import :: c_int64_t
            integer(c_int64_t), value :: region
        end subroutine
        subroutine timemory_end_record(id) bind(c)
            import :: c_int64_t
            integer(c_int64_t), value :: id
        end subroutine

        subroutine c_init(name) bind(c, name='timemory_named_init_library')
            import :: c_char
            character(kind=c_char), intent(in) :: name(*)
        end subroutine
        integer(c_int) function c_is_initialized() bind(c, name='timemory_library_is_initialized')
            import :: c_int
        end function
        subroutine c_push_region(name) bind(c, name='timemory_push_region')
            import :: c_char
            character(kind=c_char), intent(in) :: name(*)
        end subroutine
        subroutine c_pop_region(name) bind(c, name='timemory_pop_region')
            import :: c_char
            character(kind=c_char), intent(in) :: name(*)
        end subroutine
        integer(c_int64_t) function c_region(name, components) bind(c, name='timemory_region')
            import :: c_char, c_int64_t
            character(kind=c_char), intent(in) :: name(*), components(*)
        end function
        integer(c_int64_t) function c_begin(name, components) &
                bind(c, name='timemory_get_begin_record_types')
            import :: c_char, c_int64_t
            character(kind=c_char), intent(in) :: name(*), components(*)
        end function
        integer(c_int) function c_set_default(components) bind(c, name='timemory_set_default')
            import :: c_char, c_int
            character(kind=c_char), intent(in) :: components(*)
        end function
        integer(c_int) function c_add(components) bind(c, name='timemory_add_components')
            import :: c_char, c_int
            character(kind=c_char), intent(in) :: components(*)
        end function
        integer(c_int) function c_remove(components) bind(c, name='timemory_remove_components')
            import :: c_char, c_int
            character(kind=c_char), intent(in) :: components(*)
        end function
        integer(c_int) function c_push(components) bind(c, name='timemory_push_components')
            import :: c_char, c_int
            character(kind=c_char), intent(in) :: components(*)
        end function
        integer(c_int) function c_pop() bind(c, name='timemory_pop_components')
            import :: c_int
        end function
        integer(c_int) function c_set_setting(name, value) bind(c, name='timemory_set_setting')
            import :: c_char, c_int
            character(kind=c_char), intent(in) :: name(*), value(*)
        end function
        integer(c_int) function c_add_metadata(label, value) bind(c, name='timemory_add_metadata')
            import :: c_char, c_int
            character(kind=c_char), intent(in) :: label(*), value(*)
        end function
    end interface

contains

    ! The output is named after `name`, or after the command if there is none.
    subroutine timemory_init_library(name)
        character(len=*), intent(in), optional :: name
        character(len=4096) :: command
        command = ''
        if (present(name)) command = name
        if (command == '') call get_command_argument(0, command)
        call c_init(c_text(command))
    end subroutine

    logical function timemory_library_is_initialized()
        timemory_library_is_initialized = c_is_initialized() /= 0
    end function

    subroutine timemory_push_region(name)
        character(len=*), intent(in) :: name
        character(kind=c_char, len=len_trim(name) + 1) :: text
        text = name
        text(len(text):) = c_null_char
        call c_push_region(text)
    end subroutine

    subroutine timemory_pop_region(name)
        character(len=*), intent(in) :: name
        character(kind=c_char, len=len_trim(name) + 1) :: text
        text = name
        text(len(text):) = c_null_char
        call c_pop_region(text)
    end subroutine

    ! A region known beforehand, for timemory_enter() and timemory_leave().
    integer(c_int64_t) function timemory_region(name, components)
        character(len=*), intent(in) :: name
        character(len=*), intent(in), optional :: components
        timemory_region = c_region(c_text(name), c_optional(components))
    end function

    ! A record, which timemory_end_record() ends in any order and on any thread.
    integer(c_int64_t) function timemory_get_begin_record(name, components)
        character(len=*), intent(in) :: name
        character(len=*), intent(in), optional :: components
        timemory_get_begin_record = c_begin(c_text(name), c_optional(components))
    end function

    ! What is wrong in one of these is said in a line on stderr; `error` is -1 then, and else 0.

    subroutine timemory_set_default(components, error)
        character(len=*), intent(in) :: components
        integer, intent(out), optional :: error
        call tell(c_set_default(c_text(components)), error)
    end subroutine

    subroutine timemory_add_components(components, error)
        character(len=*), intent(in) :: components
        integer, intent(out), optional :: error
        call tell(c_add(c_text(components)), error)
    end subroutine

    subroutine timemory_remove_components(components, error)
        character(len=*), intent(in) :: components
        integer, intent(out), optional :: error
        call tell(c_remove(c_text(components)), error)
    end subroutine

    subroutine timemory_push_components(components, error)
        character(len=*), intent(in) :: components
        integer, intent(out), optional :: error
        call tell(c_push(c_text(components)), error)
    end subroutine

    subroutine timemory_pop_components(error)
        integer, intent(out), optional :: error
        call tell(c_pop(), error)
    end subroutine

    subroutine timemory_set_setting(name, value, error)
        character(len=*), intent(in) :: name, value
        integer, intent(out), optional :: error
        call tell(c_set_setting(c_text(name), c_text(value)), error)
    end subroutine

    ! `value` is JSON, or else a text.
    subroutine timemory_add_metadata(label, value, error)
        character(len=*), intent(in) :: label, value
        integer, intent(out), optional :: error
        call tell(c_add_metadata(c_text(label), c_text(value)), error)
    end subroutine

    subroutine tell(result, error)
        integer(c_int), intent(in) :: result
        integer, intent(out), optional :: error
        if (present(error)) error = result
    end subroutine

    ! A text as C has it. Compilers take memory for it: not on the way in and out of regions by name.
    pure function c_text(text)
        character(len=*), intent(in) :: text
        character(kind=c_char, len=len_trim(text) + 1) :: c_text
        c_text = text(:len_trim(text))//c_null_char
    end function

    pure function c_optional(text)
        character(len=*), intent(in), optional :: text
        character(kind=c_char, len=4096) :: c_optional
        c_optional = c_null_char
        if (present(text)) c_optional = trim(text)//c_null_char
    end function
end module
