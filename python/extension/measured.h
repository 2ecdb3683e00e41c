/* A decorated function. */

#ifndef TIMEMORY_PYTHON_MEASURED_H
#define TIMEMORY_PYTHON_MEASURED_H

#include "compatibility.h"

extern PyTypeObject measured_type;

#endif
