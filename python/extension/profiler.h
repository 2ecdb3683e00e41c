/* timemory.profiler: each call of a Python function is a region. */

#ifndef TIMEMORY_PYTHON_PROFILER_H
#define TIMEMORY_PYTHON_PROFILER_H

#include "compatibility.h"

extern PyTypeObject profiler_type;

/* configure_profiler(trace_c, max_stack_depth): for all profilers; they look all labels up again.
 */
PyObject* configure_profiler(PyObject* module, PyObject* arguments);

#endif
