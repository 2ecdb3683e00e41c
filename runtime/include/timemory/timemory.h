/* timemory: measurement of regions in C, and the base of every other language.
 *
 *     #include <timemory/timemory.h>
 *
 *     int main(int argc, char** argv)
 *     {
 *         timemory_init(argc, argv);
 *         timemory_push_region("solve");
 *         solve();
 *         timemory_pop_region("solve");
 *         timemory_finalize();
 *     }
 *
 * Every function may be called from any thread at any time. Before timemory_init() the first region
 * initialises the library by itself; after timemory_finalize() regions are ignored, counted, and
 * reported in one line at exit. Functions that return int return 0, or -1 after one line on stderr
 * that says what is wrong. No exception ever leaves a function. C99.
 */

#ifndef TIMEMORY_TIMEMORY_H
#define TIMEMORY_TIMEMORY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#    define TIMEMORY_API __attribute__((visibility("default")))
#else
#    define TIMEMORY_API
#endif

/* ---- Life
 * -----------------------------------------------------------------------------------------------------
 */

/* Initialises the library: reads the environment, and names the output folder
 * `timemory-<name>-output` after argv[0] (without `.py` or `.exe`; `_` becomes `-`) unless
 * TIMEMORY_OUTPUT_PATH says otherwise. Calling it again changes nothing but that name. Costs some
 * milliseconds, once: the clock is calibrated. */
TIMEMORY_API void timemory_init(int argc, char** argv);
TIMEMORY_API void timemory_init_library(int argc, char** argv);
TIMEMORY_API void timemory_named_init_library(const char* name);

/* Takes timemory's options out of a command line, and changes *argc and argv accordingly:
 * `--timemory-<setting>=<value>`, `--timemory-<setting> <value>` (with `-` for `_`), and
 * `--timemory-args <setting>=<value>...`. Stops at `--`. An option that is wrong gives one line on
 * stderr and stays in argv; the result is -1 then. To be called before timemory_init(). */
TIMEMORY_API int timemory_parse_arguments(int* argc, char** argv);

/* Ends the recording of this process and writes its results. Under MPI the results are folded over
 * all ranks inside MPI_Finalize instead; this call then only ends the recording. It never waits for
 * other ranks. The second call does nothing. If it is never called, the results are written at
 * exit. */
TIMEMORY_API void timemory_finalize(void);
TIMEMORY_API void timemory_finalize_library(void);
TIMEMORY_API int timemory_library_is_initialized(void);

/* Says that this process was started by one that is measured too, without MPI and in the same
 * folder: its files get its process id in front, and it prints no tables. A child of a fork is one
 * by itself. */
TIMEMORY_API void timemory_mark_child(void);

/* Writes what was measured so far, as finalize would, and goes on recording. The one collective
 * call: with MPI active all ranks must call it. `path` is the output folder, NULL for the setting.
 */
TIMEMORY_API int timemory_report(const char* path);

/* Stops and resumes recording on all threads. Regions begun while paused are not recorded; regions
 * that were open are recorded when they end. */
TIMEMORY_API void timemory_pause(void);
TIMEMORY_API void timemory_resume(void);

/* What is recorded now, as bits; read-only. Without the bits of TIMEMORY_RECORDING nothing is
 * recorded (paused, or TIMEMORY_ENABLED is off), and a region that would begin now may skip its
 * calls. 0 if, besides, no thread has recorded anything yet: then no push or pop can matter. */
TIMEMORY_API extern int timemory_active;
#define TIMEMORY_RECORDING 3

/* ---- Regions
 * --------------------------------------------------------------------------------------------------
 */

/* Begins and ends the region `name` on the calling thread, with the default components. The name is
 * copied when it is first seen; the buffer may be reused. A pop ends the innermost open region of
 * that name, regions opened inside it stay open; a pop without a push is counted and reported. */
TIMEMORY_API void timemory_push_region(const char* name);
TIMEMORY_API void timemory_pop_region(const char* name);
/* Compiled in and switched off, a pair costs two tests instead of two calls. */
#define timemory_push_region(name) \
    (timemory_active != 0 ? timemory_push_region(name) : (void)(name))
#define timemory_pop_region(name) (timemory_active != 0 ? timemory_pop_region(name) : (void)(name))

/* A region known beforehand: a name and its components, looked up once. The cheapest way to
 * measure. `components` is a list separated by comma, semicolon, colon or space; NULL or "" means
 * the default components at the time of the call. An unknown component is left out after one line
 * on stderr. Never 0. Valid until the process ends. */
typedef uint64_t timemory_region_t;
TIMEMORY_API timemory_region_t timemory_region(const char* name, const char* components);

/* Begins and ends `region` on the calling thread. */
TIMEMORY_API void timemory_enter(timemory_region_t region);
TIMEMORY_API void timemory_leave(timemory_region_t region);

/* As timemory_enter(), with a record that may be ended in any order and on another thread, which
 * then books it. TIMEMORY_NO_RECORD while nothing is recorded. Ending a record twice, or
 * TIMEMORY_NO_RECORD, does nothing. */
typedef uint64_t timemory_record_t;
#define TIMEMORY_NO_RECORD UINT64_MAX
TIMEMORY_API timemory_record_t timemory_begin(timemory_region_t region);
TIMEMORY_API void timemory_end(timemory_record_t record);

/* As timemory_begin(), for a region that is flat (under no other) or a timeline (each lap a row of
 * its own) whatever the settings flat_profile and timeline_profile say. `scope` is the sum of: */
enum { TIMEMORY_FLAT = 1, TIMEMORY_TIMELINE = 2 };
TIMEMORY_API timemory_record_t timemory_begin_in(int scope, timemory_region_t region);

/* The names of timemory 3 for the same. With the setting destructor_report the end of a record, as
 * that of a region by name or by timemory_leave(), prints a line on stdout with what the region has
 * come to; timemory_end() does not: it is what other languages build on. */
TIMEMORY_API void timemory_begin_record(const char* name, uint64_t* id);
TIMEMORY_API void timemory_begin_record_types(const char* name, uint64_t* id,
                                              const char* components);
TIMEMORY_API uint64_t timemory_get_begin_record(const char* name);
TIMEMORY_API uint64_t timemory_get_begin_record_types(const char* name, const char* components);
TIMEMORY_API void timemory_end_record(uint64_t id);

/* The components that regions without components of their own get. timemory_set_default() replaces
 * the list that TIMEMORY_COMPONENTS or TIMEMORY_GLOBAL_COMPONENTS gave (else wall_clock); push and
 * pop keep a stack of lists. */
TIMEMORY_API int timemory_set_default(const char* components);
TIMEMORY_API int timemory_add_components(const char* components);
TIMEMORY_API int timemory_remove_components(const char* components);
TIMEMORY_API int timemory_push_components(const char* components);
TIMEMORY_API int timemory_pop_components(void);

/* ---- Readings by hand
 * -----------------------------------------------------------------------------------------------
 */

/* The components of a region, read where the program wants, as the component objects of Python do:
 * a reading at each edge, and the fields of the lap between them. Real numbers are stored as their
 * bits. Each array has room for TIMEMORY_MOST_FIELDS numbers. */
#define TIMEMORY_MOST_FIELDS 64
enum { TIMEMORY_AT_BEGIN = 0, TIMEMORY_AT_END = 1 };

/* Reads the sources of the region's components now; what is not needed at that edge stays 0.
 * Returns the number of readings. Costs what the sources cost. */
TIMEMORY_API int timemory_read(timemory_region_t region, int edge, int64_t* readings);

/* The fields of the lap between two readings. Readings that are all 0 at the beginning give the
 * absolute values at the end. Returns the number of fields. */
TIMEMORY_API int timemory_lap(timemory_region_t region, const int64_t* begin, const int64_t* end,
                              int64_t* fields);

/* What the field `index` of the region's components is; 0, or -1 past the last. */
enum { TIMEMORY_SUM = 0, TIMEMORY_GREATEST = 1, TIMEMORY_QUOTIENT = 2 };
typedef struct timemory_field_info {
    size_t size;           /* sizeof(timemory_field_info), set by the caller */
    const char* component; /* id; lives as long as the library, as the other strings do */
    const char* label;
    const char* unit;  /* as the settings ask for it */
    double unit_value; /* raw units in one `unit` */
    double
        scale; /* of a TIMEMORY_QUOTIENT: it is `scale` × the field two before ÷ the one before */
    int rule;  /* how laps combine; a quotient follows from its parts instead */
    int real;  /* whether the field holds the bits of a double */
    int shown; /* whether results show it; parts of a quotient may not be */
} timemory_field_info;
TIMEMORY_API int timemory_describe_field(timemory_region_t region, size_t index,
                                         timemory_field_info* info);

/* Adds a lap with these fields, one for each field of its components, to an open region: beside
 * what the region itself measures when it ends. On another thread than began it, it counts for the
 * caller's. Does nothing for a record that has ended. */
TIMEMORY_API void timemory_book(timemory_record_t record, const int64_t* fields);

/* Ends a region without measuring it: only what was booked counts. */
TIMEMORY_API void timemory_abandon(timemory_record_t record);

/* ---- Flows
 * ----------------------------------------------------------------------------------------------------
 */

/* What a stack of open regions belongs to: a thread, or a coroutine on it. Each thread starts in a
 * flow of its own, 0. A coroutine library creates a flow per task and switches to it whenever the
 * task runs, so that tasks which interleave never nest in each other. A flow is used by one thread
 * at a time. timemory_switch_flow() returns the flow that was current. */
typedef uint64_t timemory_flow_t;
TIMEMORY_API timemory_flow_t timemory_create_flow(void);
TIMEMORY_API timemory_flow_t timemory_switch_flow(timemory_flow_t flow);
TIMEMORY_API void timemory_delete_flow(timemory_flow_t flow);

/* ---- Traces
 * ----------------------------------------------------------------------------------------------------
 */

/* Regions for instrumentation that can't choose what is worth measuring, by name, with the
 * components of TIMEMORY_TRACE_COMPONENTS (else the default ones). They are throttled: after each
 * TIMEMORY_THROTTLE_COUNT calls of a region on a thread, if these took less than
 * TIMEMORY_THROTTLE_VALUE ns on average, that thread does not record it any more; the calls that
 * are left out are counted and reported. About 100 ns a pair. */
TIMEMORY_API void timemory_push_trace(const char* name);
TIMEMORY_API void timemory_pop_trace(const char* name);

/* The same by a number that stands for the name: its `hash` in the results; 0 is never one. */
TIMEMORY_API uint64_t timemory_add_hash_id(const char* name);
TIMEMORY_API void timemory_push_trace_hash(uint64_t id);
TIMEMORY_API void timemory_pop_trace_hash(uint64_t id);
/* The name of a number: one that was asked for, or a region's; else NULL. Lives as long as the
 * process. */
TIMEMORY_API const char* timemory_hash_name(uint64_t id);

/* Of the calling thread: whether it has stopped recording a region, and starting again. */
TIMEMORY_API int timemory_is_throttled(const char* name);
TIMEMORY_API void timemory_reset_throttle(const char* name);

/* Initialises the library with the components of traces (a list; NULL or "": those of the
 * settings), and names the output after `command` where `read_command_line` is 0. */
TIMEMORY_API void timemory_trace_init(const char* components, int read_command_line,
                                      const char* command);
TIMEMORY_API void timemory_trace_finalize(void);
TIMEMORY_API int timemory_trace_is_initialized(void);

/* ---- Settings
 * -------------------------------------------------------------------------------------------------
 */

/* `name` is a setting's name or its environment variable. */
TIMEMORY_API int timemory_set_setting(const char* name, const char* value);

/* Writes the value and a terminating zero to `value` (at most `size` bytes) and returns its length,
 * or -1. Nothing on stderr. */
TIMEMORY_API int timemory_get_setting(const char* name, char* value, size_t size);

/* The row `index` of the table of settings; 0, or -1 past the last row. The strings live as long as
 * the library. */
typedef struct timemory_setting_info {
    size_t size; /* sizeof(timemory_setting_info), set by the caller */
    const char* name;
    const char* environment;
    const char* type; /* as C++ names it: "bool", "unsigned short", "std::string" */
    const char* standard;
    const char* group;
    const char* description;
    const char* command_line; /* "-C --config": under `timemory-config`; "": only --args has it */
    const char* choices;      /* "op|ai": accepted besides the default; "": anything */
} timemory_setting_info;
TIMEMORY_API int timemory_describe_setting(size_t index, timemory_setting_info* info);

/* The same for languages with exceptions and for command lines: what is wrong goes to `problem` (at
 * most `size` bytes with the terminating zero) instead of stderr. `origin` is "command line" or
 * "code"; of the two the later assignment wins. */
TIMEMORY_API int timemory_set_setting_from(const char* origin, const char* name, const char* value,
                                           char* problem, size_t size);

/* Assigns nothing: `text` gets the value in the form that timemory_get_setting() has it, or, with
 * -1, what is wrong with it. */
TIMEMORY_API int timemory_check_setting(const char* name, const char* value, char* text,
                                        size_t size);

/* Where the value in force came from: "default", "environment", "command line", "code", or a file
 * and its line. Writes at most `size` bytes and returns the length, or -1. */
TIMEMORY_API int timemory_setting_origin(const char* name, char* origin, size_t size);

/* A table of all settings, their values and where they came from. Free it with timemory_free(). */
TIMEMORY_API int timemory_explain_settings(char** text);

/* Assigns what a configuration file says, as timemory_set_setting() would. */
TIMEMORY_API int timemory_read_config(const char* path);

/* ---- Components
 * -----------------------------------------------------------------------------------------------
 */

enum { TIMEMORY_DIFFERENCE = 0, TIMEMORY_HIGH_WATER = 1 };
enum { TIMEMORY_PER_THREAD = 0, TIMEMORY_PER_PROCESS = 1 };

/* A component of the user's own. Exactly one of `read` and `read_real` is set; it is called on the
 * thread that begins or ends a region, must be quick and must not call timemory. A
 * TIMEMORY_DIFFERENCE is measured from begin to end and summed; a TIMEMORY_HIGH_WATER is read at
 * the end, and the greatest counts. Values of a TIMEMORY_PER_PROCESS source are not summed over the
 * threads of a process: the greatest counts. */
typedef struct timemory_component {
    size_t size;             /* sizeof(timemory_component) */
    const char* id;          /* `[A-Za-z_][A-Za-z0-9_]*`, not one of the built-in ids */
    const char* label;       /* file names and the METRIC column; NULL: the id */
    const char* description; /* NULL: the id */
    const char* unit;        /* display unit; NULL: none */
    double unit_value;       /* raw units in one display unit; 0 means 1 */
    int64_t (*read)(void* context);
    double (*read_real)(void* context);
    void* context;
    int kind;  /* TIMEMORY_DIFFERENCE or TIMEMORY_HIGH_WATER */
    int scope; /* TIMEMORY_PER_THREAD or TIMEMORY_PER_PROCESS */
} timemory_component;
TIMEMORY_API int timemory_add_component(const timemory_component* component);

/* Stores a value of the component data_tracker_integer, data_tracker_unsigned or
 * data_tracker_floating: below the innermost region that is open on the calling thread, under
 * `name`, or at that region itself where `name` is NULL. Each value is one lap: the result has how
 * many there were, and their sum, mean, least and greatest. A name is an entry as a region's is:
 * the settings flat_profile, timeline_profile and max_depth apply to it, and with add_secondary=off
 * its value counts at the innermost open region instead, if there is one. -1 if `name` is NULL and
 * no region is open, or if `value` is greater than INT64_MAX. Nothing is stored while nothing is
 * recorded. Costs some 100 ns. */
TIMEMORY_API int timemory_store_integer(const char* name, int64_t value);
TIMEMORY_API int timemory_store_unsigned(const char* name, uint64_t value);
TIMEMORY_API int timemory_store_floating(const char* name, double value);

/* The row `index` of the table of components, built-in first; 0, or -1 past the last. */
typedef struct timemory_component_info {
    size_t size; /* sizeof(timemory_component_info), set by the caller */
    const char* id;
    const char* label;
    const char* description;
    const char* unit;
    const char* aliases; /* separated by spaces */
    int enum_value;      /* number in timemory 3, -1 where it is not known */
    const char* needs;   /* what is missing to measure it here; NULL if it can be measured */
} timemory_component_info;
TIMEMORY_API int timemory_describe_component(size_t index, timemory_component_info* info);

/* ---- Results of this process
 * ---------------------------------------------------------------------------------- */

/* What this process has measured so far, local even under MPI: the tables without banner, the flat
 * JSON document, or the tree JSON document, of the listed components (NULL: all). *text is to be
 * freed with timemory_free(). */
enum {
    TIMEMORY_TEXT = 0,
    TIMEMORY_JSON = 1,
    TIMEMORY_TREE = 2,
    TIMEMORY_CSV = 3,      /* all rows as one table, the numbers in full */
    TIMEMORY_METADATA = 4, /* of a result that was read: its metadata.json; empty if it has none */
};
TIMEMORY_API int timemory_get(int format, const char* components, char** text);

/* ---- Results that were written
 * ---------------------------------------------------------------------------------- */

/* What a file holds, or the files of a folder: timemory.h5, profiles that ranks left (*.timemory),
 * arenas, `<label>.json` (also timemory 3's). Measures nothing, and needs no timemory_init(). */
typedef struct timemory_result timemory_result;

/* Reads it, whole, into memory. NULL if that can't be done; *why, unless it is NULL, then says why
 * in one line. Both are to be freed: timemory_free_result(), timemory_free(). */
TIMEMORY_API timemory_result* timemory_read_result(const char* path, char** why);

/* As timemory_get(), of that result; besides in the format TIMEMORY_TABLES of timemory/tools.h. May
 * be called on several threads at once. */
TIMEMORY_API int timemory_get_from(const timemory_result* result, int format,
                                   const char* components, char** text);

TIMEMORY_API void timemory_free_result(timemory_result* result);
TIMEMORY_API void timemory_free(void* memory);

/* Forgets what was measured of these components so far (NULL: of all). Regions that are open stay
 * open. */
TIMEMORY_API int timemory_clear(const char* components);

/* Where the files of the result `label` are written or, for TIMEMORY_INPUT, looked for, without the
 * extension: the settings output_path and output_prefix, or input_path and input_prefix. `folder`
 * stands for the path if it is not NULL or empty. Writes at most `size` bytes and returns the
 * length, or -1. */
enum { TIMEMORY_OUTPUT = 0, TIMEMORY_INPUT = 1 };
TIMEMORY_API int timemory_file_name(int which, const char* folder, const char* label, char* path,
                                    size_t size);

/* ---- Signals
 * -------------------------------------------------------------------------------------------------
 */

/* Lets these signals give one line on stderr that names the signal and the innermost region that is
 * open on the thread that takes it; then they go on to what was there before, so that exit status
 * and core file are those of the program alone. `count` 0: those of a fault, which are SIGQUIT,
 * SIGILL, SIGABRT, SIGBUS, SIGFPE and SIGSEGV. Signals that the program ignores are left alone, and
 * a handler that it installs later wins. The settings enable_signal_handler and enable_all_signals
 * do the same in timemory_init(); allow_signal_handler=off forbids both, and the result is -1. Ends
 * with timemory_disable_signal_detection(), which takes those of the settings too, or
 * timemory_finalize(). */
TIMEMORY_API int timemory_enable_signal_detection(const int* signals, size_t count);
TIMEMORY_API void timemory_disable_signal_detection(void);

/* ---- Metadata
 * ------------------------------------------------------------------------------------------------
 */

/* Adds a member to `info` in metadata.json, or replaces what an earlier call added. `value` is JSON
 * (`3`, `"text"`, `[1,2]`); what is not JSON is taken as text. Both are copied. */
TIMEMORY_API int timemory_add_metadata(const char* label, const char* value);

/* What metadata.json would hold now. Free it with timemory_free(). */
TIMEMORY_API int timemory_get_metadata(char** text);

/* When metadata.json and functions.json are written: 0 beside other files (the default), -1 never,
 * 1 also if there are no others. TIMEMORY_FILE_OUTPUT=off wins. */
TIMEMORY_API int timemory_write_metadata(int mode);

/* Looks for an MPI that was initialised since, and makes the fold happen inside MPI_Finalize.
 * Called by itself on slow paths (a new region, a new thread); call it where neither happens
 * between MPI_Init and MPI_Finalize. */
TIMEMORY_API void timemory_notice_mpi(void);

/* Version of the library, "4.0.0". */
TIMEMORY_API const char* timemory_version(void);

#ifdef __cplusplus
}
#endif

#endif
