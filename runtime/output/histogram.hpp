// A histogram: how many are in each of its buckets, and what so many of them are below.

#pragma once

#include <cstdint>
#include <span>

namespace tim {

struct bucket {
    std::uint64_t count = 0;
    double value = 0;  ///< what those in it are like
};

/// The middle of a bucket of timemory/tools.h. A file may hold any number.
double middle_of_bucket(std::int64_t number) noexcept;

/// The value of the bucket that holds it; `part` is from 0 to 1, and the buckets are ascending. 0
/// if nothing is in them.
double percentile(std::span<const bucket> buckets, double part) noexcept;

}  // namespace tim
