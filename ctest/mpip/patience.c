/* Preloaded where there are more ranks than cores: those that wait sleep for a while instead of
 * keeping a core from those that they wait for. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <time.h>

static void rest(void) {
    const struct timespec a_while = {0, 20000};
    nanosleep(&a_while, NULL);
}

/* Open MPI calls it when it has nothing to do (mpi_yield_when_idle). */
int sched_yield(void) {
    rest();
    return 0;
}

/* MPICH on UCX calls it again and again. It returns how much it did. */
unsigned ucp_worker_progress(void* worker) {
    enum { patience = 100 };
    typedef unsigned progress(void*);
    static progress* real = NULL;
    static _Thread_local int idle = 0;
    if (real == NULL) {
        void* const library = dlopen("libucp.so.0", RTLD_NOW | RTLD_NOLOAD);
        real = (progress*)dlsym(library, "ucp_worker_progress");
    }
    const unsigned done = real(worker);
    idle = done != 0 ? 0 : idle + 1;
    if (idle > patience) rest();
    return done;
}
