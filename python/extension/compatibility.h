/* The few names of CPython's C API that differ between Python 3.8 and 3.13. */

#ifndef TIMEMORY_PYTHON_COMPATIBILITY_H
#define TIMEMORY_PYTHON_COMPATIBILITY_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#if PY_VERSION_HEX < 0x03090000
#    define PyObject_Vectorcall _PyObject_Vectorcall
#    define Py_TPFLAGS_HAVE_VECTORCALL _Py_TPFLAGS_HAVE_VECTORCALL
#    include <frameobject.h>
static inline PyCodeObject* PyFrame_GetCode(PyFrameObject* frame) {
    Py_INCREF(frame->f_code);
    return frame->f_code;
}
#endif

/* The exception that is being raised, put aside while other Python code runs. */
typedef struct pending_exception {
#if PY_VERSION_HEX >= 0x030C0000
    PyObject* exception;
#else
    PyObject *type, *value, *traceback;
#endif
} pending_exception;

static inline pending_exception put_exception_aside(void) {
    pending_exception pending;
#if PY_VERSION_HEX >= 0x030C0000
    pending.exception = PyErr_GetRaisedException();
#else
    PyErr_Fetch(&pending.type, &pending.value, &pending.traceback);
#endif
    return pending;
}

static inline void bring_exception_back(pending_exception pending) {
#if PY_VERSION_HEX >= 0x030C0000
    PyErr_SetRaisedException(pending.exception);
#else
    PyErr_Restore(pending.type, pending.value, pending.traceback);
#endif
}

#endif
