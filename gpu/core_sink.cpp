#include "core_sink.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

#include "record/losses.hpp"

namespace tim::gpu {
namespace {

std::string_view state_name(device_state state) noexcept {
    switch (state) {
        case device_state::kernels:
            return "kernels";
        case device_state::copies:
            return "copies";
        case device_state::both:
            return "kernels and copies";
        default:
            return "idle";
    }
}

loss loss_of(gap cause) noexcept {
    switch (cause) {
        case gap::dropped:
            return loss::device_dropped;
        case gap::no_launch:
            return loss::device_no_launch;
        case gap::no_time:
            return loss::device_no_time;
        case gap::broken:
            return loss::device_broken;
        default:
            return loss::device_late;
    }
}

}  // namespace

std::string demangled(std::string_view name) {
    const std::string text{name};
    int status = -1;
    const std::unique_ptr<char, decltype(&std::free)> readable{
        abi::__cxa_demangle(text.c_str(), nullptr, nullptr, &status), &std::free};
    return status == 0 && readable ? readable.get() : text;
}

core_sink::core_sink()
    : activity_(timemory_table("gpu_activity")),
      delay_(timemory_table("gpu_delay")),
      bytes_(timemory_table("gpu_bytes")),
      launches_(timemory_table("gpu_launches")),
      memory_(timemory_table("gpu_memory")),
      unified_(timemory_table("gpu_unified")),
      overhead_(timemory_table("gpu_overhead")),
      devices_(timemory_table("gpu_devices")),
      states_(timemory_table("gpu_states")) {}

void core_sink::add(int table, std::initializer_list<std::int64_t> keys, std::int64_t value) {
    if (timemory_row* row = timemory_row_of(table, keys.begin(), keys.size()))
        timemory_add_value(row, value);
}

const core_sink::named& core_sink::name_of(names& known, std::string_view name,
                                           const char* components) {
    if (const auto found = known.find(name); found != known.end()) return found->second;
    const std::string readable = demangled(name);
    const named made{timemory_region(readable.c_str(), components),
                     timemory_text(readable.c_str())};
    return known.emplace(name, made).first->second;
}

std::int64_t core_sink::text_of(std::string_view text) {
    if (const auto found = texts_.find(text); found != texts_.end()) return found->second;
    const std::string copy{text};
    return texts_.emplace(copy, timemory_text(copy.c_str())).first->second;
}

void core_sink::book(const device_operation& what) {
    const named& name = name_of(operations_known_, what.name, "cupti_activity");
    const std::int64_t lap = what.end - what.begin;
    const timemory_path_t path = timemory_book_below(what.path, name.region, &lap);
    const std::int64_t device = what.device;
    const std::int64_t context = what.context;
    const std::int64_t stream = what.stream;
    add(activity_,
        {path, static_cast<std::int64_t>(what.kind), name.text, device, context, stream,
         timemory_bucket(lap)},
        lap);
    if (what.delay != unknown)
        add(delay_, {path, name.text, device, stream, timemory_bucket(what.delay)}, what.delay);
    if (what.bytes != unknown)
        add(bytes_, {path, name.text, device, stream, timemory_bucket(what.bytes)}, what.bytes);
    if (what.shape != nullptr) {
        const kernel_shape& s = *what.shape;
        add(launches_,
            {name.text, device, s.grid[0], s.grid[1], s.grid[2], s.block[0], s.block[1], s.block[2],
             s.registers, s.static_shared, s.dynamic_shared},
            lap);
    }
}

void core_sink::book(const host_wait& what) {
    const named& name = name_of(waits_known_, what.name, "wall_clock");
    timemory_book_below(what.path, name.region, &what.lap);
}

void core_sink::book(const memory_change& what) {
    enum : std::int64_t { allocated, freed, in_use };
    const bool is_freed = what.bytes < 0;
    const named& name =
        name_of(memory_known_,
                (is_freed ? "free memory: " : "allocate memory: ") + std::string{what.kind}, ",");
    const std::int64_t kind = text_of(what.kind);
    constexpr std::int64_t no_field = 0;
    const std::int64_t path = timemory_book_below(what.path, name.region, &no_field);
    add(memory_, {path, is_freed ? freed : allocated, what.device, kind},
        is_freed ? -what.bytes : what.bytes);
    add(memory_, {path, in_use, what.device, kind}, what.in_use);
}

void core_sink::book(const unified_event& what) {
    add(unified_, {text_of(what.name), what.from, what.to, what.is_bytes ? 1 : 0}, what.value);
}

void core_sink::book(const overhead_time& what) {
    add(overhead_, {what.ours ? 0 : 1, text_of(what.name)}, what.lap);
}

void core_sink::book(const device_info& what) {
    add(devices_, {what.device, text_of(what.name)}, what.multiprocessors);
}

void core_sink::book_state(std::uint32_t device, device_state state, std::int64_t lap) {
    add(states_, {device, text_of(state_name(state))}, lap);
}

void core_sink::count(gap cause, std::uint64_t events) {
    timemory_count_loss(loss_name(loss_of(cause)).data(), events);
}

}  // namespace tim::gpu
