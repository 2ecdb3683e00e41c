#include "readings.h"

#include "regions.h"

/* Both directions between a tuple and an array; doubles stand in the array as their bits. */

static PyObject* tuple_of(const int64_t* values, int count) {
    PyObject* tuple = PyTuple_New(count);
    for (int i = 0; tuple != NULL && i < count; ++i) {
        PyObject* value = PyLong_FromLongLong(values[i]);
        if (value == NULL)
            Py_CLEAR(tuple);
        else
            PyTuple_SET_ITEM(tuple, i, value);
    }
    return tuple;
}

static int array_of(PyObject* tuple, int64_t* values) {
    const Py_ssize_t count = PyTuple_GET_SIZE(tuple);
    memset(values, 0, TIMEMORY_MOST_FIELDS * sizeof *values);
    for (Py_ssize_t i = 0; i < count && i < TIMEMORY_MOST_FIELDS; ++i) {
        PyObject* item = PyTuple_GET_ITEM(tuple, i);
        if (PyFloat_Check(item)) {
            const double real = PyFloat_AS_DOUBLE(item);
            memcpy(&values[i], &real, sizeof real);
        } else {
            values[i] = PyLong_AsLongLong(item);
            if (values[i] == -1 && PyErr_Occurred()) return -1;
        }
    }
    return 0;
}

PyObject* read_components(PyObject* Py_UNUSED(module), PyObject* arguments) {
    unsigned long long region;
    int edge;
    if (!PyArg_ParseTuple(arguments, "Ki:read", &region, &edge)) return NULL;
    int64_t readings[TIMEMORY_MOST_FIELDS] = {0};
    const int count = timemory_read(region, edge, readings);
    return tuple_of(readings, count < 0 ? 0 : count);
}

PyObject* lap_between(PyObject* Py_UNUSED(module), PyObject* arguments) {
    unsigned long long region;
    PyObject *begin, *end;
    int64_t from[TIMEMORY_MOST_FIELDS], to[TIMEMORY_MOST_FIELDS], lap[TIMEMORY_MOST_FIELDS];
    if (!PyArg_ParseTuple(arguments, "KO!O!:lap", &region, &PyTuple_Type, &begin, &PyTuple_Type,
                          &end) ||
        array_of(begin, from) < 0 || array_of(end, to) < 0)
        return NULL;
    const int count = timemory_lap(region, from, to, lap);
    PyObject* fields = tuple_of(lap, count < 0 ? 0 : count);
    timemory_field_info info = {.size = sizeof info};
    for (int i = 0; fields != NULL && i < count; ++i) {
        if (timemory_describe_field(region, (size_t)i, &info) != 0 || !info.real) continue;
        double real;
        memcpy(&real, &lap[i], sizeof real);
        PyObject* value = PyFloat_FromDouble(real);
        if (value == NULL || PyTuple_SetItem(fields, i, value) < 0) Py_CLEAR(fields);
    }
    return fields;
}

PyObject* book_lap(PyObject* Py_UNUSED(module), PyObject* arguments) {
    unsigned long long record;
    PyObject* fields;
    int64_t lap[TIMEMORY_MOST_FIELDS];
    if (!PyArg_ParseTuple(arguments, "KO!:book", &record, &PyTuple_Type, &fields) ||
        array_of(fields, lap) < 0)
        return NULL;
    timemory_book(record, lap);
    Py_RETURN_NONE;
}

PyObject* abandon_region(PyObject* Py_UNUSED(module), PyObject* record) {
    const unsigned long long value = PyLong_AsUnsignedLongLong(record);
    if (value == (unsigned long long)-1 && PyErr_Occurred()) return NULL;
    timemory_abandon(value);
    Py_RETURN_NONE;
}

PyObject* describe_fields(PyObject* Py_UNUSED(module), PyObject* region) {
    const unsigned long long value = PyLong_AsUnsignedLongLong(region);
    if (value == (unsigned long long)-1 && PyErr_Occurred()) return NULL;
    PyObject* rows = PyList_New(0);
    timemory_field_info info = {.size = sizeof info};
    for (size_t i = 0; rows != NULL && timemory_describe_field(value, i, &info) == 0; ++i) {
        PyObject* row =
            Py_BuildValue("(sssddiN)", info.component, info.label, info.unit, info.unit_value,
                          info.scale, info.rule, PyBool_FromLong(info.shown));
        if (row == NULL || PyList_Append(rows, row) < 0) Py_CLEAR(rows);
        Py_XDECREF(row);
    }
    return rows;
}
