#include "user_component.h"

#include "regions.h"
#include "timemory/timemory.h"

int user_components = 0;
__thread int reading_user_component = 0;

static int detached = 0;

/* What libtimemory hands back to the functions below. Lives as long as the process. */
typedef struct python_source {
    PyObject* read;
    char* id;
    int told; /* of its first error */
    int64_t last;
    double last_real;
} python_source;

static void tell(python_source* source) {
    /* A Ctrl-C that happened to arrive here belongs to the program: let it arrive again. */
    if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
        PyErr_Clear();
        PyErr_SetInterrupt();
        return;
    }
    if (source->told) {
        PyErr_Clear();
        return;
    }
    source->told = 1;
    pending_exception error = put_exception_aside();
    PyObject* value = NULL;
#if PY_VERSION_HEX >= 0x030C0000
    value = error.exception;
#else
    PyErr_NormalizeException(&error.type, &error.value, &error.traceback);
    value = error.value;
#endif
    PyObject* text =
        value != NULL ? PyUnicode_FromFormat("%s: %S", Py_TYPE(value)->tp_name, value) : NULL;
    const char* what = text != NULL ? PyUnicode_AsUTF8(text) : NULL;
    fprintf(stderr,
            "timemory: component '%s': its read function failed (%s); its value stays as it was\n",
            source->id, what != NULL ? what : "unknown error");
    fflush(stderr);
    Py_XDECREF(text);
    bring_exception_back(error);
    PyErr_Clear();
}

/* Calls the read function and converts what it returns into `last` or `last_real`. After an error
 * they stay what they were, so that a difference is not off by the whole value. */
static void read_python(python_source* source, int real) {
    if (detached || reading_user_component) return;
    PyGILState_STATE state = PyGILState_Ensure();
    reading_user_component = 1;
    /* A region may end because an exception leaves it. */
    pending_exception pending = put_exception_aside();
    PyObject* value = PyObject_CallObject(source->read, NULL);
    if (value != NULL) {
        if (real) {
            double number = PyFloat_AsDouble(value);
            if (!PyErr_Occurred()) source->last_real = number;
        } else if (PyFloat_Check(value)) {
            PyErr_SetString(PyExc_TypeError, "returned a float; register it with real=True");
        } else {
            PyObject* index = PyNumber_Index(value);
            long long number = index != NULL ? PyLong_AsLongLong(index) : 0;
            Py_XDECREF(index);
            if (!PyErr_Occurred()) source->last = number;
        }
        Py_DECREF(value);
    }
    if (PyErr_Occurred()) tell(source);
    bring_exception_back(pending);
    reading_user_component = 0;
    PyGILState_Release(state);
}

static int64_t read_integer(void* context) {
    read_python(context, 0);
    return ((python_source*)context)->last;
}

static double read_real(void* context) {
    read_python(context, 1);
    return ((python_source*)context)->last_real;
}

PyObject* add_component(PyObject* Py_UNUSED(module), PyObject* arguments) {
    const char *id = NULL, *label = NULL, *description = NULL, *unit = NULL;
    PyObject* read = NULL;
    double unit_value = 1;
    int kind = 0, scope = 0, real = 0;
    if (!PyArg_ParseTuple(arguments, "sOzzzdiip:add_component", &id, &read, &label, &description,
                          &unit, &unit_value, &kind, &scope, &real))
        return NULL;
    python_source* source = PyMem_RawCalloc(1, sizeof *source);
    char* name = PyMem_RawMalloc(strlen(id) + 1);
    if (source == NULL || name == NULL) {
        PyMem_RawFree(source);
        PyMem_RawFree(name);
        return PyErr_NoMemory();
    }
    strcpy(name, id);
    source->id = name;
    source->read = read;
    Py_INCREF(read);
    timemory_component component = {
        .size = sizeof component,
        .id = id,
        .label = label,
        .description = description,
        .unit = unit,
        .unit_value = unit_value,
        .read = real ? NULL : read_integer,
        .read_real = real ? read_real : NULL,
        .context = source,
        .kind = kind,
        .scope = scope,
    };
    if (timemory_add_component(&component) != 0) {
        Py_DECREF(read);
        PyMem_RawFree(name);
        PyMem_RawFree(source);
        return PyBool_FromLong(0);
    }
    ++user_components;
    forget_regions();
    return PyBool_FromLong(1);
}

void detach_user_components(void) {
    detached = 1;
}
