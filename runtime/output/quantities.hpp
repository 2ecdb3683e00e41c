// Times and sizes for people: a number of three digits with the unit that suits it.

#pragma once

#include <cstdint>
#include <string>

namespace tim {

/// Nanoseconds as `1.23 s`, `45.6 ms`, `789 us` or `0.12 us`.
std::string shown_time(double nanoseconds);
std::string shown_time(std::int64_t nanoseconds);

/// Bytes as `8 B`, `1.23 KB` (1,000 bytes), `45.6 MB`, …
std::string shown_bytes(double bytes);
std::string shown_bytes(std::int64_t bytes);

}  // namespace tim
