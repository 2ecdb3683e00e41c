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

/* A table, by its name; -1 if there is none. */
TIMEMORY_API int timemory_table(const char* name);

/* The number that stands for a text in a key. The text is copied. Takes a lock: keep the number. */
TIMEMORY_API int64_t timemory_text(const char* text);

/* The values of a row. Written by the thread that it belongs to alone, and read by others
 * meanwhile: use timemory_add_value(). */
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

/* Adds a value to a row of the calling thread. Some 2 ns. */
static inline void timemory_add_value(timemory_row* row, int64_t value) {
    const uint64_t low = row->sum_low;
    const uint64_t sum = low + (uint64_t)value;
    const unsigned __int128 square =
        (unsigned __int128)((__int128)value * (__int128)value); /* never negative */
    const uint64_t squares = row->squares_low + (uint64_t)square;
    const uint64_t high = (uint64_t)(square >> 64) + (squares < (uint64_t)square);
    __atomic_store_n(&row->sum_low, sum, __ATOMIC_RELAXED);
    if ((value < 0) != (sum < low)) /* a carry that the sign does not take back */
        __atomic_store_n(&row->sum_high, row->sum_high + (value < 0 ? UINT64_MAX : 1),
                         __ATOMIC_RELAXED);
    __atomic_store_n(&row->squares_low, squares, __ATOMIC_RELAXED);
    if (high != 0) __atomic_store_n(&row->squares_high, row->squares_high + high, __ATOMIC_RELAXED);
    if (value < row->min) __atomic_store_n(&row->min, value, __ATOMIC_RELAXED);
    if (value > row->max) __atomic_store_n(&row->max, value, __ATOMIC_RELAXED);
    __atomic_store_n(&row->count, row->count + 1, __ATOMIC_RELEASE);
}

/* The bucket of a value in a histogram: 0 for values below 1; four buckets from each power of two
 * to the next, exact below 8. Buckets of equal numbers may be added up. */
static inline int timemory_bucket(int64_t value) {
    if (value < 1) return 0;
    if (value < 8) return (int)value;
    const int power = 63 - __builtin_clzll((unsigned long long)value);
    return (power - 1) * 4 + (int)((uint64_t)value >> (power - 2) & 3);
}

/* The least value of a bucket. */
static inline int64_t timemory_bucket_begin(int bucket) {
    if (bucket < 8) return bucket;
    return (int64_t)((uint64_t)(4 + bucket % 4) << (bucket / 4 - 1));
}

/* Nanoseconds since 1970 on the clock of wall_clock. */
TIMEMORY_API int64_t timemory_clock(void);

#ifdef __cplusplus
}
#endif

#endif
