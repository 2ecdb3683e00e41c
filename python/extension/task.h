/* asyncio tasks: each has a flow of its own, so that what one leaves open while it is suspended
 * does not nest in what another does meanwhile. */

#ifndef TIMEMORY_PYTHON_TASK_H
#define TIMEMORY_PYTHON_TASK_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

/* The count of context switches of this thread's Python state when the flow was looked at last:
 * each step of a task begins and ends with one. Initial-exec: one load. */
extern __thread uint64_t seen_context_version __attribute__((tls_model("initial-exec")));

/* Switches to the flow of the task that runs on this thread, or to the thread's own. No error: what
 * fails leaves the flow as it is. */
void follow_task_slowly(void);

extern PyTypeObject task_flow_type;

/* To be called before a region begins or ends. Costs a test where no task has been switched. */
static inline void follow_task(void) {
    if (PyThreadState_Get()->context_ver != seen_context_version) follow_task_slowly();
}

#endif
