/* From what a Python program writes, `marker(["wall_clock"], "x")`, to the region that libtimemory
 * measures.
 *
 * Looking a region up costs a microsecond in Python; so a table keeps the regions of the markers
 * that were made before, found by the addresses of the components and by the key. */

#ifndef TIMEMORY_PYTHON_REGIONS_H
#define TIMEMORY_PYTHON_REGIONS_H

#include "compatibility.h"
#include "task.h"
#include "timemory/timemory.h"
#include "user_component.h"

/* Stands for a region of which no component is known: nothing is measured. */
#define NO_REGION UINT64_MAX

/* Components of a marker that are kept in the table; a marker with more is looked up every time. */
enum { cached_components = 6 };

typedef struct cached_region {
    Py_ssize_t count; /* of items */
    PyObject* items[cached_components];
    PyObject* key;
    PyObject* components;     /* what the items mean: ids separated by commas, or None */
    timemory_region_t region; /* 0 until the region is first entered */
} cached_region;

enum { cached_regions = 1024 };
extern cached_region region_cache[cached_regions];

/* The place in the table for these items and this key, a str. */
static inline cached_region* cached_region_at(PyObject* const* items, Py_ssize_t count,
                                              PyObject* key) {
    Py_hash_t hash = ((PyASCIIObject*)key)->hash; /* kept there since it was first asked for */
    if (hash == -1) hash = PyObject_Hash(key);
    size_t mixed = (size_t)hash;
    for (Py_ssize_t i = 0; i < count; ++i) mixed = mixed * 31 + ((size_t)items[i] >> 4);
    mixed ^= mixed >> 20;
    return &region_cache[mixed % cached_regions];
}

/* Whether the place holds these items and this key. */
static inline int is_cached_region(const cached_region* place, PyObject* const* items,
                                   Py_ssize_t count, PyObject* key) {
    if (place->count != count || place->key == NULL) return 0;
    for (Py_ssize_t i = 0; i < count; ++i)
        if (place->items[i] != items[i]) return 0;
    return place->key == key || PyUnicode_Compare(place->key, key) == 0;
}

/* Puts them there, with strong references. Only for items that always mean the same. */
void keep_region(cached_region* place, PyObject* const* items, Py_ssize_t count, PyObject* key,
                 PyObject* components);

/* Forgets all of them, and makes markers and functions look theirs up again: after a change of what
 * names or the default components mean. */
void forget_regions(void);

/* How often that has happened. A region that was looked up before is out of date. */
extern uint32_t region_generation;

/* Whether the setting destructor_report makes every marker print a line when it ends. */
int reports_all(void);

/* The region `label` with `components` (a string, or None if none of them is known). Initialises
 * the library at the first call. Returns 0 with an exception set. */
timemory_region_t find_region(PyObject* label, PyObject* components);

/* Calls `function` of the module `timemory._slow`; steals nothing. Returns a new reference, or NULL
 * with an exception set. */
PyObject* call_slow(const char* function, const char* format, ...);

/* After a failure of timemory's own Python code: the program goes on, unless it is being
 * interrupted. Returns -1 with the exception set in that case, and 0 otherwise, after one line on
 * stderr for the first such failure. */
int survive_failure(void);

/* Begins and ends a region on this thread. A component's own read function is not measured: it runs
 * in the middle of another region's edge. */
static inline timemory_record_t begin_region(timemory_region_t region) {
    if ((timemory_active & TIMEMORY_RECORDING) == 0 || region == NO_REGION ||
        inside_user_component())
        return TIMEMORY_NO_RECORD;
    follow_task();
    return timemory_begin(region);
}

static inline void end_region(timemory_record_t record) {
    if (record == TIMEMORY_NO_RECORD || inside_user_component()) return;
    follow_task();
    timemory_end(record);
}

#endif
