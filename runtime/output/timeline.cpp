#include "output/timeline.hpp"

#include <fmt/format.h>

#include "output/stream.hpp"

namespace tim {

void write_trace(std::span<const lap_event> laps, std::uint64_t process, const sink& out) {
    stream to{out};
    // In digits of their own: a double has too few for nanoseconds since 1970.
    const auto microseconds = [&](std::int64_t ns) {
        to.write(fmt::format("{}.{:03}", ns / 1000, ns % 1000));
    };
    to.write("{\"traceEvents\":[");
    bool first = true;
    for (const lap_event& lap : laps) {
        to.write(first ? "\n{\"ph\":\"X\",\"name\":" : ",\n{\"ph\":\"X\",\"name\":");
        first = false;
        to.json_string(lap.name);
        to.write(",\"ts\":");
        microseconds(lap.begin);
        to.write(",\"dur\":");
        microseconds(lap.duration);
        to.write(fmt::format(",\"pid\":{},\"tid\":{}}}", process, lap.thread));
    }
    to.write("\n]}\n");
    to.finish();
}

}  // namespace tim
