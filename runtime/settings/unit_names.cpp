#include "settings/unit_names.hpp"

#include <array>
#include <string>

namespace tim {
namespace {

constexpr std::array<unit, 8> times{{{"nsec", "ns", "nanosecond", 1},
                                     {"usec", "us", "microsecond", 1e3},
                                     {"msec", "ms", "millisecond", 1e6},
                                     {"csec", "cs", "centisecond", 1e7},
                                     {"dsec", "ds", "decisecond", 1e8},
                                     {"sec", "s", "second", 1e9},
                                     {"min", "min", "minute", 60e9},
                                     {"hr", "hr", "hour", 3600e9}}};

constexpr double kib = 1024;
constexpr std::array<unit, 11> memories{{{"byte", "b", "byte", 1},
                                         {"kb", "kb", "kilobyte", 1e3},
                                         {"mb", "mb", "megabyte", 1e6},
                                         {"gb", "gb", "gigabyte", 1e9},
                                         {"tb", "tb", "terabyte", 1e12},
                                         {"pb", "pb", "petabyte", 1e15},
                                         {"kib", "kib", "kibibyte", kib},
                                         {"mib", "mib", "mebibyte", kib* kib},
                                         {"gib", "gib", "gibibyte", kib* kib* kib},
                                         {"tib", "tib", "tebibyte", kib* kib* kib* kib},
                                         {"pib", "pib", "pebibyte", kib* kib* kib* kib* kib}}};

}  // namespace

std::span<const unit> time_units() noexcept {
    return times;
}
std::span<const unit> memory_units() noexcept {
    return memories;
}

const unit* find_unit(std::span<const unit> units, std::string_view name) {
    std::string lower{name};
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    for (const unit& u : units)
        if (lower == u.shown || lower == u.other || lower == u.long_name ||
            lower == std::string{u.long_name} + 's')
            return &u;
    return nullptr;
}

}  // namespace tim
