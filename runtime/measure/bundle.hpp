// A bundle: a compiled set of components. Which sources an edge reads, and how fields follow from
// the readings.
//
// Compiled once and kept for the life of the process; every region that asks for the same set
// shares it.

#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "measure/bracket.hpp"
#include "measure/clock.hpp"
#include "measure/component_table.hpp"
#include "measure/source.hpp"

namespace tim {

struct bundle {
    static constexpr unsigned most_values = 64;
    static constexpr unsigned most_fields = 64;

    /// One source that an edge reads.
    struct use {
        source_kind source = source_kind::clock;
        std::uint8_t slot = 0;  ///< of its first value
        bool at_begin = true;   ///< a source of high-water marks is read at the end only
        user_source user = {};
    };

    /// How one component's fields follow from the slots.
    struct operation {
        derivation how = derivation::difference;
        bool ticks = false;  ///< the slot holds ticks of the clock
        bool real = false;   ///< the slot holds a double's bits
        bool over_ticks = false;
        bool per_second = false;  ///< a quotient is per second, not in parts per million
        std::uint8_t slot = 0;
        std::uint8_t over_slot = 0;
        std::uint8_t count = 1;  ///< consecutive values, each a field
    };

    struct bracket_use {
        bracket_kind kind = bracket_kind::device_events;
        std::uint8_t slot = 0;  ///< of what was opened
        std::uint8_t field = 0;
    };

    std::uint16_t id = 0;
    std::uint8_t values = 0;  ///< slots of a reading
    std::uint8_t fields = 0;  ///< of all components together
    bool clock_only = false;  ///< wall_clock alone: the shortest way
    bool per_thread = false;  ///< some source belongs to the thread
    bool clock = false;       ///< slot 0 is the clock's
    std::uint8_t uses_count = 0;
    std::uint8_t at_begin_count =
        0;  ///< uses that an edge reads at the beginning; they stand first
    std::uint8_t operations_count = 0;
    std::uint8_t bracket_count = 0;
    std::array<bracket_use, static_cast<unsigned>(bracket_kind::count)> bracketed;
    std::uint64_t real_fields = 0;      ///< bit i: field i is a double
    std::array<use, most_values> uses;  ///< the clock first
    std::array<operation, most_fields> operations;
    std::vector<component_description> components;  ///< one for each operation

    /// Reads the sources at the beginning of a region: the clock last.
    void read_begin(std::int64_t* slots) const noexcept {
        for (unsigned i = 0; i < at_begin_count; ++i)
            read_source(uses[i].source, uses[i].user, slots + uses[i].slot);
        if (clock) slots[0] = clock_ticks();
    }

    /// Reads the sources at the end of a region. `now` is a reading of the clock, which the caller
    /// takes before anything else: before it even knows the bundle.
    void read_end(std::int64_t* slots, std::int64_t now) const noexcept {
        slots[0] = now;
        for (unsigned i = 0; i < uses_count; ++i)
            read_source(uses[i].source, uses[i].user, slots + uses[i].slot);
    }

    /// Opens what tools open for a region of this name, after read_begin().
    void open_brackets(std::int64_t* slots, const char* region) const noexcept;

    /// Closes it, once: after derive(), into its fields.
    void close_brackets(const std::int64_t* begin, std::int64_t* out) const noexcept;

    /// The fields of one lap. Doubles as their bits.
    void derive(const std::int64_t* begin, const std::int64_t* end,
                std::int64_t* out) const noexcept;
};

/// The bundle of a set of components, in the table's order. An empty set is a bundle too: it counts
/// laps. What goes over `most_fields` is left out and reported on stderr. Never fails: past 65,535
/// sets it is the empty bundle.
const bundle& compile(std::vector<component> components);

/// The bundle of a list of names. Unknown names and what can't be measured here are left out, each
/// with one line on stderr, once a process; so are, silently, components that are switched off,
/// whose values the program stores, or, beside others, those that a tool books.
const bundle& compile_list(std::string_view list);

/// Called, if it is set, with each component of a list that a tool measures: the tool is to be
/// there.
extern void (*tool_component_hook)(const component& row);

/// All compiled bundles by id. Reading is lock-free; a pointer is valid once its id is known.
extern const bundle* bundles[65536];

/// The same components less those read per thread: what can be said of a region that ends on
/// another thread.
const bundle& without_thread_sources(const bundle& b);

}  // namespace tim
