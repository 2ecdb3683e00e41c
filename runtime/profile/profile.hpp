// The profile: what was measured, as an immutable value.
//
// Everything after the recorder works on profiles and nothing else: folding threads, reducing over
// ranks, every writer and every tool. A profile holds call paths and, for each component, columns
// over them.
//
// Canonical form. The paths stand in depth-first order, a parent before its children, index 0 is
// the root, and siblings are ordered by (first_rank, order): the order in which the lowest rank
// that has them met them. Two profiles of the same measurements are therefore equal as values and
// as bytes, in whatever order they were merged.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "measure/component.hpp"
#include "profile/shared_name.hpp"
#include "profile/statistics.hpp"
#include "profile/table.hpp"

namespace tim {

/// What a level of a call path stands for. The values are part of the serialised form.
enum class path_kind : std::uint8_t {
    root = 0,
    thread =
        1,  ///< all paths of one thread, named by its number; only where threads are not collapsed
    region = 2,
    capped = 3,  ///< what went over `max_paths`, under the path it belonged to
    /// One lap of a region, apart from the others; its name is lap_name().
    lap = 4,
};

/// The name of a path of the kind `lap`: the number of the lap, so that names tell laps apart and
/// stand in their order, and the region's name.
std::string lap_name(std::uint32_t lap, std::string_view region);

struct path {
    std::uint32_t parent = 0;  ///< index of the parent; the root is its own
    std::uint32_t name = 0;    ///< index into profile::names
    path_kind kind = path_kind::root;
    std::uint64_t hash = 0;        ///< path identity: see path_hash()
    std::uint32_t first_rank = 0;  ///< lowest rank that has the path
    std::uint32_t order = 0;       ///< position among all paths of that rank
    bool operator==(const path&) const = default;
};

/// Path identity: XXH3-64 over (parent's hash, kind, length of name, name). Equal on all ranks,
/// builds and platforms. A collision never merges two paths: on a hit kind, parent and name are
/// compared too.
std::uint64_t path_hash(std::uint64_t parent, path_kind kind, std::string_view name) noexcept;

/// Statistics over ranks, of each rank's total. `ranks` is how many ranks have the path.
struct rank_statistics {
    std::uint64_t ranks = 0;
    statistics values;
    std::uint32_t min_rank = 0;  ///< rank with the least total; ties go to the lowest rank
    std::uint32_t max_rank = 0;
    bool operator==(const rank_statistics&) const = default;
};

/// One field of a component, over the rows of its column.
struct field_columns {
    /// The total of the row: laps, threads and ranks combined as the component says. For
    /// number::real a double in the low 8 bytes. For the third field of a ratio it is not used: see
    /// ratio_value().
    std::vector<int128> value;
    std::vector<statistics> laps;        ///< over laps; their number is component_columns::laps
    std::vector<rank_statistics> ranks;  ///< over ranks; `ranks` is 0 before seal()
    bool operator==(const field_columns&) const = default;
};

struct component_columns {
    component_description what;
    std::vector<std::uint32_t> path;    ///< index of the row's path, ascending, no path twice
    std::vector<std::uint64_t> laps;    ///< completed laps of the row
    std::vector<field_columns> fields;  ///< what.fields() of them
    bool operator==(const component_columns&) const = default;
};

/// Ranks `first` to `last`, both included.
struct rank_range {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    bool operator==(const rank_range&) const = default;
};

/// What the measuring itself took, of all ranks and threads together.
struct measuring_cost {
    std::uint64_t regions = 0;      ///< that ended and were recorded
    std::uint64_t nanoseconds = 0;  ///< their edges took, estimated: see bundle_record::cost
    std::uint64_t memory = 0;       ///< bytes that hold what was recorded
    measuring_cost& operator+=(const measuring_cost& other) noexcept {
        regions += other.regions;
        nanoseconds += other.nanoseconds;
        memory += other.memory;
        return *this;
    }
    bool operator==(const measuring_cost&) const = default;
};

struct profile {
    std::vector<rank_range> ranks;   ///< the ranks in it: ascending, disjoint, not adjacent
    std::uint32_t world_size = 1;    ///< ranks in the job
    std::uint64_t job = 0;           ///< identifies the job: equal on all its ranks
    std::uint64_t first_pid = 0;     ///< process of the lowest rank in `ranks`
    std::uint64_t started = 0;       ///< when that process began: ns since 1970; 0 if not known
    std::uint32_t threads = 0;       ///< greatest number of threads that any rank recorded
    std::vector<shared_name> names;  ///< each name once, in the order of first use by `paths`
    std::vector<path> paths;         ///< canonical order; paths[0] is the root
    std::vector<component_columns> components;    ///< ascending by what.id, none without rows
    std::vector<keyed_table> tables;              ///< ascending by name, none without rows
    std::map<std::string, std::uint64_t> losses;  ///< cause → how many events were not recorded
    measuring_cost measuring;

    [[nodiscard]] std::string_view name(const path& p) const { return names[p.name]; }
    /// The name as it is shown: a lap has its region's.
    [[nodiscard]] std::string_view shown_name(const path& p) const;
    [[nodiscard]] const component_columns* find(std::string_view component_id) const noexcept;
    [[nodiscard]] const keyed_table* find_table(std::string_view table_name) const noexcept;
    bool operator==(const profile&) const = default;
};

/// The result of a job as the writers see it. When ranks are collapsed there is one profile;
/// otherwise one a rank or a group of consecutive ranks, ascending.
struct result {
    std::vector<profile> profiles;
    bool mpi = false;  ///< the job ran under MPI
    bool collapsed_ranks = true;
    bool collapsed_threads = true;
};

/// A component's value of a ratio row: quotient_scale() × field 0 / field 1, 0 if field 1 is not
/// positive.
std::int64_t ratio_value(const component_columns& c, std::size_t row) noexcept;

/// Doubles in the storage of integers, for number::real.
double real_of(int128 raw) noexcept;
int128 raw_of(double value) noexcept;

/// Mean and population standard deviation of `count` values, in raw units. The variance is computed
/// from exact integers, so it is never negative and is 0 for equal values. 0 if count is 0.
double mean(const statistics& s, std::uint64_t count, number type) noexcept;
double standard_deviation(const statistics& s, std::uint64_t count, number type) noexcept;

inline constexpr std::uint32_t serialised_version = 5;

/// Serialised form: little-endian, of serialised_version, the same bytes for equal profiles. It is
/// what travels between ranks, what a rank writes when nobody asks for its profile, and what
/// `timemory merge` reads.
std::vector<std::byte> serialise(const profile& p);

/// The same bytes in pieces of up to 64 KiB, never whole in memory.
void serialise(const profile& p, const std::function<void(std::span<const std::byte>)>& put);

/// How many bytes belong to the serialised form that these begin with, as it says itself; 0 if they
/// are too few to tell.
std::uint64_t serialised_length(std::span<const std::byte> bytes);

/// The checksum that is in the serialised form (XXH3-64): the same for equal profiles.
std::uint64_t checksum(const profile& p);

/// Thrown by deserialise(): the message says what is wrong and at which offset.
struct malformed_profile : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Reads the serialised form. Trusts nothing: every count, index and length is checked, a checksum
/// over all bytes too. Throws malformed_profile.
profile deserialise(std::span<const std::byte> bytes);

/// Descriptions of components as they stand in the serialised form, one after the other; and back.
/// Throws malformed_profile.
std::string serialise_descriptions(std::span<const component_description> components);
std::vector<component_description> deserialise_descriptions(std::span<const std::byte> bytes);

/// A canonical profile of no laps: the root alone.
profile empty_profile();

}  // namespace tim
