#include "fortran.hpp"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace tim::mpip::fortran {

void* twin::look_up() noexcept {
    void* found = dlsym(RTLD_DEFAULT, name_);
    // The library may have come with a module that was opened for itself alone; or the linker has
    // left it out, because all that the program calls is also here.
    for (const int mode : {RTLD_LAZY | RTLD_NOLOAD, RTLD_LAZY})
        for (const char* const* library = libraries; found == nullptr && *library != nullptr;
             ++library)
            if (void* opened = dlopen(*library, mode)) found = dlsym(opened, name_);
    if (found == nullptr) {
        std::fprintf(
            stderr,
            "timemory: MPI's Fortran library, %s, has no %s, which this call of the program "
            "needs; run it with the MPI that timemory was built with\n",
            libraries[0], name_);
        std::abort();
    }
    address_.store(found, std::memory_order_relaxed);
    return found;
}

#if !defined(OPEN_MPI)
int find_first_index() noexcept {
    using testany = void(MPI_Fint * count, MPI_Fint * requests, MPI_Fint * index, MPI_Fint * flag,
                         void* status, MPI_Fint* error);
    static constinit twin of_mpi{"pmpir_testany_f08_"};
    MPI_Request done = MPI_REQUEST_NULL;
    PMPI_Grequest_start([](void*, MPI_Status*) { return MPI_SUCCESS; },
                        [](void*) { return MPI_SUCCESS; }, [](void*, int) { return MPI_SUCCESS; },
                        nullptr, &done);
    PMPI_Grequest_complete(done);
    MPI_Fint count = 1;
    MPI_Fint request = PMPI_Request_c2f(done);
    MPI_Fint index = 1;
    MPI_Fint flag = 0;
    MPI_Fint said = MPI_SUCCESS;
    MPI_Status status;
    of_mpi.get<testany>()(&count, &request, &index, &flag, &status, &said);
    return index;
}
#endif

}  // namespace tim::mpip::fortran
