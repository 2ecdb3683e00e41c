/* timemory.util.marker and timemory.util.auto_timer. */

#ifndef TIMEMORY_PYTHON_MARKER_H
#define TIMEMORY_PYTHON_MARKER_H

#include "compatibility.h"

extern PyTypeObject marker_type;
extern PyTypeObject auto_timer_type;

#endif
