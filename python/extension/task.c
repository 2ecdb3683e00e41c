#include "task.h"

#include "regions.h"

__thread uint64_t seen_context_version __attribute__((tls_model("initial-exec"))) = 0;

/* The flow that this thread was switched to here. */
static __thread timemory_flow_t here __attribute__((tls_model("initial-exec"))) = 0;

/* Hangs on a task, and goes with it. */
typedef struct {
    PyObject_HEAD timemory_flow_t flow;
    unsigned long thread; /* flows belong to a thread; a task stays on the one of its loop */
} task_flow;

static void switch_to(timemory_flow_t flow) {
    if (flow == here) return;
    timemory_switch_flow(flow);
    here = flow;
}

static void task_flow_dealloc(PyObject* object) {
    task_flow* self = (task_flow*)object;
    if (self->thread == PyThread_get_thread_ident()) {
        if (self->flow == here) {
            switch_to(0);
            seen_context_version = UINT64_MAX; /* to be looked at again */
        }
        timemory_delete_flow(self->flow);
    }
    Py_TYPE(object)->tp_free(object);
}

PyTypeObject task_flow_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "timemory._timemory.task_flow",
    .tp_basicsize = sizeof(task_flow),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = task_flow_dealloc,
    .tp_doc = PyDoc_STR("The regions that an asyncio task has open."),
};

/* The value of `module.name`, called with `argument` if that is not NULL; NULL without an error if
 * the program has not imported the module, or anything fails. */
static PyObject* ask(const char* module_name, const char* name, PyObject* argument) {
    PyObject* text = PyUnicode_FromString(module_name);
    PyObject* module = text != NULL ? PyImport_GetModule(text) : NULL;
    PyObject* function = module != NULL ? PyObject_GetAttrString(module, name) : NULL;
    PyObject* result =
        function != NULL ? PyObject_CallFunctionObjArgs(function, argument, NULL) : NULL;
    Py_XDECREF(function);
    Py_XDECREF(module);
    Py_XDECREF(text);
    PyErr_Clear();
    return result;
}

/* The flow of a task, made at its first region; 0 if it can't have one. */
static timemory_flow_t flow_of(PyObject* task) {
    static const char attribute[] = "_timemory_flow";
    timemory_flow_t flow = 0;
    PyObject* known = PyObject_GetAttrString(task, attribute);
    PyErr_Clear();
    if (known != NULL && Py_TYPE(known) == &task_flow_type) {
        if (((task_flow*)known)->thread == PyThread_get_thread_ident())
            flow = ((task_flow*)known)->flow;
    } else if ((flow = timemory_create_flow()) != 0) {
        task_flow* made = PyObject_New(task_flow, &task_flow_type);
        if (made == NULL) {
            timemory_delete_flow(flow);
            flow = 0;
        } else {
            made->flow = flow;
            made->thread = PyThread_get_thread_ident();
            const int failed = PyObject_SetAttrString(task, attribute, (PyObject*)made);
            Py_DECREF(made);
            if (failed != 0) flow = 0; /* a task of another make, without attributes */
        }
        PyErr_Clear();
    }
    Py_XDECREF(known);
    return flow;
}

void follow_task_slowly(void) {
    const pending_exception pending = put_exception_aside();
    timemory_flow_t flow = 0;
    PyObject* loop = ask("asyncio.events", "_get_running_loop", NULL);
    if (loop != NULL && loop != Py_None) {
        PyObject* task = ask("asyncio.tasks", "current_task", loop);
        if (task != NULL && task != Py_None) flow = flow_of(task);
        Py_XDECREF(task);
    }
    Py_XDECREF(loop);
    switch_to(flow);
    seen_context_version = PyThreadState_Get()->context_ver;
    bring_exception_back(pending);
}
