// How long a device ran kernels, copied, did both, or neither: the union of its operations.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <queue>
#include <vector>

#include "booking.hpp"

namespace tim::gpu {

/// Operations arrive nearly in order. Their edges wait until `most_edges` later ones are known and
/// are then swept in order; what begins before the part that was swept is cut off there, counted.
/// The time of a device starts with its first operation and ends with its last.
class device_shares {
public:
    static constexpr std::size_t most_edges = 1U << 15;

    explicit device_shares(sink& to) : to_(to) {}

    void add(std::uint32_t device, bool copies, std::int64_t begin, std::int64_t end);

    /// Sweeps what waits, to the end of the last operation.
    void finish();

private:
    struct edge {
        std::int64_t time;
        std::int8_t change;  ///< 1: begins, -1: ends
        bool copies;
        bool operator>(const edge& other) const noexcept { return time > other.time; }
    };
    struct device_line {
        std::priority_queue<edge, std::vector<edge>, std::greater<>> waiting;
        std::int64_t swept = INT64_MIN;  ///< all before is booked
        int kernels = 0;
        int copies = 0;
    };
    void sweep(std::uint32_t device, device_line& line, std::size_t leave);

    sink& to_;
    std::map<std::uint32_t, device_line> devices_;
};

}  // namespace tim::gpu
