/* A context manager that does nothing: the floor under marker in the benchmark. */

#ifndef TIMEMORY_PYTHON_NULL_CONTEXT_H
#define TIMEMORY_PYTHON_NULL_CONTEXT_H

#include "compatibility.h"

extern PyTypeObject null_context_type;

#endif
