#include "regions.h"

cached_region region_cache[cached_regions];
uint32_t region_generation = 0;

static void forget(cached_region* place) {
    cached_region old = *place;
    memset(place, 0, sizeof *place);
    for (Py_ssize_t i = 0; i < old.count; ++i) Py_XDECREF(old.items[i]);
    Py_XDECREF(old.key);
    Py_XDECREF(old.components);
}

void keep_region(cached_region* place, PyObject* const* items, Py_ssize_t count, PyObject* key,
                 PyObject* components) {
    forget(place);
    for (Py_ssize_t i = 0; i < count; ++i) {
        Py_INCREF(items[i]);
        place->items[i] = items[i];
    }
    Py_INCREF(key);
    Py_INCREF(components);
    place->count = count;
    place->key = key;
    place->components = components;
}

void forget_regions(void) {
    ++region_generation;
    for (size_t i = 0; i < cached_regions; ++i) forget(&region_cache[i]);
}

int reports_all(void) {
    static int reports = -1;
    static uint32_t generation = 0;
    if (reports < 0 || generation != region_generation) {
        char value[8] = "";
        timemory_get_setting("destructor_report", value, sizeof value);
        reports = strcmp(value, "true") == 0;
        generation = region_generation;
    }
    return reports;
}

PyObject* call_slow(const char* function, const char* format, ...) {
    PyObject* module = PyImport_ImportModule("timemory._slow");
    if (module == NULL) return NULL;
    PyObject* callable = PyObject_GetAttrString(module, function);
    Py_DECREF(module);
    if (callable == NULL) return NULL;
    va_list values;
    va_start(values, format);
    PyObject* arguments = Py_VaBuildValue(format, values);
    va_end(values);
    PyObject* result = arguments != NULL ? PyObject_CallObject(callable, arguments) : NULL;
    Py_XDECREF(arguments);
    Py_DECREF(callable);
    return result;
}

int survive_failure(void) {
    static int told = 0;
    if (!PyErr_ExceptionMatches(PyExc_Exception)) return -1;
    pending_exception pending = put_exception_aside();
    if (!told) {
        told = 1;
        fputs("timemory: a region is not measured, because of this error:\n", stderr);
        fflush(stderr);
        bring_exception_back(pending);
        PyErr_PrintEx(0);
        return 0;
    }
    bring_exception_back(pending);
    PyErr_Clear();
    return 0;
}

timemory_region_t find_region(PyObject* label, PyObject* components) {
    /* Set when it is done, not before: other threads come here meanwhile, and whoever is first to
     * ask the library for a region names the output folder. */
    static int initialised = 0;
    if (!initialised) {
        PyObject* done = call_slow("first_use", "()");
        initialised = 1;
        if (done == NULL) return 0;
        Py_DECREF(done);
    }
    if (components == Py_None) return NO_REGION;
    const char* list = PyUnicode_AsUTF8(components);
    if (list == NULL) return 0;
    /* Labels with surrogates or zeros need a form that the C ABI can take. */
    Py_ssize_t length = 0;
    const char* name = PyUnicode_AsUTF8AndSize(label, &length);
    if (name != NULL && strlen(name) == (size_t)length) return timemory_region(name, list);
    PyErr_Clear();
    PyObject* bytes = call_slow("encoded", "(O)", label);
    if (bytes == NULL) return 0;
    timemory_region_t region = timemory_region(PyBytes_AsString(bytes), list);
    Py_DECREF(bytes);
    return region;
}
