// The timeline: laps with their real times, as a Chrome trace.

#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "output/writers.hpp"
#include "profile/lap_event.hpp"

namespace tim {

/// The trace: complete events in microseconds since 1970, so that the files of several ranks stand
/// side by side in one viewer. `process` is the rank, or the process id.
void write_trace(std::span<const lap_event> laps, std::uint64_t process, const sink& out);

/// Writes `<output_path>/<prefix>timeline.json`, or `timeline-<rank>.json`. False after one line on
/// stderr if that failed.
bool write_timeline(std::span<const lap_event> laps, const settings& s,
                    std::optional<std::uint32_t> rank);

}  // namespace tim
