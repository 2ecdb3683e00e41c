/* SIGTERM in a worker of multiprocessing, which is to write its results before it ends. */

#ifndef TIMEMORY_PYTHON_TERMINATION_H
#define TIMEMORY_PYTHON_TERMINATION_H

#include "compatibility.h"

/* repeat_termination(): once signal.signal has been called for SIGTERM, on the main thread. The
   signal is repeated until its handler runs. Python runs handlers between two instructions only:
   one that comes when the last of them has been looked for, and the thread then begins to wait,
   would wait with it, and the parent for the worker. After two seconds the process ends as it would
   without a handler. */
PyObject* repeat_termination(PyObject* module, PyObject* nothing);

/* termination_is_handled(): the handler runs. */
PyObject* termination_is_handled(PyObject* module, PyObject* nothing);

#endif
