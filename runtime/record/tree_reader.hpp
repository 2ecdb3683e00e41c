// From the bytes of an arena to a profile: of this process or of another, running or dead.
//
// Every lap is in the profile wholly or not at all: a lap that was being booked is finished from
// the journal. What does not make sense is left out and counted, so that no bytes, however they
// came about, lead to a crash or to a wrong number of laps elsewhere.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "profile/lap_event.hpp"
#include "profile/profile.hpp"
#include "profile/table_list.hpp"
#include "record/arena_view.hpp"

namespace tim {

/// What an arena's header says of the clock: as clock_calibration, of that process.
struct arena_clock {
    std::uint64_t nanoseconds_per_tick = 0;
    std::int64_t anchor_ticks = 0;
    std::int64_t anchor_time = 0;

    explicit arena_clock(const arena_record& header) noexcept
        : nanoseconds_per_tick{header.nanoseconds_per_tick},
          anchor_ticks{header.anchor_ticks},
          anchor_time{header.anchor_time} {}
    /// Nanoseconds from one reading to another; 0 if that is the earlier one.
    [[nodiscard]] std::int64_t ns_between(std::int64_t begin, std::int64_t end) const noexcept;
    /// When a reading was taken, in nanoseconds since 1970.
    [[nodiscard]] std::int64_t time_of(std::int64_t ticks) const noexcept;

private:
    [[nodiscard]] std::int64_t ns(int128 ticks) const noexcept;
};

/// A region that is open, as its frame says.
struct open_frame {
    const recorder_record* recorder = nullptr;
    const frame_record* frame = nullptr;
    std::uint64_t region = 0;  ///< as the frame had it
    std::uint16_t bundle = 0;
    std::uint16_t values = 0;  ///< readings that lie in the frame for certain: 0 or 1, the clock's
    ref node = 0;
    std::uint32_t path = 0;  ///< index for tree_reader::add_row()
    std::uint32_t flow = 0;  ///< which stack of its recorder, from 0
};

/// `own_cost`: what recording a region and those below it took, as far as it is known.
component_description own_cost_description();

class tree_reader {
public:
    explicit tree_reader(arena_view view);

    /// Adds the tree of each recorder, in the order of their numbers; each below its thread's own
    /// path where threads are kept apart; and what tools recorded in tables.
    void add_recorders(bool threads_apart);

    /// Calls `seen` with each open region of all recorders, innermost first. Other threads may be
    /// pushing and popping: what is seen may have ended since.
    void for_each_open(const std::function<void(const open_frame&)>& seen) const;

    /// A row of laps besides those that were read: regions that are closed by the reader. Of no
    /// laps: keeps the path in its place above others; says nothing beside rows with laps.
    void add_row(const component_description& what, std::uint32_t path, std::uint64_t laps,
                 const statistics* fields);

    /// Adds what recording each region took, with what is below it, as a component: see
    /// own_cost_description(). After add_recorders().
    void add_own_cost();

    /// The components of a bundle; empty if the arena doesn't say.
    [[nodiscard]] const std::vector<component_description>& components_of(
        std::uint16_t bundle) const;

    /// The names of the regions from the outermost to a node that for_each_open() has seen.
    [[nodiscard]] std::vector<std::string> names_to(ref node) const;

    /// The recorders, by number.
    [[nodiscard]] const std::vector<const recorder_record*>& recorders() const noexcept {
        return recorders_;
    }

    /// Laps that timeline_profile kept apart and that have ended, by thread and time.
    [[nodiscard]] std::vector<lap_event> laps_apart() const;

    /// Structures that did not make sense or that are not in the file.
    [[nodiscard]] std::uint64_t unreadable() const noexcept { return unreadable_; }

    /// The canonical profile of all that was added; of losses only what went into <capped>. Once.
    profile finish();

private:
    struct known_bundle {
        std::uint16_t fields = 0;
        bool has_clock = false;
        std::uint32_t cost = 0;
        std::vector<component_description> components;
    };

    void read_bundles();
    void read_recorders();
    void walk(const recorder_record& recorder, std::uint32_t top);
    void add_blocks(const node_record& node, const recorder_record& recorder, std::uint32_t index);
    std::uint32_t add_path(std::uint32_t parent, std::string_view name, path_kind kind);
    void add_tables();
    void add_table_row(const row_record& row);
    void add_to_parts(const recorded_table& what, std::span<const std::int64_t> keys, int bucket,
                      std::uint64_t count, const statistics& values);

    arena_view view_;
    std::size_t most_steps_;    ///< of any walk: more structures than fit are a circle
    std::size_t likely_paths_;  ///< to make room for: about how many fit into the arena
    std::unordered_map<std::uint16_t, known_bundle> bundles_;
    std::vector<const recorder_record*> recorders_;
    profile profile_;
    std::unordered_map<ref, std::uint32_t> paths_;
    std::map<std::string, component_columns> columns_;
    std::map<std::string, keyed_table> tables_;
    std::unordered_map<std::string_view, std::int64_t> texts_;  ///< of all tables
    std::unordered_map<ref, std::int64_t> text_at_;             ///< the same by their places
    std::vector<measuring_cost> costs_;  ///< by index of a path: of its own regions
    std::array<statistics, bundle::most_fields> fields_;  ///< of the block at hand
    std::uint64_t unreadable_ = 0;
    std::uint64_t capped_laps_ = 0;
};

/// A single lap's statistics.
statistics one_lap(const component_description& what, std::int64_t value) noexcept;

}  // namespace tim
