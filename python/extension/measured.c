#include "measured.h"

#include "regions.h"

/* Stands in for the function that it measures: a method where that is one, with its name and
 * attributes. */
typedef struct measured {
    PyObject_HEAD vectorcallfunc call;
    PyObject* function;
    PyObject* components;
    PyObject* label; /* str, or a function of (args, kwargs) that returns it for each call */
    timemory_region_t region; /* 0 until it is looked up, and for labels that depend on the call */
    uint32_t generation;      /* of the region */
    int report;               /* print a line whenever a call ends */
    int report_asked;         /* whatever the settings say */
    PyObject* attributes;
    PyObject* weak_references;
} measured;

/* Returns -1 only if the program is being interrupted. `label` is a new reference, or NULL. */
static int look_up(measured* self, PyObject* const* arguments, Py_ssize_t given, PyObject* names,
                   timemory_region_t* region, PyObject** label) {
    *region = NO_REGION;
    *label = NULL;
    PyObject *positional = NULL, *named = NULL;
    if (PyUnicode_Check(self->label)) {
        *label = self->label;
        Py_INCREF(*label);
    } else {
        positional = PyTuple_New(given);
        named = PyDict_New();
        if (positional == NULL || named == NULL) goto failed;
        for (Py_ssize_t i = 0; i < given; ++i) {
            Py_INCREF(arguments[i]);
            PyTuple_SET_ITEM(positional, i, arguments[i]);
        }
        for (Py_ssize_t i = 0; names != NULL && i < PyTuple_GET_SIZE(names); ++i)
            if (PyDict_SetItem(named, PyTuple_GET_ITEM(names, i), arguments[given + i]) < 0)
                goto failed;
        *label = PyObject_CallFunctionObjArgs(self->label, positional, named, NULL);
        if (*label == NULL) goto failed;
        Py_CLEAR(positional);
        Py_CLEAR(named);
    }
    timemory_region_t found = find_region(*label, self->components);
    if (found == 0) goto failed;
    self->report = self->report_asked || reports_all();
    *region = found;
    if (*label == self->label) {
        self->region = found;
        self->generation = region_generation;
    }
    return 0;
failed:
    Py_XDECREF(positional);
    Py_XDECREF(named);
    Py_CLEAR(*label);
    return survive_failure();
}

static int report(const measured* self, PyObject* label) {
    pending_exception pending = put_exception_aside();
    PyObject* done = call_slow("print_report", "(OO)", label, self->components);
    if (done == NULL && survive_failure() < 0) return -1;
    Py_XDECREF(done);
    bring_exception_back(pending);
    return 0;
}

static PyObject* measured_vectorcall(PyObject* object, PyObject* const* arguments, size_t flagged,
                                     PyObject* names) {
    measured* self = (measured*)object;
    timemory_region_t region = self->region;
    PyObject* label = NULL;
    if ((region == 0 || self->generation != region_generation) &&
        look_up(self, arguments, PyVectorcall_NARGS(flagged), names, &region, &label) < 0)
        return NULL;
    const timemory_record_t record = begin_region(region);
    PyObject* result = PyFunction_Check(self->function)
                           ? ((PyFunctionObject*)self->function)
                                 ->vectorcall(self->function, arguments, flagged, names)
                           : PyObject_Vectorcall(self->function, arguments, flagged, names);
    end_region(record);
    if (self->report && record != TIMEMORY_NO_RECORD &&
        report(self, label != NULL ? label : self->label) < 0)
        Py_CLEAR(result);
    Py_XDECREF(label);
    return result;
}

static PyObject* measured_new(PyTypeObject* type, PyObject* arguments, PyObject* named) {
    static char* names[] = {"function", "components", "label", "report", NULL};
    PyObject *function, *components, *label;
    int report_each = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, named, "OOO|p:measured", names, &function,
                                     &components, &label, &report_each))
        return NULL;
    measured* self = (measured*)type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    self->call = measured_vectorcall;
    Py_INCREF(function);
    self->function = function;
    Py_INCREF(components);
    self->components = components;
    Py_INCREF(label);
    self->label = label;
    self->report = self->report_asked = report_each;
    return (PyObject*)self;
}

static int measured_traverse(PyObject* object, visitproc visit, void* arg) {
    measured* self = (measured*)object;
    Py_VISIT(self->function);
    Py_VISIT(self->label);
    Py_VISIT(self->attributes);
    return 0;
}

static int measured_clear(PyObject* object) {
    measured* self = (measured*)object;
    /* The function and the components stay: someone may still call this object while a cycle is
     * taken apart. */
    Py_CLEAR(self->attributes);
    return 0;
}

static void measured_dealloc(PyObject* object) {
    measured* self = (measured*)object;
    PyObject_GC_UnTrack(object);
    if (self->weak_references != NULL) PyObject_ClearWeakRefs(object);
    Py_XDECREF(self->function);
    Py_XDECREF(self->components);
    Py_XDECREF(self->label);
    Py_XDECREF(self->attributes);
    Py_TYPE(object)->tp_free(object);
}

static PyObject* measured_get(PyObject* self, PyObject* instance, PyObject* Py_UNUSED(owner)) {
    if (instance == NULL || instance == Py_None) {
        Py_INCREF(self);
        return self;
    }
    return PyMethod_New(self, instance);
}

static PyObject* measured_repr(PyObject* self) {
    return PyUnicode_FromFormat("<measured %R>", ((measured*)self)->function);
}

/* Pickled by name, as functions are. */
static PyObject* measured_reduce(PyObject* self, PyObject* Py_UNUSED(nothing)) {
    return PyObject_GetAttrString(self, "__qualname__");
}

static PyMethodDef methods[] = {
    {"__reduce__", measured_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"__wrapped__", T_OBJECT, offsetof(measured, function), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject measured_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "timemory._timemory.measured",
    .tp_basicsize = sizeof(measured),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_new = measured_new,
    .tp_dealloc = measured_dealloc,
    .tp_traverse = measured_traverse,
    .tp_clear = measured_clear,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(measured, call),
    .tp_descr_get = measured_get,
    .tp_repr = measured_repr,
    .tp_methods = methods,
    .tp_members = members,
    .tp_getset = properties,
    .tp_dictoffset = offsetof(measured, attributes),
    .tp_weaklistoffset = offsetof(measured, weak_references),
};
