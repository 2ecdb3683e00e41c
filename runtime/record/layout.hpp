// The layout of what is recorded: the structures that live in the arena.
//
// They refer to each other by `ref`, never by pointer, and their strings lie beside them, so that
// another process can read the same bytes at another address. Widths are fixed, and words that a
// reader may see while they change are atomic. Version 5.
//
// A lap is booked by redo: its new values are written to the recorder's journal, committed by
// making `sequence` odd, applied to the block, and finished by making `sequence` even. A reader
// that finds an odd number takes the values of `target` from the journal. So a thread that dies at
// any instruction leaves no half-booked lap.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "measure/bundle.hpp"
#include "timemory/tools.h"

namespace tim {

/// Position in the arena, in units of 16 bytes; 0 is none.
using ref = std::uint32_t;

inline constexpr std::uint32_t layout_version = 6;
inline constexpr std::uint64_t layout_magic = 0x3179726f6d656d74;  // "tmemory1"
inline constexpr std::size_t ref_unit = 16;

/// A string: `length` bytes behind the header, and a terminating zero.
struct string_record {
    std::uint32_t length;
    std::uint32_t unused;
    char text[8];  ///< the first of them
};

/// Sum, squares, least and greatest of one field. 128-bit numbers as two words, low first. Of a
/// double the bits, in the low word. An empty field has min > max.
struct field_record {
    std::atomic<std::uint64_t> sum_low, sum_high;
    std::atomic<std::uint64_t> squares_low, squares_high;
    std::atomic<std::int64_t> min, max;
};
static_assert(sizeof(field_record) == 48);

/// The values of one bundle at one node.
struct alignas(64) block_record {
    ref next;  ///< block of another bundle at the same node
    std::uint16_t bundle;
    std::uint16_t fields;
    std::atomic<std::uint64_t> laps;
    field_record field[1];  ///< the first of `fields`
};
static_assert(sizeof(block_record) == 64);

/// Where a region is booked: a node and one of its blocks, as one word.
struct place_record {
    ref block = 0;
    ref node = 0;
};
static_assert(sizeof(place_record) == 8);

/// A call path. Immutable once it is linked to its parent, but for the links to children, siblings
/// and blocks.
struct alignas(64) node_record {
    std::uint64_t hash;  ///< path identity, see path_hash()
    ref parent;
    ref name;  ///< string_record
    std::atomic<ref> first_child;
    std::atomic<ref> next_sibling;
    std::atomic<ref> first_block;
    std::uint16_t kind;  ///< path_kind
    std::uint16_t depth;
    ref last_child;  ///< for the recorder alone
    /// Of a lap that stands apart: which one of its path, from 0. Of a region: how many of its laps
    /// stand apart.
    std::uint32_t lap;
    // Of a lap that stands apart, in ticks; `end` is 0 while it is open.
    std::atomic<std::int64_t> begin;
    std::atomic<std::int64_t> end;
    std::uint64_t unused;
};
static_assert(sizeof(node_record) == 64);

/// An open region, on the stack of its flow.
struct frame_record {
    std::atomic<std::uint64_t> region;  ///< 0: ended out of order, to be dropped when it is on top
    std::atomic<std::uint64_t> place;   ///< place_record: what is booked when it ends
    /// The frame below in the low half; in the high half a serial number that tells a record from
    /// an older one at the same place, 0 where the region is no record.
    std::atomic<std::uint64_t> link;
    std::atomic<std::int64_t> begin[1];  ///< the readings, bundle::values of them
};

/// Bytes of a frame with `values` readings.
constexpr std::size_t frame_size(unsigned values) noexcept {
    return (24 + values * sizeof(std::int64_t) + ref_unit - 1) / ref_unit * ref_unit;
}

/// The lap that is being booked.
struct alignas(64) journal_record {
    std::atomic<std::uint64_t> sequence;
    /// The block_record. With `only_low_words` the lap changes nothing but the laps and the low
    /// words of the first field's sum and squares, and only these are in the journal.
    std::atomic<std::uint64_t> target;
    std::atomic<std::uint64_t> laps;
    field_record field[bundle::most_fields];

    static constexpr std::uint64_t only_low_words = std::uint64_t{1} << 32;
};

/// Where a stack of open regions stands; what belongs to a thread or a coroutine on it.
struct flow_record {
    std::atomic<ref> top;   ///< frame_record
    std::atomic<ref> next;  ///< another flow of the same recorder
};

/// A row of a table, see recorded_tables() and timemory/tools.h. A value is added without the
/// journal: `count` last, so that a reader may only miss the value that is being added.
struct alignas(64) row_record {
    timemory_row values;
    ref next;             ///< another row of the same recorder
    std::uint16_t table;  ///< place in recorded_tables()
    std::uint8_t keys;
    std::uint8_t histogram;  ///< whether there is one
    /// The first of `keys`: of a path its node, of a text its string_record. Behind them, where the
    /// table is one of histograms, stands a timemory_histogram.
    std::int64_t key[1];
};
static_assert(offsetof(row_record, key) == 64);

/// Bytes of a row.
constexpr std::size_t row_size(std::size_t keys, bool histogram) noexcept {
    return offsetof(row_record, key) + keys * sizeof(std::int64_t) +
           (histogram ? sizeof(timemory_histogram) : 0);
}
inline timemory_histogram* histogram_of(row_record& row) noexcept {
    return reinterpret_cast<timemory_histogram*>(row.key + row.keys);
}
inline const timemory_histogram* histogram_of(const row_record& row) noexcept {
    return reinterpret_cast<const timemory_histogram*>(row.key + row.keys);
}

/// What one thread has measured.
struct alignas(64) recorder_record {
    std::uint32_t thread;  ///< dense number, in the order of first use; 0 is the first
    std::atomic<std::uint32_t> system_thread;  ///< the thread that goes on with it now
    std::atomic<ref> next;                     ///< another recorder
    ref root;                                  ///< node_record
    std::atomic<ref> flows;
    std::atomic<ref> rows;  ///< row_record: the newest
    journal_record journal;
};

/// A set of components, so that a reader knows what the fields of a block are.
struct bundle_record {
    std::atomic<ref> next;
    std::uint16_t id;
    std::uint16_t fields;
    std::uint32_t has_clock;  ///< the first reading of a frame is the clock's
    ref components;           ///< string_record: serialise_descriptions()
    std::uint32_t cost;       ///< ns that a pair of region edges takes, as measured here
};

/// How far a process has come.
enum class arena_state : std::uint32_t {
    recording = 0,
    ended = 1,      ///< the recording has ended: regions that were open are closed in the results
    delivered = 2,  ///< the results are where they belong: nobody needs the arena
};

inline constexpr std::uint32_t no_rank = 0xFFFFFFFF;
inline constexpr std::uint32_t unknown_status = 0xFFFFFFFF;

/// The first thing in the arena.
struct alignas(64) arena_record {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t process;
    std::uint64_t process_start;  ///< field 22 of /proc/<process>/stat: tells it from a later one
    std::uint64_t boot;           ///< hash of the kernel's boot id, and of the host's name
    std::uint64_t nanoseconds_per_tick;  ///< in units of 2^-64; 0: ticks are nanoseconds
    std::int64_t anchor_ticks;           ///< the same moment as anchor_time
    std::int64_t anchor_time;            ///< nanoseconds since 1970
    std::uint64_t job;                   ///< as profile::job
    std::uint64_t run;                   ///< which `timemory run`, else which family of forks
    std::uint64_t started;               ///< as profile::started
    std::atomic<std::uint32_t> rank;     ///< no_rank where no launcher gave one
    std::atomic<std::uint32_t> world_size;
    std::atomic<arena_state> state;
    std::atomic<std::uint32_t>
        incomplete;  ///< some chunks are not in the file: its folder was full
    std::atomic<std::uint32_t> ended_by_signal;  ///< 0: by none that was seen
    std::uint32_t exit_status;  ///< as waitpid() gives it; `unknown_status` where nobody waited
    std::atomic<std::int64_t> ended_at;  ///< ticks; 0: not known
    std::atomic<ref> recorders;
    std::atomic<ref> bundles;
    std::atomic<std::uint64_t> used;  ///< bytes of chunks taken
    ref host;                         ///< string_record: the host's name
    ref program;                      ///< string_record: the command line, words apart by a space
    ref output;                       ///< string_record: the absolute path of the results' folder
    ref unused;
    std::atomic<std::uint64_t> losses[32];  ///< by `loss`
};

}  // namespace tim
