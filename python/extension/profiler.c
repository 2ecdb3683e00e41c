#include "profiler.h"

#include <pthread.h>

#include "regions.h"

/* Python calls on_event() at both ends of each call on a thread where it is installed as the
 * profile function. What a function is called in the results is asked for once, and kept by the
 * address of its code object; each thread has a stack of the calls that it is in. */

/* Instead of a region: a function that is not recorded with all that it calls, and one whose label
 * depends on the call. NO_REGION: it alone is not recorded. */
#define HIDDEN_REGION (NO_REGION - 1)
#define REGION_OF_CALL (NO_REGION - 2)

/* What is known of a code object, or of the definition of a C function (its address + 1). */
typedef struct {
    uintptr_t what; /* 0: a free place */
    timemory_region_t region;
} known_function;

typedef struct {
    PyObject_HEAD PyObject* components; /* a list as a str, or None for nothing */
    PyObject* labeller;
    PyObject* follow; /* called with whether it starts: before it does, and after it has ended */
    int scope;
    int running; /* threads that it was started on and not stopped */
    known_function* known;
    size_t places, used; /* places: a power of two, or 0 */
    uint32_t generation; /* of the regions */
} profiler;

/* A call that a thread is in: its frame, or the C function. Borrowed, only compared. */
typedef struct {
    void* frame;
    timemory_record_t record;
} open_call;

typedef struct {
    profiler* owner; /* whose events are recorded here; NULL: nobody's */
    int starts;      /* how often it was started on this thread */
    open_call* calls;
    size_t count, room;
    size_t recorded;     /* of the calls */
    int hidden;          /* the innermost call hides what it calls */
    Py_tracefunc before; /* the profile function that was there, and its object */
    PyObject* before_object;
} thread_calls;

static __thread thread_calls* mine __attribute__((tls_model("initial-exec"))) = NULL;
static pthread_key_t at_thread_end;

static int trace_c = 0;
static size_t max_stack_depth = 65535;

static int on_event(PyObject* object, PyFrameObject* frame, int what, PyObject* argument);

/* ---- What functions are called ---- */

static known_function* place_of(const profiler* self, uintptr_t what) {
    size_t i = (size_t)((what >> 4) * 0x9E3779B97F4A7C15u >> 20) & (self->places - 1);
    while (self->known[i].what != what && self->known[i].what != 0)
        i = (i + 1) & (self->places - 1);
    return &self->known[i];
}

static void forget_functions(profiler* self) {
    known_function* known = self->known;
    const size_t places = self->places;
    self->known = NULL;
    self->places = self->used = 0;
    for (size_t i = 0; i < places; ++i)
        if ((known[i].what & 1) == 0) Py_XDECREF((PyObject*)known[i].what);
    PyMem_Free(known);
}

/* Keeps code objects alive, so that their addresses mean what they meant. */
static void remember(profiler* self, uintptr_t what, timemory_region_t region) {
    if (self->used * 2 >= self->places) {
        const profiler old = *self;
        const size_t places = old.places != 0 ? old.places * 2 : 256;
        known_function* known = PyMem_Calloc(places, sizeof *known);
        if (known == NULL) return;
        self->known = known;
        self->places = places;
        for (size_t i = 0; i < old.places; ++i)
            if (old.known[i].what != 0) *place_of(self, old.known[i].what) = old.known[i];
        PyMem_Free(old.known);
    }
    known_function* place = place_of(self, what);
    if (place->what == what) return; /* another thread was here meanwhile */
    *place = (known_function){what, region};
    ++self->used;
    if ((what & 1) == 0) Py_INCREF((PyObject*)what);
}

/* Asks for the label: a str; None or False for a function that is not recorded, alone or with what
 * it calls; True for one that is to be asked for with the frame of each call. Returns 0 and leaves
 * an exception where the program is being interrupted. */
static timemory_region_t ask(profiler* self, PyObject* function, PyObject* frame) {
    timemory_region_t region = NO_REGION;
    PyObject* label = PyObject_CallFunctionObjArgs(self->labeller, function, frame, NULL);
    if (label == Py_True)
        region = REGION_OF_CALL;
    else if (label == Py_False)
        region = HIDDEN_REGION;
    else if (label != NULL && label != Py_None)
        region = find_region(label, self->components);
    Py_XDECREF(label);
    if (PyErr_Occurred()) region = survive_failure() < 0 ? 0 : NO_REGION;
    return region;
}

/* The region of a call; 0 with an exception set. `function` is a code object or a C function. */
static timemory_region_t region_of(profiler* self, PyObject* function, uintptr_t what,
                                   PyFrameObject* frame) {
    if (self->generation != region_generation) {
        forget_functions(self);
        self->generation = region_generation;
    }
    const known_function* known = self->places != 0 ? place_of(self, what) : NULL;
    timemory_region_t region = known != NULL && known->what == what ? known->region : 0;
    if (region != 0 && region != REGION_OF_CALL) return region;
    const pending_exception pending = put_exception_aside();
    if (region == 0) {
        region = ask(self, function, Py_None);
        /* The first use of the library changes the generation. */
        if (region != 0 && self->generation == region_generation) remember(self, what, region);
    }
    if (region == REGION_OF_CALL) region = ask(self, function, (PyObject*)frame);
    if (region != 0) bring_exception_back(pending);
    return region;
}

/* ---- The calls of a thread ---- */

static void end_innermost(thread_calls* calls) {
    const timemory_record_t record = calls->calls[--calls->count].record;
    calls->hidden = 0;
    if (record == TIMEMORY_NO_RECORD) return;
    --calls->recorded;
    end_region(record);
}

static int begin_call(thread_calls* calls, profiler* self, void* id, PyObject* function,
                      uintptr_t what, PyFrameObject* frame) {
    if (calls->hidden) return 0;
    if (calls->count == calls->room) {
        const size_t room = calls->room != 0 ? calls->room * 2 : 64;
        open_call* more = realloc(calls->calls, room * sizeof *more);
        if (more == NULL) return 0;
        calls->calls = more;
        calls->room = room;
    }
    timemory_region_t region = NO_REGION;
    if ((timemory_active & TIMEMORY_RECORDING) != 0 && calls->recorded < max_stack_depth) {
        region = region_of(self, function, what, frame);
        if (region == 0) return -1;
    }
    timemory_record_t record = TIMEMORY_NO_RECORD;
    if (region == HIDDEN_REGION) {
        calls->hidden = 1;
    } else if (region != NO_REGION && !inside_user_component()) {
        follow_task();
        record = timemory_begin_in(self->scope, region);
        calls->recorded += record != TIMEMORY_NO_RECORD;
    }
    calls->calls[calls->count++] = (open_call){id, record};
    return 0;
}

/* A call whose beginning was not seen is left alone; those inside it whose end was not seen,
 * because the program switched stacks, end with it. */
static void end_call(thread_calls* calls, const void* id) {
    size_t depth = calls->count;
    while (depth > 0 && calls->calls[depth - 1].frame != id) --depth;
    while (depth > 0 && calls->count >= depth) end_innermost(calls);
}

/* Ends what is open, and puts the profile function back that was there before. */
static void leave_thread(thread_calls* calls) {
    while (calls->count > 0) end_innermost(calls);
    profiler* owner = calls->owner;
    PyObject* before = calls->before_object;
    const Py_tracefunc function = calls->before;
    calls->owner = NULL;
    calls->before = NULL;
    calls->before_object = NULL;
    calls->starts = 0;
    if (PyThreadState_Get()->c_profilefunc == on_event) {
        PyEval_SetProfile(function, before);
    } else {
        static int told = 0;
        if (!told)
            fputs(
                "timemory: profiler: the program has set another profile function; the calls since "
                "then are not in the result\n",
                stderr);
        told = 1;
    }
    Py_XDECREF(before);
    Py_XDECREF(owner);
}

static int on_event(PyObject* object, PyFrameObject* frame, int what, PyObject* argument) {
    profiler* self = (profiler*)object;
    thread_calls* calls = mine;
    if (calls == NULL || calls->owner != self) return 0;
    if (what == PyTrace_RETURN) {
        end_call(calls, frame);
    } else if (self->running == 0) {
        leave_thread(calls); /* it was stopped on the thread that started it */
    } else if (what == PyTrace_CALL) {
        PyCodeObject* code = PyFrame_GetCode(frame);
        const int failed = begin_call(calls, self, frame, (PyObject*)code, (uintptr_t)code, frame);
        Py_DECREF(code);
        return failed;
    } else if (trace_c && PyCFunction_Check(argument)) {
        const uintptr_t definition = (uintptr_t)((PyCFunctionObject*)argument)->m_ml | 1;
        if (what == PyTrace_C_CALL)
            return begin_call(calls, self, argument, argument, definition, frame);
        if (what == PyTrace_C_RETURN || what == PyTrace_C_EXCEPTION) end_call(calls, argument);
    }
    return 0;
}

/* ---- Threads and forks ---- */

static void thread_ended(void* memory) {
    thread_calls* calls = memory;
    free(calls->calls);
    free(calls);
}

/* What the parent has open is not the child's. */
static void after_fork(void) {
    if (mine == NULL) return;
    for (size_t i = 0; i < mine->count; ++i) mine->calls[i].record = TIMEMORY_NO_RECORD;
    mine->recorded = 0;
}

static void prepare(void) {
    pthread_key_create(&at_thread_end, thread_ended);
    pthread_atfork(NULL, NULL, after_fork);
}

/* Records on this thread from now on. Returns -1 with an exception set. */
static int enter_thread(profiler* self) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare);
    if (mine == NULL) {
        mine = calloc(1, sizeof *mine);
        if (mine == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        pthread_setspecific(at_thread_end, mine);
    }
    const PyThreadState* thread = PyThreadState_Get();
    Py_INCREF(self);
    mine->owner = self;
    mine->starts = 1;
    if (thread->c_profilefunc != on_event) {
        mine->before = thread->c_profilefunc;
        mine->before_object = thread->c_profileobj;
        Py_XINCREF(mine->before_object);
    }
    PyEval_SetProfile(on_event, (PyObject*)self);
    return 0;
}

/* ---- The type ---- */

static PyObject* start(PyObject* object, PyObject* Py_UNUSED(nothing)) {
    profiler* self = (profiler*)object;
    if (mine != NULL && mine->owner != NULL) {
        if (mine->owner->running > 0 && PyThreadState_Get()->c_profilefunc == on_event) {
            ++mine->starts;
            Py_RETURN_NONE;
        }
        leave_thread(mine);
    }
    PyObject* done = PyObject_CallFunctionObjArgs(self->follow, object, Py_True, NULL);
    if (done == NULL || enter_thread(self) < 0) {
        Py_XDECREF(done);
        return NULL;
    }
    ++self->running;
    return done;
}

static PyObject* stop(PyObject* Py_UNUSED(object), PyObject* Py_UNUSED(nothing)) {
    if (mine == NULL || mine->owner == NULL || --mine->starts > 0) Py_RETURN_NONE;
    profiler* owner = mine->owner;
    Py_INCREF(owner);
    if (owner->running > 0) --owner->running;
    leave_thread(mine);
    PyObject* done = PyObject_CallFunctionObjArgs(owner->follow, owner, Py_False, NULL);
    Py_DECREF(owner);
    return done;
}

/* What threading.setprofile() takes: a function of (frame, event, argument), which puts on_event()
 * in its own place. */
static PyObject* hook(PyObject* object, PyObject* arguments) {
    profiler* self = (profiler*)object;
    PyObject *frame, *argument;
    const char* event;
    if (!PyArg_ParseTuple(arguments, "OsO:hook", &frame, &event, &argument)) return NULL;
    if (self->running == 0) {
        PyEval_SetProfile(NULL, NULL);
        Py_RETURN_NONE;
    }
    PyEval_SetProfile(NULL, NULL); /* not to be put back */
    if (enter_thread(self) < 0) return NULL;
    if (strcmp(event, "call") == 0 &&
        on_event(object, (PyFrameObject*)frame, PyTrace_CALL, argument) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject* profiler_new(PyTypeObject* type, PyObject* arguments, PyObject* named) {
    static char* names[] = {"components", "scope", "labeller", "follow", NULL};
    PyObject *components, *labeller, *follow;
    int scope;
    if (!PyArg_ParseTupleAndKeywords(arguments, named, "OiOO:profiler", names, &components, &scope,
                                     &labeller, &follow))
        return NULL;
    profiler* self = (profiler*)type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    Py_INCREF(components);
    Py_INCREF(labeller);
    Py_INCREF(follow);
    self->components = components;
    self->labeller = labeller;
    self->follow = follow;
    self->scope = scope;
    return (PyObject*)self;
}

static void profiler_dealloc(PyObject* object) {
    profiler* self = (profiler*)object;
    forget_functions(self);
    Py_XDECREF(self->components);
    Py_XDECREF(self->labeller);
    Py_XDECREF(self->follow);
    Py_TYPE(object)->tp_free(object);
}

static PyMethodDef methods[] = {
    {"start", start, METH_NOARGS,
     PyDoc_STR("Record the calls of this thread, if none does already.")},
    {"stop", stop, METH_NOARGS, PyDoc_STR("End what start() began.")},
    {"hook", hook, METH_VARARGS, PyDoc_STR("What threading.setprofile() takes.")},
    {NULL, NULL, 0, NULL},
};

PyTypeObject profiler_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "timemory._timemory.profiler",
    .tp_basicsize = sizeof(profiler),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = profiler_new,
    .tp_dealloc = profiler_dealloc,
    .tp_methods = methods,
    .tp_doc = PyDoc_STR("Records each call of a Python function."),
};

PyObject* configure_profiler(PyObject* Py_UNUSED(module), PyObject* arguments) {
    Py_ssize_t depth;
    if (!PyArg_ParseTuple(arguments, "pn:configure_profiler", &trace_c, &depth)) return NULL;
    max_stack_depth = depth > 0 ? (size_t)depth : 0;
    forget_regions();
    Py_RETURN_NONE;
}
