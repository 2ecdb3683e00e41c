/* timemory._timemory: libtimemory's C ABI, and the objects that are in the program's way. */

#include "compatibility.h"
/* Python.h comes first: it chooses what the system's headers declare. */
#include <dlfcn.h>

#include "marker.h"
#include "measured.h"
#include "null_context.h"
#include "profiler.h"
#include "readings.h"
#include "regions.h"
#include "result.h"
#include "termination.h"
#include "timemory/timemory.h"
#include "timemory/tools.h"
#include "user_component.h"

/* ---- Life
 * --------------------------------------------------------------------------------------------------------
 */

static PyObject* init(PyObject* Py_UNUSED(module), PyObject* arguments) {
    if (!PyList_Check(arguments)) {
        PyErr_SetString(PyExc_TypeError, "init takes a list of bytes");
        return NULL;
    }
    const Py_ssize_t count = PyList_GET_SIZE(arguments);
    char** values = PyMem_Calloc((size_t)count + 1, sizeof *values);
    if (values == NULL) return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < count; ++i) {
        values[i] = PyBytes_AsString(PyList_GET_ITEM(arguments, i));
        if (values[i] == NULL) {
            PyMem_Free(values);
            return NULL;
        }
    }
    timemory_init((int)count, values);
    PyMem_Free(values);
    Py_RETURN_NONE;
}

static PyObject* mark_child(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    timemory_mark_child();
    Py_RETURN_NONE;
}

static PyObject* notice_mpi(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    timemory_notice_mpi();
    Py_RETURN_NONE;
}

static PyObject* finalize(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    timemory_notice_mpi();
    timemory_finalize();
    fflush(stdout);
    Py_RETURN_NONE;
}

static PyObject* detach(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    detach_user_components();
    Py_RETURN_NONE;
}

static PyObject* report(PyObject* Py_UNUSED(module), PyObject* folder) {
    const char* path = NULL;
    if (folder != Py_None) {
        path = PyBytes_AsString(folder);
        if (path == NULL) return NULL;
    }
    int failed;
    /* Waits for the other ranks. */
    Py_BEGIN_ALLOW_THREADS timemory_notice_mpi();
    failed = timemory_report(path);
    fflush(stdout);
    Py_END_ALLOW_THREADS return PyBool_FromLong(failed == 0);
}

static PyObject* pause_recording(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    timemory_pause();
    Py_RETURN_NONE;
}

static PyObject* resume_recording(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    timemory_resume();
    Py_RETURN_NONE;
}

static PyObject* is_active(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    return PyBool_FromLong(timemory_active & TIMEMORY_RECORDING);
}

static PyObject* is_initialized(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    return PyBool_FromLong(timemory_library_is_initialized());
}

static PyObject* version(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    return PyUnicode_FromString(timemory_version());
}

static PyObject* library_path(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    Dl_info library;
    if (dladdr((const void*)&timemory_active, &library) == 0 || library.dli_fname == NULL)
        Py_RETURN_NONE;
    return PyUnicode_DecodeFSDefault(library.dli_fname);
}

/* ---- Regions
 * -----------------------------------------------------------------------------------------------------
 */

static PyObject* region(PyObject* Py_UNUSED(module), PyObject* arguments) {
    PyObject *label, *components;
    if (!PyArg_ParseTuple(arguments, "UO:region", &label, &components)) return NULL;
    const timemory_region_t found = find_region(label, components);
    return found == 0 ? NULL : PyLong_FromUnsignedLongLong(found);
}

static PyObject* begin(PyObject* Py_UNUSED(module), PyObject* number) {
    const unsigned long long value = PyLong_AsUnsignedLongLong(number);
    if (value == (unsigned long long)-1 && PyErr_Occurred()) return NULL;
    return PyLong_FromUnsignedLongLong(begin_region(value));
}

static PyObject* end(PyObject* Py_UNUSED(module), PyObject* number) {
    const unsigned long long value = PyLong_AsUnsignedLongLong(number);
    if (value == (unsigned long long)-1 && PyErr_Occurred()) return NULL;
    end_region(value);
    Py_RETURN_NONE;
}

static PyObject* push_region(PyObject* Py_UNUSED(module), PyObject* name) {
    const char* text = PyBytes_AsString(name);
    if (text == NULL) return NULL;
    if (!inside_user_component()) {
        follow_task();
        timemory_push_region(text);
    }
    Py_RETURN_NONE;
}

static PyObject* pop_region(PyObject* Py_UNUSED(module), PyObject* name) {
    const char* text = PyBytes_AsString(name);
    if (text == NULL) return NULL;
    if (!inside_user_component()) {
        follow_task();
        timemory_pop_region(text);
    }
    Py_RETURN_NONE;
}

static PyObject* push_trace(PyObject* Py_UNUSED(module), PyObject* name) {
    const char* text = PyBytes_AsString(name);
    if (text == NULL) return NULL;
    if (inside_user_component()) Py_RETURN_NONE;
    follow_task();
    timemory_push_trace(text);
    Py_RETURN_NONE;
}

static PyObject* pop_trace(PyObject* Py_UNUSED(module), PyObject* name) {
    const char* text = PyBytes_AsString(name);
    if (text == NULL) return NULL;
    if (inside_user_component()) Py_RETURN_NONE;
    follow_task();
    timemory_pop_trace(text);
    Py_RETURN_NONE;
}

static PyObject* is_throttled(PyObject* Py_UNUSED(module), PyObject* name) {
    const char* text = PyBytes_AsString(name);
    return text == NULL ? NULL : PyBool_FromLong(timemory_is_throttled(text));
}

static PyObject* reset_throttle(PyObject* Py_UNUSED(module), PyObject* name) {
    const char* text = PyBytes_AsString(name);
    if (text == NULL) return NULL;
    timemory_reset_throttle(text);
    Py_RETURN_NONE;
}

/* The library is initialised already, and its output named. */
static PyObject* trace_init(PyObject* Py_UNUSED(module), PyObject* components) {
    const char* list = PyUnicode_AsUTF8(components);
    if (list == NULL) return NULL;
    timemory_trace_init(list, 1, NULL);
    Py_RETURN_NONE;
}

static PyObject* default_components(PyObject* arguments, int (*change)(const char*)) {
    const char* list = PyUnicode_AsUTF8(arguments);
    if (list == NULL) return NULL;
    const int failed = change(list);
    forget_regions(); /* those with the default components */
    return PyBool_FromLong(failed == 0);
}

static PyObject* set_default(PyObject* Py_UNUSED(module), PyObject* list) {
    return default_components(list, timemory_set_default);
}

static PyObject* add_components(PyObject* Py_UNUSED(module), PyObject* list) {
    return default_components(list, timemory_add_components);
}

static PyObject* remove_components(PyObject* Py_UNUSED(module), PyObject* list) {
    return default_components(list, timemory_remove_components);
}

static PyObject* push_components(PyObject* Py_UNUSED(module), PyObject* list) {
    return default_components(list, timemory_push_components);
}

static PyObject* pop_components(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    const int failed = timemory_pop_components();
    forget_regions();
    return PyBool_FromLong(failed == 0);
}

/* What a tool measures by the settings. */
static PyObject* tool_components(PyObject* Py_UNUSED(module), PyObject* tool) {
    const char* name = PyUnicode_AsUTF8(tool);
    if (name == NULL) return NULL;
    char list[4096] = "";
    if (timemory_tool_components(name, list, sizeof list) < 0) Py_RETURN_NONE;
    return PyUnicode_DecodeFSDefault(list);
}

static PyObject* create_flow(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    return PyLong_FromUnsignedLongLong(timemory_create_flow());
}

static PyObject* switch_flow(PyObject* Py_UNUSED(module), PyObject* number) {
    const unsigned long long flow = PyLong_AsUnsignedLongLong(number);
    if (flow == (unsigned long long)-1 && PyErr_Occurred()) return NULL;
    follow_task(); /* the flow to come back to is the task's */
    return PyLong_FromUnsignedLongLong(timemory_switch_flow(flow));
}

static PyObject* delete_flow(PyObject* Py_UNUSED(module), PyObject* number) {
    const unsigned long long flow = PyLong_AsUnsignedLongLong(number);
    if (flow == (unsigned long long)-1 && PyErr_Occurred()) return NULL;
    timemory_delete_flow(flow);
    Py_RETURN_NONE;
}

/* ---- Settings, components, results
 * ------------------------------------------------------------------------------- */

static PyObject* describe_settings(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    PyObject* rows = PyList_New(0);
    timemory_setting_info info = {.size = sizeof info};
    for (size_t i = 0; rows != NULL && timemory_describe_setting(i, &info) == 0; ++i) {
        PyObject* row =
            Py_BuildValue("(ssssssss)", info.name, info.environment, info.type, info.standard,
                          info.group, info.description, info.command_line, info.choices);
        if (row == NULL || PyList_Append(rows, row) < 0) Py_CLEAR(rows);
        Py_XDECREF(row);
    }
    return rows;
}

static PyObject* describe_components(PyObject* Py_UNUSED(module), PyObject* first) {
    size_t index = PyLong_AsSize_t(first);
    if (index == (size_t)-1 && PyErr_Occurred()) return NULL;
    PyObject* rows = PyList_New(0);
    timemory_component_info info = {.size = sizeof info};
    for (; rows != NULL && timemory_describe_component(index, &info) == 0; ++index) {
        PyObject* row = Py_BuildValue("(sssssiz)", info.id, info.label, info.description, info.unit,
                                      info.aliases, info.enum_value, info.needs);
        if (row == NULL || PyList_Append(rows, row) < 0) Py_CLEAR(rows);
        Py_XDECREF(row);
    }
    return rows;
}

static PyObject* get_setting(PyObject* Py_UNUSED(module), PyObject* name) {
    const char* text = PyUnicode_AsUTF8(name);
    if (text == NULL) return NULL;
    /* Another thread may assign a longer value between the two calls. */
    for (size_t size = 256;;) {
        char* value = PyMem_Malloc(size);
        if (value == NULL) return PyErr_NoMemory();
        const int length = timemory_get_setting(text, value, size);
        if (length < 0) {
            PyMem_Free(value);
            Py_RETURN_NONE;
        }
        if ((size_t)length < size) {
            PyObject* result = PyUnicode_DecodeFSDefaultAndSize(value, length);
            PyMem_Free(value);
            return result;
        }
        PyMem_Free(value);
        size = (size_t)length + 1;
    }
}

/* Set from "code" or the "command line". None, or what is wrong. */
static PyObject* set_setting(PyObject* Py_UNUSED(module), PyObject* arguments) {
    const char* origin;
    const char* name;
    PyObject* value;
    if (!PyArg_ParseTuple(arguments, "ssO&:set_setting", &origin, &name, PyUnicode_FSConverter,
                          &value))
        return NULL;
    char problem[1024];
    const int failed =
        timemory_set_setting_from(origin, name, PyBytes_AS_STRING(value), problem, sizeof problem);
    Py_DECREF(value);
    forget_regions(); /* the default components and auto_timer's are settings */
    if (failed == 0) Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(problem, (Py_ssize_t)strlen(problem), "replace");
}

/* The value as the library has it, for what a setting accepts; else a ValueError, returned. */
static PyObject* check_setting(PyObject* Py_UNUSED(module), PyObject* arguments) {
    const char* name;
    PyObject* value;
    if (!PyArg_ParseTuple(arguments, "sO&:check_setting", &name, PyUnicode_FSConverter, &value))
        return NULL;
    char text[4096];
    const int wrong = timemory_check_setting(name, PyBytes_AS_STRING(value), text, sizeof text);
    Py_DECREF(value);
    PyObject* result = PyUnicode_DecodeFSDefault(text);
    if (wrong == 0 || result == NULL) return result;
    PyObject* error = PyObject_CallFunctionObjArgs(PyExc_ValueError, result, NULL);
    Py_DECREF(result);
    return error;
}

/* Where files of this label are written, or looked for, without extension. */
static PyObject* file_name(PyObject* Py_UNUSED(module), PyObject* arguments) {
    int input;
    PyObject *folder, *label;
    if (!PyArg_ParseTuple(arguments, "pO&O&:file_name", &input, PyUnicode_FSConverter, &folder,
                          PyUnicode_FSConverter, &label))
        return NULL;
    char path[4096];
    const int length =
        timemory_file_name(input ? TIMEMORY_INPUT : TIMEMORY_OUTPUT, PyBytes_AS_STRING(folder),
                           PyBytes_AS_STRING(label), path, sizeof path);
    Py_DECREF(folder);
    Py_DECREF(label);
    if (length < 0 || (size_t)length >= sizeof path) {
        PyErr_SetString(PyExc_OSError, "the path is too long");
        return NULL;
    }
    return PyUnicode_DecodeFSDefaultAndSize(path, length);
}

static PyObject* explain_settings(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    char* text = NULL;
    if (timemory_explain_settings(&text) != 0) Py_RETURN_NONE;
    PyObject* result = PyUnicode_DecodeFSDefault(text);
    timemory_free(text);
    return result;
}

static PyObject* setting_origin(PyObject* Py_UNUSED(module), PyObject* name) {
    const char* text = PyUnicode_AsUTF8(name);
    if (text == NULL) return NULL;
    char origin[4096];
    if (timemory_setting_origin(text, origin, sizeof origin) < 0) Py_RETURN_NONE;
    return PyUnicode_DecodeFSDefault(origin);
}

/* True, or False after one line on stderr for each thing that is wrong in the file. */
static PyObject* read_config(PyObject* Py_UNUSED(module), PyObject* path) {
    PyObject* bytes = NULL;
    if (!PyUnicode_FSConverter(path, &bytes)) return NULL;
    const int failed = timemory_read_config(PyBytes_AS_STRING(bytes));
    Py_DECREF(bytes);
    forget_regions();
    return PyBool_FromLong(failed == 0);
}

static PyObject* get(PyObject* Py_UNUSED(module), PyObject* arguments) {
    int format;
    const char* components;
    if (!PyArg_ParseTuple(arguments, "iz:get", &format, &components)) return NULL;
    char* text = NULL;
    if (timemory_get(format, components, &text) != 0 || text == NULL) Py_RETURN_NONE;
    PyObject* result = PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "backslashreplace");
    timemory_free(text);
    return result;
}

static PyObject* add_metadata(PyObject* Py_UNUSED(module), PyObject* arguments) {
    const char *label, *value;
    if (!PyArg_ParseTuple(arguments, "ss:add_metadata", &label, &value)) return NULL;
    return PyBool_FromLong(timemory_add_metadata(label, value) == 0);
}

static PyObject* get_metadata(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    char* text = NULL;
    if (timemory_get_metadata(&text) != 0 || text == NULL) Py_RETURN_NONE;
    PyObject* result = PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "backslashreplace");
    timemory_free(text);
    return result;
}

static PyObject* write_metadata(PyObject* Py_UNUSED(module), PyObject* mode) {
    const long value = PyLong_AsLong(mode);
    if (value == -1 && PyErr_Occurred()) return NULL;
    return PyBool_FromLong(timemory_write_metadata((int)value) == 0);
}

/* Forgets what was measured of these components; None: of all. */
static PyObject* clear(PyObject* Py_UNUSED(module), PyObject* components) {
    const char* list = components != Py_None ? PyUnicode_AsUTF8(components) : NULL;
    if (components != Py_None && list == NULL) return NULL;
    return PyBool_FromLong(timemory_clear(list) == 0);
}

static PyObject* hash_of(PyObject* Py_UNUSED(module), PyObject* name) {
    const char* text = PyBytes_AsString(name);
    return text == NULL ? NULL : PyLong_FromUnsignedLongLong(timemory_add_hash_id(text));
}

/* The name with this hash, or None. */
static PyObject* hash_identifier(PyObject* Py_UNUSED(module), PyObject* hash) {
    const unsigned long long value = PyLong_AsUnsignedLongLong(hash);
    if (value == (unsigned long long)-1 && PyErr_Occurred()) return NULL;
    const char* name = timemory_hash_name(value);
    if (name == NULL) Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(name, (Py_ssize_t)strlen(name), "backslashreplace");
}

/* None, or what is wrong. */
static PyObject* store(PyObject* Py_UNUSED(module), PyObject* arguments) {
    const char *id, *name;
    PyObject* value;
    if (!PyArg_ParseTuple(arguments, "szO:store", &id, &name, &value)) return NULL;
    follow_task();
    int failed;
    if (strcmp(id, "data_tracker_floating") == 0) {
        const double real = PyFloat_AsDouble(value);
        if (real == -1 && PyErr_Occurred()) return NULL;
        failed = timemory_store_floating(name, real);
    } else {
        PyObject* whole = PyNumber_Index(value);
        if (whole == NULL) return NULL;
        int overflow;
        const long long integer = PyLong_AsLongLongAndOverflow(whole, &overflow);
        Py_DECREF(whole);
        const int is_unsigned = strcmp(id, "data_tracker_unsigned") == 0;
        if (overflow != 0 || (is_unsigned && integer < 0))
            return PyUnicode_FromFormat("%R is no value of %s", value, id);
        failed = is_unsigned ? timemory_store_unsigned(name, (uint64_t)integer)
                             : timemory_store_integer(name, integer);
    }
    if (failed == 0) Py_RETURN_NONE;
    return PyUnicode_FromFormat("a value of %s was not stored; the line on stderr says why", id);
}

/* Whether all can be handled: by the library, not by Python. */
static PyObject* enable_signals(PyObject* Py_UNUSED(module), PyObject* list) {
    enum { most = 128 };
    int signals[most];
    if (!PyList_Check(list) || PyList_GET_SIZE(list) > most) {
        PyErr_SetString(PyExc_TypeError, "enable_signals takes a list of signals");
        return NULL;
    }
    const Py_ssize_t count = PyList_GET_SIZE(list);
    for (Py_ssize_t i = 0; i < count; ++i) {
        const long number = PyLong_AsLong(PyList_GET_ITEM(list, i));
        if (number == -1 && PyErr_Occurred()) return NULL;
        signals[i] = (int)number;
    }
    return PyBool_FromLong(timemory_enable_signal_detection(signals, (size_t)count) == 0);
}

static PyObject* disable_signals(PyObject* Py_UNUSED(module), PyObject* Py_UNUSED(nothing)) {
    timemory_disable_signal_detection();
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"init", init, METH_O, NULL},
    {"finalize", finalize, METH_NOARGS, NULL},
    {"mark_child", mark_child, METH_NOARGS, NULL},
    {"repeat_termination", repeat_termination, METH_NOARGS, NULL},
    {"termination_is_handled", termination_is_handled, METH_NOARGS, NULL},
    {"notice_mpi", notice_mpi, METH_NOARGS, NULL},
    {"detach", detach, METH_NOARGS, NULL},
    {"report", report, METH_O, NULL},
    {"pause", pause_recording, METH_NOARGS, NULL},
    {"resume", resume_recording, METH_NOARGS, NULL},
    {"is_active", is_active, METH_NOARGS, NULL},
    {"is_initialized", is_initialized, METH_NOARGS, NULL},
    {"version", version, METH_NOARGS, NULL},
    {"library_path", library_path, METH_NOARGS, NULL},
    {"region", region, METH_VARARGS, NULL},
    {"begin", begin, METH_O, NULL},
    {"end", end, METH_O, NULL},
    {"push_region", push_region, METH_O, NULL},
    {"pop_region", pop_region, METH_O, NULL},
    {"push_trace", push_trace, METH_O, NULL},
    {"pop_trace", pop_trace, METH_O, NULL},
    {"is_throttled", is_throttled, METH_O, NULL},
    {"reset_throttle", reset_throttle, METH_O, NULL},
    {"trace_init", trace_init, METH_O, NULL},
    {"set_default", set_default, METH_O, NULL},
    {"add_components", add_components, METH_O, NULL},
    {"remove_components", remove_components, METH_O, NULL},
    {"push_components", push_components, METH_O, NULL},
    {"pop_components", pop_components, METH_NOARGS, NULL},
    {"tool_components", tool_components, METH_O, NULL},
    {"configure_profiler", configure_profiler, METH_VARARGS, NULL},
    {"create_flow", create_flow, METH_NOARGS, NULL},
    {"switch_flow", switch_flow, METH_O, NULL},
    {"delete_flow", delete_flow, METH_O, NULL},
    {"describe_settings", describe_settings, METH_NOARGS, NULL},
    {"describe_components", describe_components, METH_O, NULL},
    {"get_setting", get_setting, METH_O, NULL},
    {"set_setting", set_setting, METH_VARARGS, NULL},
    {"setting_origin", setting_origin, METH_O, NULL},
    {"check_setting", check_setting, METH_VARARGS, NULL},
    {"file_name", file_name, METH_VARARGS, NULL},
    {"explain_settings", explain_settings, METH_NOARGS, NULL},
    {"read_config", read_config, METH_O, NULL},
    {"add_component", add_component, METH_VARARGS, NULL},
    {"get", get, METH_VARARGS, NULL},
    {"add_metadata", add_metadata, METH_VARARGS, NULL},
    {"get_metadata", get_metadata, METH_NOARGS, NULL},
    {"write_metadata", write_metadata, METH_O, NULL},
    {"clear", clear, METH_O, NULL},
    {"store", store, METH_VARARGS, NULL},
    {"enable_signals", enable_signals, METH_O, NULL},
    {"disable_signals", disable_signals, METH_NOARGS, NULL},
    {"hash_of", hash_of, METH_O, NULL},
    {"hash_identifier", hash_identifier, METH_O, NULL},
    {"read", read_components, METH_VARARGS, NULL},
    {"lap", lap_between, METH_VARARGS, NULL},
    {"book", book_lap, METH_VARARGS, NULL},
    {"abandon", abandon_region, METH_O, NULL},
    {"describe_fields", describe_fields, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "timemory._timemory",
    .m_doc = PyDoc_STR("The part of the package that is written in C."),
    .m_size = -1,
    .m_methods = functions,
};

/* Before Python 3.9 PyMODINIT_FUNC does not say that it is visible. */
__attribute__((visibility("default"))) PyMODINIT_FUNC PyInit__timemory(void) {
    static const struct {
        const char* name;
        PyTypeObject* type;
    } types[] = {
        {"marker", &marker_type},
        {"auto_timer", &auto_timer_type},
        {"measured", &measured_type},
        {"Result", &result_type},
        {"null_context", &null_context_type},
        {"profiler", &profiler_type},
    };
    PyObject* module = PyModule_Create(&definition);
    if (PyType_Ready(&task_flow_type) < 0) Py_CLEAR(module);
    for (size_t i = 0; module != NULL && i < sizeof types / sizeof *types; ++i) {
        Py_INCREF(types[i].type);
        if (PyType_Ready(types[i].type) < 0 ||
            PyModule_AddObject(module, types[i].name, (PyObject*)types[i].type) < 0)
            Py_CLEAR(module);
    }
    return module;
}
