/* A result that was read from files. */

#ifndef TIMEMORY_PYTHON_RESULT_H
#define TIMEMORY_PYTHON_RESULT_H

#include "compatibility.h"

extern PyTypeObject result_type;

#endif
