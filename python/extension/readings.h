/* Components that are read by hand: what the classes of `timemory.component` are made of. */

#ifndef TIMEMORY_PYTHON_READINGS_H
#define TIMEMORY_PYTHON_READINGS_H

#include "compatibility.h"

/* read(region, edge): the readings of the sources now, a tuple of int */
PyObject* read_components(PyObject* module, PyObject* arguments);

/* lap(region, begin, end): the fields of the lap between two readings, a tuple of int and float */
PyObject* lap_between(PyObject* module, PyObject* arguments);

/* book(record, fields): adds a lap to a region that is open */
PyObject* book_lap(PyObject* module, PyObject* arguments);

/* abandon(record): ends a region without measuring it */
PyObject* abandon_region(PyObject* module, PyObject* record);

/* describe_fields(region): for each field (id, label, unit, unit_value, scale, rule, shown) */
PyObject* describe_fields(PyObject* module, PyObject* region);

#endif
