// timemory for C++17: a thin layer over <timemory/timemory.h>, which says what each call does and
// costs.
//
//     #include <timemory/timemory.hpp>
//
//     void solve() {
//         TIMEMORY_MARKER("solve");                          // until the end of the scope
//         TIMEMORY_MARKER("solve", "wall_clock,peak_rss");   // with components of its own
//         tim::marker m{name_made_at_run_time};              // a name that differs from call to
//         call
//     }

#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <timemory/timemory.h>

namespace tim {

/// A region that is entered where this object is made, and left at the end of its scope. Costs a
/// test where nothing is recorded. Not copied or moved: it belongs to its scope and its thread.
class scoped_region {
public:
    explicit scoped_region(timemory_region_t region) noexcept {
        if ((timemory_active & TIMEMORY_RECORDING) == 0) return;
        region_ = region;
        timemory_enter(region);
    }
    ~scoped_region() {
        if (region_ != 0) timemory_leave(region_);
    }
    scoped_region(const scoped_region&) = delete;
    scoped_region& operator=(const scoped_region&) = delete;

private:
    timemory_region_t region_ = 0;
};

/// A record with a name that is only known at run time: begun here, ended by end() or with the
/// object, on any thread and in any order.
class marker {
public:
    /// `components`: a list as for timemory_region(); empty: the default components.
    explicit marker(const char* name, const char* components = nullptr) noexcept
        : record_{timemory_get_begin_record_types(name, components)} {}
    explicit marker(const std::string& name, const char* components = nullptr) noexcept
        : marker{name.c_str(), components} {}
    ~marker() { end(); }
    marker(marker&& other) noexcept : record_{std::exchange(other.record_, TIMEMORY_NO_RECORD)} {}
    marker& operator=(marker&& other) noexcept {
        if (this != &other) {
            end();
            record_ = std::exchange(other.record_, TIMEMORY_NO_RECORD);
        }
        return *this;
    }
    marker(const marker&) = delete;
    marker& operator=(const marker&) = delete;

    void end() noexcept {
        const timemory_record_t record = std::exchange(record_, TIMEMORY_NO_RECORD);
        if (record != TIMEMORY_NO_RECORD) timemory_end_record(record);
    }

private:
    timemory_record_t record_;
};

/// What TIMEMORY_MARKER looks up once.
inline timemory_region_t region_of(const char* name, const char* components = nullptr) {
    return timemory_region(name, components);
}

inline void timemory_init(int argc, char** argv) {
    ::timemory_init(argc, argv);
}
/// With pointers: also takes timemory's options out of the command line, see
/// timemory_parse_arguments().
inline void timemory_init(int* argc, char*** argv) {
    ::timemory_parse_arguments(argc, *argv);
    ::timemory_init(*argc, *argv);
}
inline void timemory_finalize() {
    ::timemory_finalize();
}

/// A component of the user's own; the members are those of timemory_component.
struct user_component {
    std::string id;
    std::string label{};
    std::string description{};
    std::string unit{};
    double unit_value = 1;
    bool high_water = false;
    bool per_process = false;
};

/// Adds a component whose readings are `read()`: int64_t, or double for a real one. `read` is kept
/// for the life of the process. Returns false after one line on stderr if the id is taken or not a
/// name.
///
///     tim::add_component({"flops"}, [] { return flop_counter; });
template <class Read>
bool add_component(const user_component& c, Read read) {
    using value = decltype(read());
    const auto* kept = new Read(std::move(read));
    timemory_component row{};
    row.size = sizeof row;
    row.id = c.id.c_str();
    row.label = c.label.empty() ? nullptr : c.label.c_str();
    row.description = c.description.empty() ? nullptr : c.description.c_str();
    row.unit = c.unit.c_str();
    row.unit_value = c.unit_value;
    row.context = const_cast<Read*>(kept);
    if constexpr (std::is_floating_point_v<value>)
        row.read_real = [](void* r) -> double { return (*static_cast<Read*>(r))(); };
    else
        row.read = [](void* r) -> std::int64_t {
            return static_cast<std::int64_t>((*static_cast<Read*>(r))());
        };
    row.kind = c.high_water ? TIMEMORY_HIGH_WATER : TIMEMORY_DIFFERENCE;
    row.scope = c.per_process ? TIMEMORY_PER_PROCESS : TIMEMORY_PER_THREAD;
    return timemory_add_component(&row) == 0;
}

}  // namespace tim

// __COUNTER__ instead of __LINE__: several markers may stand on one line.
#define TIMEMORY_MARKER_(id, ...)                                                          \
    static const ::timemory_region_t timemory_region_##id = ::tim::region_of(__VA_ARGS__); \
    const ::tim::scoped_region timemory_marker_##id {                                      \
        timemory_region_##id                                                               \
    }
#define TIMEMORY_MARKER_NUMBERED_(id, ...) TIMEMORY_MARKER_(id, __VA_ARGS__)

/// Measures the rest of the scope as the region `name` (a string that is the same on every call of
/// this line), with the components given as a second argument or the default ones. The region is
/// looked up once, on the first call.
#define TIMEMORY_MARKER(...) TIMEMORY_MARKER_NUMBERED_(__COUNTER__, __VA_ARGS__)
