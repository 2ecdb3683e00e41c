// From CUPTI's activity records to bookings: nothing but a function of the records, the calls that
// are known, and the clocks. Loading CUPTI and getting its buffers is elsewhere.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "booking.hpp"
#include "clock_fit.hpp"
#include "device_shares.hpp"
#include "launch_table.hpp"
#include "records.hpp"

namespace tim::gpu {

/// cuptiActivityGetNextRecord() of the CUPTI that filled the buffers, which knows how long its
/// records are.
using next_record = CUptiResult (*)(std::uint8_t* buffer, std::size_t size,
                                    CUpti_Activity** record);

/// On one thread.
class conversion {
public:
    conversion(sink& to, const launch_table& launches, const clock_fit& clock)
        : to_(to), launches_(launches), clock_(clock), shares_(to) {}

    /// All records of a buffer, to its end or to one that CUPTI does not take for a record.
    void take(std::uint8_t* buffer, std::size_t size, next_record next);

    /// Of the kinds that are not listed in the definition nothing is booked.
    void take(const CUpti_Activity& record);

    /// What was kept back: no record follows.
    void finish() { shares_.finish(); }

private:
    template <typename Record>
    void take_kernel(const Record& r);
    template <typename Record>
    void take_copy(const Record& r);
    void take_set(const set_record& r);
    void take_graph(const graph_record& r);
    void take_wait(const wait_record& r);
    void take_memory(const memory_record& r);
    void take_unified(const unified_record& r);
    void take_overhead(const overhead_record& r);
    void take_device(const device_record& r);

    /// Fills in the path, the times and the delay, and books it.
    void book(device_operation& what, std::uint32_t correlation, std::uint64_t start,
              std::uint64_t end);

    sink& to_;
    const launch_table& launches_;
    const clock_fit& clock_;
    device_shares shares_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> in_use_;  ///< device, kind
};

}  // namespace tim::gpu
