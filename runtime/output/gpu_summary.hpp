// The GPU summary: what a user wants to know first of what ran on GPUs.
//
// A pure function of the tables that libtimemory-cupti recorded (profile/table_list.cpp). Times are
// nanoseconds, sizes bytes. Making it takes time proportional to the rows of the tables, but for
// sorting.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "profile/profile.hpp"

namespace tim {

/// What an operation is; the numbers are those in the tables.
enum class gpu_kind : std::uint8_t { kernel, copy, set, graph };
inline constexpr std::array<std::string_view, 4> gpu_kind_names{"kernel", "copy", "set", "graph"};

/// Kernels, copies or sets of one name, on all devices of all ranks.
struct gpu_operation {
    std::string name;
    gpu_kind kind = gpu_kind::kernel;
    std::uint64_t count = 0;
    std::int64_t time = 0;
    double mean = 0;
    double deviation = 0;
    std::int64_t min = 0;
    std::int64_t max = 0;
    double p50 = 0;
    double p99 = 0;
    std::uint64_t delays = 0;  ///< of how many the launch is known
    double delay = 0;          ///< from launch to begin, in the mean
    std::int64_t most_delay = 0;
    std::int64_t bytes = 0;  ///< of copies and sets

    /// Bytes a second; 0 where there is no time.
    [[nodiscard]] double bandwidth() const noexcept;
};

/// One operation below one call path.
struct gpu_path {
    std::string text;  ///< main/solve/scale(float*)
    std::uint64_t count = 0;
    std::int64_t time = 0;
    double p99 = 0;
};

/// A kernel as it was launched.
struct gpu_launch {
    std::string kernel;
    std::array<std::int64_t, 3> grid{};
    std::array<std::int64_t, 3> block{};
    std::int64_t registers = 0;      ///< of a thread
    std::int64_t static_shared = 0;  ///< bytes of a block
    std::int64_t dynamic_shared = 0;
    std::uint64_t count = 0;
    std::int64_t time = 0;
};

/// A device of a rank. Its time is from its first operation to its last.
struct gpu_device {
    std::int64_t rank = 0;
    std::int64_t device = 0;
    std::string name;                  ///< empty where CUPTI did not say it
    std::int64_t multiprocessors = 0;  ///< 0: not known
    std::int64_t kernels = 0;          ///< time in which it ran kernels alone
    std::int64_t copies = 0;           ///< copied or set memory alone
    std::int64_t both = 0;             ///< copies that kernels overlapped
    std::int64_t idle = 0;
    [[nodiscard]] std::int64_t all() const noexcept { return kernels + copies + both + idle; }
};

struct gpu_memory {
    std::int64_t rank = 0;
    std::int64_t device = 0;
    std::string kind;  ///< "device", "managed", …
    std::int64_t allocated = 0;
    std::int64_t freed = 0;
    std::int64_t peak = 0;  ///< most in use at once
};

/// What the driver counted for unified memory.
struct gpu_unified {
    std::string event;
    std::uint64_t events = 0;
    std::int64_t value = 0;
    bool is_bytes = false;
};

struct gpu_overhead {
    std::string what;
    bool ours = false;  ///< CUPTI took it for measuring
    std::uint64_t count = 0;
    std::int64_t time = 0;
};

struct gpu_summary {
    std::vector<gpu_device> devices;        ///< ascending by (rank, device)
    std::vector<gpu_operation> operations;  ///< most time first, as the following four
    std::vector<gpu_path> paths;
    std::vector<gpu_launch> launches;
    std::vector<gpu_overhead> overhead;
    std::vector<gpu_memory> memory;  ///< ascending by (rank, device, kind)
    std::vector<gpu_unified> unified;

    [[nodiscard]] std::uint64_t count(gpu_kind kind) const noexcept;
    [[nodiscard]] std::int64_t time(gpu_kind kind) const noexcept;
};

/// Whether anything of GPUs was recorded.
bool has_gpu(const profile& p) noexcept;
bool has_gpu(const result& r) noexcept;

gpu_summary summarise_gpu(const result& r);

}  // namespace tim
