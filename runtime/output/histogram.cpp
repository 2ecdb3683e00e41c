#include "output/histogram.hpp"

#include <algorithm>

#include "timemory/tools.h"

namespace tim {

double middle_of_bucket(std::int64_t number) noexcept {
    constexpr std::int64_t last = 240;  // the greatest whose end is a number of 64 bits
    const int b = static_cast<int>(std::clamp<std::int64_t>(number, 0, last));
    if (b < 8) return b;
    return (static_cast<double>(timemory_bucket_begin(b)) +
            static_cast<double>(timemory_bucket_begin(b + 1))) /
           2;
}

double percentile(std::span<const bucket> buckets, double part) noexcept {
    std::uint64_t all = 0;
    for (const bucket& b : buckets) all += b.count;
    const double wanted = part * static_cast<double>(all);
    std::uint64_t seen = 0;
    for (const bucket& b : buckets) {
        seen += b.count;
        if (static_cast<double>(seen) >= wanted) return b.value;
    }
    return 0;
}

}  // namespace tim
