#include "termination.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { most_repeats = 100, pause_ns = 20000000, handled = -1 };

static timer_t timer;
static pid_t owner = 0; /* a child of a fork has no timer */
static struct sigaction of_python;
static volatile sig_atomic_t repeats = handled;

/* Calls nothing that a signal handler may not call. */
static void on_termination(int number) {
    const int error = errno;
    if (getpid() != owner) {
        of_python.sa_handler(number);
    } else if (repeats > 0) {
        --repeats;
        of_python.sa_handler(number);
        const struct itimerspec soon = {.it_value = {.tv_nsec = pause_ns}};
        timer_settime(timer, 0, &soon, NULL);
    } else if (repeats == 0) {
        signal(number, SIG_DFL);
        raise(number);
    }
    errno = error;
}

PyObject* repeat_termination(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    struct sigaction found;
    if (sigaction(SIGTERM, NULL, &found) != 0 || (found.sa_flags & SA_SIGINFO) != 0 ||
        found.sa_handler == SIG_DFL || found.sa_handler == SIG_IGN ||
        found.sa_handler == on_termination)
        Py_RETURN_NONE;
    /* To this thread, whose waiting it is to interrupt. */
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGTERM};
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) Py_RETURN_NONE;
    of_python = found;
    owner = getpid();
    repeats = most_repeats;
    found.sa_handler = on_termination;
    sigaction(SIGTERM, &found, NULL);
    Py_RETURN_NONE;
}

PyObject* termination_is_handled(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    repeats = handled;
    const struct itimerspec never = {0};
    if (getpid() == owner) timer_settime(timer, 0, &never, NULL);
    Py_RETURN_NONE;
}
