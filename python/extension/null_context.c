#include "null_context.h"

/* Made as marker is, from whatever arguments, so that the difference of the two is what measuring
 * costs. */

enum { most_free = 16 };
static PyObject* free_contexts[most_free];
static int free_count = 0;

static PyObject* null_vectorcall(PyObject* type, PyObject* const* Py_UNUSED(arguments),
                                 size_t Py_UNUSED(count), PyObject* Py_UNUSED(names)) {
    if (free_count > 0) {
        PyObject* self = free_contexts[--free_count];
#if defined(Py_REF_DEBUG) || defined(Py_TRACE_REFS) || PY_VERSION_HEX < 0x03090000
        (void)PyObject_Init(self, (PyTypeObject*)type);
#else
        Py_SET_REFCNT(self, 1);
#endif
        return self;
    }
    return PyObject_New(PyObject, (PyTypeObject*)type);
}

static PyObject* null_new(PyTypeObject* type, PyObject* Py_UNUSED(arguments),
                          PyObject* Py_UNUSED(names)) {
    return null_vectorcall((PyObject*)type, NULL, 0, NULL);
}

static void null_dealloc(PyObject* self) {
    if (free_count < most_free)
        free_contexts[free_count++] = self;
    else
        PyObject_Free(self);
}

static PyObject* null_enter(PyObject* self, PyObject* Py_UNUSED(nothing)) {
    Py_INCREF(self);
    return self;
}

static PyObject* null_exit(PyObject* Py_UNUSED(self), PyObject* const* Py_UNUSED(arguments),
                           Py_ssize_t Py_UNUSED(count)) {
    Py_RETURN_NONE;
}

static PyMethodDef null_methods[] = {
    {"__enter__", null_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))null_exit, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject null_context_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "timemory._timemory.null_context",
    .tp_basicsize = sizeof(PyObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = null_new,
    .tp_dealloc = null_dealloc,
    .tp_methods = null_methods,
    .tp_vectorcall = null_vectorcall,
};
