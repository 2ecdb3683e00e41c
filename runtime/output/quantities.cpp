#include "output/quantities.hpp"

#include <fmt/format.h>

#include <cmath>

namespace tim {
namespace {

std::string three_digits(double value) {
    const double size = std::fabs(value);
    return fmt::format("{:.{}f}", value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

}  // namespace

std::string shown_time(double nanoseconds) {
    const double size = std::fabs(nanoseconds);
    if (size == 0) return "0 s";
    if (size >= 999.5e6) return three_digits(nanoseconds / 1e9) + " s";
    if (size >= 999.5e3) return three_digits(nanoseconds / 1e6) + " ms";
    return three_digits(nanoseconds / 1e3) + " us";
}

std::string shown_time(std::int64_t nanoseconds) {
    return shown_time(static_cast<double>(nanoseconds));
}

std::string shown_bytes(double bytes) {
    if (std::fabs(bytes) < 999.5) return fmt::format("{:.0f} B", bytes);
    const char* unit = "KB";
    bytes /= 1e3;
    for (const char* const larger : {"MB", "GB", "TB", "PB", "EB"}) {
        if (std::fabs(bytes) < 999.5) break;
        bytes /= 1e3;
        unit = larger;
    }
    return three_digits(bytes) + ' ' + unit;
}

std::string shown_bytes(std::int64_t bytes) {
    return shown_bytes(static_cast<double>(bytes));
}

}  // namespace tim
