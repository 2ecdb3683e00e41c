/* timemory for libraries that intercept others: libtimemory-mpip and libtimemory-cupti are built on
 * it.
 *
 * Beside the call tree there are tables. A row of a table is a tuple of keys and a distribution of
 * one quantity: how many values, their sum, squares, least and greatest. A library adds values to
 * rows of the calling thread; rows of all threads, processes and ranks with equal keys become one.
 * Which tables there are, what their keys are and what is made of them is declared in one place:
 * runtime/profile/table_list.cpp.
 *
 * Every function may be called from any thread. C99.
 */

#ifndef TIMEMORY_TOOLS_H
#define TIMEMORY_TOOLS_H

#include <timemory/timemory.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Initialises the library as timemory_init() does, for a tool in a program that may know nothing of
 * timemory: unless the program initialises it itself, before or later, what would be printed on
 * stdout goes to stderr. */
TIMEMORY_API void timemory_init_tool(void);

/* A call path of this process: what a region that is open is booked at. 0: none. */
typedef uint32_t timemory_path_t;

/* As timemory_enter(), and says at which call path; 0 where nothing is recorded. */
TIMEMORY_API timemory_path_t timemory_enter_path(timemory_region_t region);

/* As timemory_leave(), and says how many nanoseconds the region was open: -1 if it was not
 * recorded. */
TIMEMORY_API int64_t timemory_leave_lap(timemory_region_t region);

/* The call path of the innermost region that is open on the calling thread; 0: none. */
TIMEMORY_API timemory_path_t timemory_current_path(void);

/* Books a lap of `region` below `parent`, a path of any thread of this process (0: at the top), in
 * the tree of the calling thread. `fields` are those of the region's components, see
 * timemory_describe_field(). Returns the path of the lap; 0 where nothing is recorded. Costs some
 * 100 ns the first time, then some 10 ns a level between the path and the top. */
TIMEMORY_API timemory_path_t timemory_book_below(timemory_path_t parent, timemory_region_t region,
                                                 const int64_t* fields);

/* The components that a tool measures by the settings, as a list for timemory_region(); "," if that
 * is nothing. `tool` is "trace", "profiler" or "mpip". Writes at most `size` bytes with the
 * terminating zero and returns the length, or -1 for another name. */
TIMEMORY_API int timemory_tool_components(const char* tool, char* list, size_t size);

/* Calls `function` whenever results of this process are about to be taken: by timemory_finalize(),
 * in MPI_Finalize, at exit (`last` is 1), by timemory_report() and timemory_get() (0). It is to
 * book what it has and may wait for a thread of its own that does, but for no other. Given twice, a
 * function is called once. There is room for some few; -1 if it is used up. */
TIMEMORY_API int timemory_before_results(void (*function)(int last));

/* Ends the recording and writes what was recorded, as an exit without MPI_Finalize does: before the
 * process is ended where nothing of ours runs any more, as by MPI_Abort. Waits neither for other
 * ranks nor for a thread that is just writing results. */
TIMEMORY_API void timemory_before_abort(void);

/* Sets what the component "cuda_event" or "nvtx_marker" does: `open` is called when a region that
 * has it begins, with the region's name, and `close` when it ends, with what `open` said; the value
 * of the lap is what `close` says (ns; of nvtx_marker a count). Both are called on the program's
 * threads, and are not to throw. Once for each; -1 for another name. */
TIMEMORY_API int timemory_set_bracket(const char* component, int64_t (*open)(const char* region),
                                      int64_t (*close)(int64_t opened));

/* Counts something that could not be recorded, by the name of its cause (record/losses.hpp): it
 * stands among the losses of the result, and one line of the job says it. -1 if there is no such
 * cause. For any thread; takes some ten ns. */
TIMEMORY_API int timemory_count_loss(const char* cause, uint64_t events);

/* A table, by its name; -1 if there is none. */
TIMEMORY_API int timemory_table(const char* name);

/* The number that stands for a text in a key. The text is copied. Takes a lock: keep the number. */
TIMEMORY_API int64_t timemory_text(const char* text);

/* Some instructions that are called for each event. */
#define TIMEMORY_ALWAYS_INLINE static inline __attribute__((always_inline))

/* The values of a row. Written by the thread that it belongs to alone, and read by others
 * meanwhile: use timemory_add_value() or timemory_add_time(). While all values are equal, the sum
 * and the squares are not kept: they follow from the count. */
typedef struct timemory_row {
    uint64_t count;
    uint64_t sum_low, sum_high; /* 128 bits */
    uint64_t squares_low, squares_high;
    int64_t min, max;
} timemory_row;

/* The calling thread's row of a table with these keys, one number for each key of the recorded
 * table: of a path a timemory_path_t of this thread, of a text its timemory_text(). (Ranks are no
 * keys here: they are those of the processes.) It is made if it is not there. Stays valid on this
 * thread as long as the thread and the process live; not in the child of a fork. NULL where there
 * is no memory for it, which is counted in the result; where nothing is recorded; or where `count`
 * is not the number of the table's keys. Costs some 50 ns: keep the pointer. */
TIMEMORY_API timemory_row* timemory_row_of(int table, const int64_t* keys, size_t count);

/* Adds `times` equal values to a row of the calling thread that is not only of equal ones. */
static inline void timemory_add_values(timemory_row* row, int64_t value, uint64_t times) {
    const __int128 sum = (__int128)((unsigned __int128)row->sum_high << 64 | row->sum_low) +
                         (__int128)value * (__int128)times;
    const unsigned __int128 squares =
        ((unsigned __int128)row->squares_high << 64 | row->squares_low) +
        (unsigned __int128)((__int128)value * value) * times;
    __atomic_store_n(&row->sum_low, (uint64_t)sum, __ATOMIC_RELAXED);
    __atomic_store_n(&row->sum_high, (uint64_t)((unsigned __int128)sum >> 64), __ATOMIC_RELAXED);
    __atomic_store_n(&row->squares_low, (uint64_t)squares, __ATOMIC_RELAXED);
    __atomic_store_n(&row->squares_high, (uint64_t)(squares >> 64), __ATOMIC_RELAXED);
}

/* Adds a value to a row of the calling thread, of which not all are equal. */
__attribute__((noinline, cold)) static void timemory_add_another(timemory_row* row, int64_t value) {
    const uint64_t count = row->count;
    if (count > 0 && row->min == row->max) timemory_add_values(row, row->min, count);
    if (count > 0) timemory_add_values(row, value, 1);
    if (value < row->min) __atomic_store_n(&row->min, value, __ATOMIC_RELAXED);
    if (value > row->max) __atomic_store_n(&row->max, value, __ATOMIC_RELAXED);
}

/* Adds a value that is equal to all that a row of the calling thread has: min and max are it. */
TIMEMORY_ALWAYS_INLINE void timemory_add_equal(timemory_row* row) {
    __atomic_store_n(&row->count, row->count + 1, __ATOMIC_RELEASE);
}

/* Adds a value to a row of the calling thread. 1 ns where all values so far are equal to it, 5 ns
 * else. */
static inline void timemory_add_value(timemory_row* row, int64_t value) {
    if (__builtin_expect(value != row->min || value != row->max, 0))
        timemory_add_another(row, value);
    timemory_add_equal(row);
}

/* The same without the squares, for values that are hardly ever equal, such as times: 2 ns. All
 * values of a row are added in one of the two ways. */
TIMEMORY_ALWAYS_INLINE void timemory_add_time(timemory_row* row, int64_t ns) {
    const uint64_t sum = row->sum_low + (uint64_t)ns; /* of 580 years */
    __atomic_store_n(&row->sum_low, sum, __ATOMIC_RELAXED);
    if (__builtin_expect(ns < row->min, 0)) __atomic_store_n(&row->min, ns, __ATOMIC_RELAXED);
    if (__builtin_expect(ns > row->max, 0)) __atomic_store_n(&row->max, ns, __ATOMIC_RELAXED);
    __atomic_store_n(&row->count, row->count + 1, __ATOMIC_RELEASE);
}

/* The bucket of a value in a histogram: 0 for values below 1; four buckets from each power of two
 * to the next, exact below 8. Buckets of equal numbers may be added up. */
static inline int timemory_bucket(int64_t value) {
    const uint64_t v = value > 0 ? (uint64_t)value : 0;
    const int shift = 61 - __builtin_clzll(v | 4);
    return shift * 4 + (int)(v >> shift);
}

/* The least value of a bucket. */
static inline int64_t timemory_bucket_begin(int bucket) {
    if (bucket < 8) return bucket;
    return (int64_t)((uint64_t)(4 + bucket % 4) << (bucket / 4 - 1));
}

/* How often there were values of each bucket; greater ones are in the last. The value that was
 * counted last is kept apart until the next one is: a bucket that follows from a lap just measured
 * would hold up the next reading of the clock by some 6 ns. */
#define TIMEMORY_BUCKETS 168 /* of times to 2.4 hours */
typedef struct timemory_histogram {
    int64_t last; /* -1: none */
    uint64_t counts[TIMEMORY_BUCKETS];
} timemory_histogram;

/* As timemory_row_of(), of a table of histograms. */
TIMEMORY_API timemory_histogram* timemory_histogram_of(int table, const int64_t* keys,
                                                       size_t count);

/* Counts a value that is not negative in a histogram of the calling thread. 1 ns. */
TIMEMORY_ALWAYS_INLINE void timemory_count_value(timemory_histogram* histogram, int64_t value) {
    if (__builtin_expect(histogram->last >= 0, 1)) {
        const unsigned bucket = (unsigned)timemory_bucket(histogram->last);
        uint64_t* count = &histogram->counts[bucket];
        if (__builtin_expect(bucket >= TIMEMORY_BUCKETS, 0))
            count = &histogram->counts[TIMEMORY_BUCKETS - 1];
        __atomic_store_n(count, *count + 1, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&histogram->last, value, __ATOMIC_RELEASE);
}

/* A format of timemory_get_from(): the tables of a result that was read, by columns, as JSON. */
enum { TIMEMORY_TABLES = 5 };

/* Nanoseconds since 1970 on the clock of wall_clock. */
TIMEMORY_API int64_t timemory_clock(void);

#ifdef __cplusplus
}
#endif

#endif
