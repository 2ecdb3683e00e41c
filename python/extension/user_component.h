/* Components whose values come from a Python function. */

#ifndef TIMEMORY_PYTHON_USER_COMPONENT_H
#define TIMEMORY_PYTHON_USER_COMPONENT_H

#include "compatibility.h"

/* add_component(id, read, label, description, unit, unit_value, kind, scope, real) */
PyObject* add_component(PyObject* module, PyObject* arguments);

/* From now on no read function is called any more: the interpreter is about to end. Values stay as
 * they were last. */
void detach_user_components(void);

/* How many there are, and whether this thread is in the read function of one of them. */
extern int user_components;
extern __thread int reading_user_component;

static inline int inside_user_component(void) {
    return user_components != 0 && reading_user_component;
}

#endif
