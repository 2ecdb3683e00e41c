#include "result.h"

#include <string.h>

#include <timemory/timemory.h>

typedef struct {
    PyObject_HEAD timemory_result* result;
} result_object;

static PyObject* new_result(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
    static char* names[] = {"path", NULL};
    PyObject* path;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "O&:Result", names, PyUnicode_FSConverter,
                                     &path))
        return NULL;
    char* why = NULL;
    timemory_result* result;
    Py_BEGIN_ALLOW_THREADS result = timemory_read_result(PyBytes_AS_STRING(path), &why);
    Py_END_ALLOW_THREADS if (result == NULL) {
        PyObject* reason = PyUnicode_DecodeFSDefault(why != NULL ? why : "out of memory");
        PyObject* name = PyUnicode_DecodeFSDefault(PyBytes_AS_STRING(path));
        if (reason != NULL && name != NULL)
            PyErr_Format(PyExc_ValueError, "'%U': %U", name, reason);
        Py_XDECREF(reason);
        Py_XDECREF(name);
        timemory_free(why);
        Py_DECREF(path);
        return NULL;
    }
    Py_DECREF(path);
    result_object* self = (result_object*)type->tp_alloc(type, 0);
    if (self == NULL) {
        timemory_free_result(result);
        return NULL;
    }
    self->result = result;
    return (PyObject*)self;
}

static void free_result(PyObject* self) {
    timemory_free_result(((result_object*)self)->result);
    Py_TYPE(self)->tp_free(self);
}

/* text(format, components): one of the formats of timemory_get_from(). */
static PyObject* text_of_result(PyObject* self, PyObject* arguments) {
    int format;
    const char* components;
    if (!PyArg_ParseTuple(arguments, "iz:text", &format, &components)) return NULL;
    char* text = NULL;
    int failed;
    Py_BEGIN_ALLOW_THREADS failed =
        timemory_get_from(((result_object*)self)->result, format, components, &text);
    Py_END_ALLOW_THREADS if (failed != 0) return PyErr_NoMemory();
    PyObject* result = PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "backslashreplace");
    timemory_free(text);
    return result;
}

static PyMethodDef methods[] = {{"text", text_of_result, METH_VARARGS, NULL},
                                {NULL, NULL, 0, NULL}};

PyTypeObject result_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "timemory._timemory.Result",
    .tp_basicsize = sizeof(result_object),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = new_result,
    .tp_dealloc = free_result,
    .tp_methods = methods,
};
