// What the records of CUPTI are turned into. The conversion says it to a sink: that of the core, or
// a test's.

#pragma once

#include <cstdint>
#include <string_view>

namespace tim::gpu {

/// A number that is not known.
inline constexpr std::int64_t unknown = -1;

/// How a kernel was launched.
struct kernel_shape {
    std::int32_t grid[3] = {};
    std::int32_t block[3] = {};
    std::int64_t registers = 0;  ///< of a thread
    std::int64_t static_shared = 0;
    std::int64_t dynamic_shared = 0;  ///< bytes of a block
    auto operator<=>(const kernel_shape&) const = default;
};

enum class operation_kind : std::uint8_t { kernel, copy, set, graph };

/// Something that ran on a device. Times are nanoseconds since 1970, on the clock of wall_clock.
struct device_operation {
    operation_kind kind = operation_kind::kernel;
    std::uint32_t path = 0;  ///< the call path that launched it; 0: not known
    std::string_view name;   ///< of a kernel as the compiler made it, mangled
    std::uint32_t device = 0;
    std::uint32_t context = 0;
    std::uint32_t stream = 0;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t delay = unknown;  ///< from its launch to `begin`, ns
    std::int64_t bytes = unknown;
    const kernel_shape* shape = nullptr;  ///< of a kernel
};

/// A wait of the host for a device.
struct host_wait {
    std::uint32_t path = 0;
    std::string_view name;
    std::int64_t lap = 0;  ///< ns
};

/// A change of what is allocated.
struct memory_change {
    std::uint32_t path = 0;
    std::uint32_t device = 0;
    std::string_view kind;
    std::int64_t bytes = 0;   ///< negative where it was freed
    std::int64_t in_use = 0;  ///< of this kind on this device, afterwards
};

/// Counted by the driver for unified memory.
struct unified_event {
    std::string_view name;
    std::int64_t from = unknown;  ///< device; -1: the host
    std::int64_t to = unknown;
    std::int64_t value = 0;
    bool is_bytes = false;
};

/// Time that measuring took, or that a driver spent on something else than the program's work.
struct overhead_time {
    std::string_view name;
    bool ours = false;     ///< CUPTI took it, which is there for us alone
    std::int64_t lap = 0;  ///< ns
};

struct device_info {
    std::uint32_t device = 0;
    std::string_view name;
    std::int64_t multiprocessors = 0;
};

/// The state that a device was in for some time.
enum class device_state : std::uint8_t { kernels, copies, both, idle };

/// Why something of the devices is missing in the result.
enum class gap : std::uint8_t {
    dropped,    ///< CUPTI had no buffer left for a record
    no_launch,  ///< the launch of a record is not known: it stands at the top
    no_time,    ///< CUPTI could not take a record's times
    broken,     ///< a buffer could not be read to its end
    late,       ///< a record came too late for the shares of its device
    count
};

class sink {
public:
    sink() = default;
    sink(const sink&) = delete;
    sink& operator=(const sink&) = delete;
    virtual ~sink() = default;

    virtual void book(const device_operation& what) = 0;
    virtual void book(const host_wait& what) = 0;
    virtual void book(const memory_change& what) = 0;
    virtual void book(const unified_event& what) = 0;
    virtual void book(const overhead_time& what) = 0;
    virtual void book(const device_info& what) = 0;
    virtual void book_state(std::uint32_t device, device_state state, std::int64_t lap) = 0;
    virtual void count(gap cause, std::uint64_t events) = 0;
};

}  // namespace tim::gpu
