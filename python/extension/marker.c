#include "marker.h"

#include "regions.h"

enum label_mode { mode_defer, mode_blank, mode_basic, mode_full };
static const char* const mode_names[] = {"defer", "blank", "basic", "full"};

/* A region that a marker has begun, and who did: a task, or a thread. */
typedef struct open_region {
    const void* thread;
    timemory_record_t record;
} open_region;

/* Something that differs from task to task, and from thread to thread; the quicker the better. */
static inline const void* this_thread(void) {
    PyThreadState* thread = PyThreadState_Get();
    return thread->context != NULL ? (const void*)thread->context : (const void*)thread;
}

/* One marker may be entered many times at once: nested, recursive, by several threads. The open
 * regions are kept in the order in which they were begun; the first in the object itself, since
 * there is rarely a second. */
typedef struct marker {
    PyObject_HEAD PyObject*
        components; /* ids separated by commas, "" for the default ones, None if none is known */
    PyObject* key;
    PyObject* label; /* of the region last begun; kept only to report it */
    timemory_region_t
        region;           /* 0 until it is looked up, and for labels that depend on the caller */
    cached_region* place; /* where the region is to be kept, if anywhere */
    uint32_t generation;  /* of the region */
    char mode;
    char add_args;
    char is_class;
    char report_at_exit;
    uint32_t depth;
    uint32_t capacity; /* of `rest` */
    open_region first;
    open_region* rest;
} marker;

/* Markers that can be used again, all of the class itself. */
enum { most_free = 64 };
static marker* free_markers[most_free];
static int free_count = 0;

static inline marker* allocate(PyTypeObject* type) {
    marker* self;
    if (free_count > 0 && type == &marker_type) {
        self = free_markers[--free_count];
#if defined(Py_REF_DEBUG) || defined(Py_TRACE_REFS) || PY_VERSION_HEX < 0x03090000
        (void)PyObject_Init((PyObject*)self, type);
#else
        Py_SET_REFCNT(self, 1); /* the class is still in it */
#endif
    } else {
        self = (marker*)type->tp_alloc(type, 0);
        if (self == NULL) return NULL;
    }
    self->label = NULL;
    self->region = 0;
    self->place = NULL;
    self->generation = 0;
    self->mode = mode_defer;
    self->add_args = 0;
    self->is_class = 0;
    self->report_at_exit = 0;
    self->depth = 0;
    self->capacity = 0;
    self->rest = NULL;
    return self;
}

static void marker_dealloc(PyObject* object) {
    marker* self = (marker*)object;
    /* A region that nobody can end any more ends here. */
    while (self->depth > 0) {
        --self->depth;
        end_region(self->depth == 0 ? self->first.record : self->rest[self->depth - 1].record);
    }
    if (self->rest != NULL) PyMem_Free(self->rest);
    Py_XDECREF(self->components);
    Py_XDECREF(self->key);
    Py_XDECREF(self->label);
    if (Py_TYPE(object) == &marker_type && free_count < most_free)
        free_markers[free_count++] = self;
    else
        Py_TYPE(object)->tp_free(object);
}

/* ---- Making one
 * --------------------------------------------------------------------------------------------------
 */

/* The items of `components`, if it is a list, a tuple or one name, and short. Returns their number,
 * or -1. */
static Py_ssize_t items_of(PyObject** components, PyObject*** items) {
    PyObject* object = *components;
    Py_ssize_t count;
    if (PyList_CheckExact(object)) {
        count = PyList_GET_SIZE(object);
        *items = ((PyListObject*)object)->ob_item;
    } else if (PyTuple_CheckExact(object)) {
        count = PyTuple_GET_SIZE(object);
        *items = ((PyTupleObject*)object)->ob_item;
    } else if (PyUnicode_CheckExact(object)) {
        count = 1;
        *items = components;
    } else {
        return -1;
    }
    return count <= cached_components ? count : -1;
}

static PyObject* from_place(PyTypeObject* type, cached_region* place) {
    marker* self = allocate(type);
    if (self == NULL) return NULL;
    Py_INCREF(place->components);
    self->components = place->components;
    Py_INCREF(place->key);
    self->key = place->key;
    self->region = place->region;
    self->generation = region_generation;
    self->place = place;
    return (PyObject*)self;
}

/* `key` for (components, "key") and (components, key="key"); NULL for other arguments. */
static PyObject* plain_key(PyObject* const* arguments, Py_ssize_t given, PyObject* names,
                           Py_ssize_t before) {
    PyObject* key;
    if (names == NULL && given == before + 1)
        key = arguments[before];
    else if (names != NULL && given == before && PyTuple_GET_SIZE(names) == 1 &&
             PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "key") == 0)
        key = arguments[before];
    else
        return NULL;
    return PyUnicode_CheckExact(key) ? key : NULL;
}

static PyObject* marker_new(PyTypeObject* type, PyObject* arguments, PyObject* named);

static PyObject* call_new(PyObject* type, PyObject* const* arguments, Py_ssize_t given,
                          PyObject* names) {
    PyObject* positional = PyTuple_New(given);
    PyObject* named = names != NULL ? PyDict_New() : NULL;
    PyObject* self = NULL;
    if (positional == NULL || (names != NULL && named == NULL)) goto done;
    for (Py_ssize_t i = 0; i < given; ++i) {
        Py_INCREF(arguments[i]);
        PyTuple_SET_ITEM(positional, i, arguments[i]);
    }
    for (Py_ssize_t i = 0; names != NULL && i < PyTuple_GET_SIZE(names); ++i)
        if (PyDict_SetItem(named, PyTuple_GET_ITEM(names, i), arguments[given + i]) < 0) goto done;
    self = marker_new((PyTypeObject*)type, positional, named);
    if (self != NULL && ((PyTypeObject*)type)->tp_init(self, positional, named) < 0) Py_CLEAR(self);
done:
    Py_XDECREF(positional);
    Py_XDECREF(named);
    return self;
}

static PyObject* marker_vectorcall(PyObject* type, PyObject* const* arguments, size_t flagged,
                                   PyObject* names) {
    const Py_ssize_t given = PyVectorcall_NARGS(flagged);
    PyObject* key = given >= 1 ? plain_key(arguments, given, names, 1) : NULL;
    if (key != NULL) {
        PyObject* components = arguments[0];
        PyObject** items;
        const Py_ssize_t count = items_of(&components, &items);
        if (count >= 0) {
            cached_region* place = cached_region_at(items, count, key);
            if (is_cached_region(place, items, count, key))
                return from_place((PyTypeObject*)type, place);
        }
    }
    return call_new(type, arguments, given, names);
}

static PyObject* auto_timer_vectorcall(PyObject* type, PyObject* const* arguments, size_t flagged,
                                       PyObject* names) {
    const Py_ssize_t given = PyVectorcall_NARGS(flagged);
    PyObject* key = plain_key(arguments, given, names, 0);
    if (key != NULL) {
        cached_region* place = cached_region_at(&type, 1, key);
        if (is_cached_region(place, &type, 1, key)) return from_place((PyTypeObject*)type, place);
    }
    return call_new(type, arguments, given, names);
}

static int parse_mode(const char* name, char* mode) {
    for (int i = 0; i < 4; ++i)
        if (strcmp(name, mode_names[i]) == 0) {
            *mode = (char)i;
            return 0;
        }
    PyErr_Format(PyExc_ValueError, "mode '%s' is none of 'blank', 'basic', 'full', 'defer'", name);
    return -1;
}

/* Whether items mean the same whenever they are seen: names, members and classes do; functions may
 * not. */
static int mean_the_same(PyObject* const* items, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; ++i)
        if (!PyUnicode_CheckExact(items[i]) && PyCallable_Check(items[i]) &&
            !PyType_Check(items[i]))
            return 0;
    return 1;
}

/* Sets up a marker. Takes over `components`: the ids. */
static int configure(marker* self, PyObject* components, PyObject* key, int add_args, int is_class,
                     int report_at_exit, const char* mode) {
    PyObject* text = NULL;
    if (components == NULL) return -1;
    if (parse_mode(mode, &self->mode) == 0)
        text = key == NULL || key == Py_None ? PyUnicode_FromString("") : PyObject_Str(key);
    if (text == NULL) {
        Py_DECREF(components);
        return -1;
    }
    self->add_args = (char)add_args;
    self->is_class = (char)is_class;
    self->report_at_exit = (char)(report_at_exit || reports_all());
    self->region = 0;
    Py_XSETREF(self->components, components);
    Py_XSETREF(self->key, text);
    return 0;
}

/* Whether the label is the key alone, as far as the marker is used in a with statement. */
static int has_plain_label(const marker* self) {
    return self->mode <= mode_blank && !self->add_args && PyUnicode_GET_LENGTH(self->key) > 0;
}

static int is_plain(const marker* self) {
    return self->mode == mode_defer && has_plain_label(self) && !self->is_class &&
           !self->report_at_exit;
}

static int marker_init(PyObject* object, PyObject* arguments, PyObject* named) {
    static char* names[] = {"components",     "key", "add_args", "is_class", "mode",
                            "report_at_exit", NULL};
    marker* self = (marker*)object;
    PyObject *components = NULL, *key = NULL, *given = NULL, *report = NULL;
    int add_args = 0, is_class = 0;
    const char* mode = "defer";
    if (!PyArg_ParseTupleAndKeywords(arguments, named, "|OOppOO:marker", names, &components, &key,
                                     &add_args, &is_class, &given, &report))
        return -1;
    /* By position the two stand in either order in programs: a mode is a string. */
    if ((report != NULL && PyUnicode_Check(report)) || (given != NULL && PyBool_Check(given))) {
        PyObject* other = given;
        given = report;
        report = other;
    }
    if (given != NULL && (mode = PyUnicode_AsUTF8(given)) == NULL) return -1;
    const int report_at_exit = report != NULL ? PyObject_IsTrue(report) : 0;
    if (report_at_exit < 0) return -1;
    PyObject* ids =
        components != NULL ? call_slow("resolve", "(O)", components) : PyUnicode_FromString("");
    if (configure(self, ids, key, add_args, is_class, report_at_exit, mode) < 0) return -1;
    PyObject** items;
    const Py_ssize_t count = components != NULL ? items_of(&components, &items) : -1;
    if (count >= 0 && is_plain(self) && Py_TYPE(object) == &marker_type &&
        mean_the_same(items, count)) {
        self->place = cached_region_at(items, count, self->key);
        keep_region(self->place, items, count, self->key, self->components);
    }
    return 0;
}

static int auto_timer_init(PyObject* object, PyObject* arguments, PyObject* named) {
    static char* names[] = {"key", "add_args", "is_class", "report_at_exit", "mode", NULL};
    marker* self = (marker*)object;
    PyObject* key = NULL;
    int add_args = 0, is_class = 0, report_at_exit = 0;
    const char* mode = "defer";
    if (!PyArg_ParseTupleAndKeywords(arguments, named, "|Oppps:auto_timer", names, &key, &add_args,
                                     &is_class, &report_at_exit, &mode))
        return -1;
    PyObject* ids = call_slow("resolve_auto_timer", "()");
    if (configure(self, ids, key, add_args, is_class, report_at_exit, mode) < 0) return -1;
    if (is_plain(self) && Py_TYPE(object) == &auto_timer_type) {
        PyObject* item = (PyObject*)Py_TYPE(object);
        self->place = cached_region_at(&item, 1, self->key);
        keep_region(self->place, &item, 1, self->key, self->components);
    }
    return 0;
}

/* A marker without components or key; __init__, perhaps of a derived class, gives it those. */
static PyObject* marker_new(PyTypeObject* type, PyObject* Py_UNUSED(arguments),
                            PyObject* Py_UNUSED(named)) {
    marker* self = allocate(type);
    if (self == NULL) return NULL;
    Py_INCREF(Py_None);
    self->components = Py_None;
    self->key = PyUnicode_FromString("");
    if (self->key == NULL) Py_CLEAR(self);
    return (PyObject*)self;
}

/* ---- Beginning and ending
 * ---------------------------------------------------------------------------------------- */

/* Looks the region up. Returns -1 only if the program is being interrupted. */
static int look_up(marker* self, timemory_region_t* region) {
    *region = NO_REGION;
    PyObject* label;
    const int plain = has_plain_label(self);
    if (plain) {
        label = call_slow("blank", "(O)", self->key);
    } else {
        PyObject* frame = (PyObject*)PyEval_GetFrame(); /* the caller's; borrowed */
        label =
            call_slow("label_of_frame", "(OsiiO)", self->key, mode_names[(int)self->mode],
                      (int)self->add_args, (int)self->is_class, frame != NULL ? frame : Py_None);
    }
    timemory_region_t found = label != NULL ? find_region(label, self->components) : 0;
    if (found == 0) {
        Py_XDECREF(label);
        return survive_failure();
    }
    *region = found;
    if (self->report_at_exit) {
        Py_XDECREF(self->label);
        Py_INCREF(label);
        self->label = label;
    }
    Py_DECREF(label);
    if (plain) {
        self->region = found;
        self->generation = region_generation;
        if (self->place != NULL && self->place->key == self->key &&
            self->place->components == self->components)
            self->place->region = found;
    }
    return 0;
}

static int begin(marker* self) {
    timemory_region_t region = self->region;
    if ((region == 0 || self->generation != region_generation) && look_up(self, &region) < 0)
        return -1;
    /* First, since it may run Python code, and other threads then use this marker too. */
    const timemory_record_t record = begin_region(region);
    const void* thread = this_thread();
    if (self->depth == 0) {
        self->first.thread = thread;
        self->first.record = record;
        self->depth = 1;
        return 0;
    }
    if (self->depth - 1 == self->capacity) {
        const uint32_t capacity = self->capacity == 0 ? 8 : 2 * self->capacity;
        open_region* larger = PyMem_Realloc(self->rest, capacity * sizeof *larger);
        if (larger == NULL) {
            end_region(record);
            PyErr_NoMemory();
            return -1;
        }
        self->rest = larger;
        self->capacity = capacity;
    }
    open_region* open = &self->rest[self->depth++ - 1];
    open->thread = thread;
    open->record = record;
    return 0;
}

/* Takes out the region that this thread began last, or else the last one: it is then ended by
 * another thread than it was begun by, which libtimemory books where it ends. */
static timemory_record_t take_last(marker* self) {
    const void* thread = this_thread();
    uint32_t found = self->depth;
    for (uint32_t i = self->depth; i-- > 0;)
        if ((i == 0 ? &self->first : &self->rest[i - 1])->thread == thread) {
            found = i;
            break;
        }
    if (found == self->depth) found = self->depth - 1;
    const timemory_record_t record = found == 0 ? self->first.record : self->rest[found - 1].record;
    for (uint32_t i = found; i + 1 < self->depth; ++i)
        *(i == 0 ? &self->first : &self->rest[i - 1]) = self->rest[i];
    --self->depth;
    return record;
}

static int end(marker* self) {
    if (self->depth == 0) return 0;
    timemory_record_t record;
    if (self->depth == 1) {
        record = self->first.record;
        self->depth = 0;
    } else {
        record = take_last(self);
    }
    end_region(record);
    if (self->report_at_exit && self->label != NULL && record != TIMEMORY_NO_RECORD) {
        pending_exception pending = put_exception_aside();
        PyObject* done = call_slow("print_report", "(OO)", self->label, self->components);
        if (done == NULL && survive_failure() < 0) return -1;
        Py_XDECREF(done);
        bring_exception_back(pending);
    }
    return 0;
}

static PyObject* marker_enter(PyObject* self, PyObject* Py_UNUSED(nothing)) {
    if (begin((marker*)self) < 0) return NULL;
    Py_INCREF(self);
    return self;
}

static PyObject* marker_exit(PyObject* self, PyObject* const* Py_UNUSED(arguments),
                             Py_ssize_t Py_UNUSED(count)) {
    if (end((marker*)self) < 0) return NULL;
    Py_RETURN_NONE; /* an exception goes on */
}

static PyObject* marker_aenter(PyObject* self, PyObject* Py_UNUSED(nothing)) {
    return call_slow("enter_later", "(O)", self);
}

static PyObject* marker_aexit(PyObject* self, PyObject* const* Py_UNUSED(arguments),
                              Py_ssize_t Py_UNUSED(count)) {
    return call_slow("exit_later", "(O)", self);
}

static PyObject* marker_start(PyObject* self, PyObject* Py_UNUSED(nothing)) {
    if (begin((marker*)self) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject* marker_stop(PyObject* self, PyObject* Py_UNUSED(nothing)) {
    if (end((marker*)self) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject* marker_call(PyObject* self, PyObject* arguments, PyObject* named) {
    if (PyTuple_GET_SIZE(arguments) != 1 || (named != NULL && PyDict_GET_SIZE(named) > 0)) {
        PyErr_SetString(PyExc_TypeError,
                        "a marker is called with the function that it decorates: "
                        "write @marker() with parentheses");
        return NULL;
    }
    PyObject* function = PyTuple_GET_ITEM(arguments, 0);
    PyObject* module = PyImport_ImportModule("timemory._decorate");
    if (module == NULL) return NULL;
    PyObject* decorated = PyObject_CallMethod(module, "decorate", "OO", self, function);
    Py_DECREF(module);
    return decorated;
}

static PyObject* marker_mode(PyObject* self, void* Py_UNUSED(closure)) {
    return PyUnicode_FromString(mode_names[(int)((marker*)self)->mode]);
}

static PyObject* marker_repr(PyObject* object) {
    marker* self = (marker*)object;
    const char* name = Py_TYPE(object)->tp_name;
    const char* last = strrchr(name, '.');
    return PyUnicode_FromFormat("%s(components=%R, key=%R, mode='%s')",
                                last != NULL ? last + 1 : name, self->components, self->key,
                                mode_names[(int)self->mode]);
}

static PyMethodDef methods[] = {
    {"__enter__", marker_enter, METH_NOARGS, PyDoc_STR("Begin the region.")},
    {"__exit__", (PyCFunction)(void (*)(void))marker_exit, METH_FASTCALL,
     PyDoc_STR("End the region. An exception goes on as it is.")},
    {"__aenter__", marker_aenter, METH_NOARGS, PyDoc_STR("Begin the region.")},
    {"__aexit__", (PyCFunction)(void (*)(void))marker_aexit, METH_FASTCALL,
     PyDoc_STR("End the region. An exception goes on as it is.")},
    {"start", marker_start, METH_NOARGS, PyDoc_STR("Begin the region.")},
    {"stop", marker_stop, METH_NOARGS, PyDoc_STR("End the region that this thread began last.")},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"components", T_OBJECT, offsetof(marker, components), READONLY,
     PyDoc_STR("ids, separated by commas")},
    {"key", T_OBJECT, offsetof(marker, key), READONLY, PyDoc_STR("what the label is made from")},
    {"add_args", T_BOOL, offsetof(marker, add_args), READONLY,
     PyDoc_STR("whether labels hold arguments")},
    {"is_class", T_BOOL, offsetof(marker, is_class), READONLY,
     PyDoc_STR("whether labels hold the class")},
    {"report_at_exit", T_BOOL, offsetof(marker, report_at_exit), READONLY,
     PyDoc_STR("whether each end prints a line")},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"mode", marker_mode, NULL, PyDoc_STR("'blank', 'basic', 'full' or 'defer'"), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(
    marker_doc,
    "marker(components=[], key='', add_args=False, is_class=False, mode='defer', "
    "report_at_exit=False)\n--\n\n"
    "Measure a region, as a decorator or in a with statement.\n"
    "\n"
    "One marker may be used many times, nested, recursively and by several threads at once.\n"
    "\n"
    "Parameters\n"
    "----------\n"
    "components : list, str or callable\n"
    "    What to measure: names, members or classes of `timemory.component`, functions that\n"
    "    return such lists, or one function for all. An empty list means the default components.\n"
    "    An unknown name is left out, after one line on stderr.\n"
    "key : str\n"
    "    What the label is made from.\n"
    "add_args : bool\n"
    "    Put the arguments of the function into the label.\n"
    "is_class : bool\n"
    "    Put the class of the first argument into the label.\n"
    "mode : {'blank', 'basic', 'full', 'defer'}\n"
    "    The label: `key+args`, `func+args/key` or `func+args@file:line/key`. 'defer' is 'basic' "
    "for\n"
    "    a decorator and 'blank' for a with statement. A blank label without a key is a basic "
    "one.\n"
    "report_at_exit : bool\n"
    "    Print the totals of the label whenever the region ends.\n"
    "\n"
    "Examples\n"
    "--------\n"
    ">>> @marker(['wall_clock'])\n"
    "... def solve():\n"
    "...     with marker(['wall_clock', 'peak_rss'], key='assemble'):\n"
    "...         ...\n");

PyTypeObject marker_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "timemory.util.marker",
    .tp_doc = marker_doc,
    .tp_basicsize = sizeof(marker),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_new = marker_new,
    .tp_init = marker_init,
    .tp_dealloc = marker_dealloc,
    .tp_call = marker_call,
    .tp_repr = marker_repr,
    .tp_methods = methods,
    .tp_members = members,
    .tp_getset = properties,
    .tp_vectorcall = marker_vectorcall,
};

PyDoc_STRVAR(
    auto_timer_doc,
    "auto_timer(key='', add_args=False, is_class=False, report_at_exit=False, mode='defer')\n--\n\n"
    "Measure times and memory of a region, as a decorator or in a with statement.\n"
    "\n"
    "A `marker` with wall_clock, cpu_clock, cpu_util, peak_rss and the components of the setting\n"
    "`global_components`; see there for the parameters.\n");

PyTypeObject auto_timer_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "timemory.util.auto_timer",
    .tp_doc = auto_timer_doc,
    .tp_base = &marker_type,
    .tp_basicsize = sizeof(marker),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_new = marker_new,
    .tp_init = auto_timer_init,
    .tp_dealloc = marker_dealloc,
    .tp_vectorcall = auto_timer_vectorcall,
};
