#include "output/units.hpp"

#include <fmt/format.h>

#include <array>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "settings/say.hpp"

namespace tim {
namespace {

struct unit {
    std::string_view shown;
    std::string_view other;      ///< another short name
    std::string_view long_name;  ///< its plural has an s
    double value;                ///< raw units in one
};

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

std::string lower_case(std::string_view text) {
    std::string lower{text};
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

/// Says once which units there are.
void say_unknown(std::string_view setting, const std::string& name, std::span<const unit> units) {
    static std::mutex lock;
    static std::set<std::string> said;
    {
        const std::lock_guard guard{lock};
        if (!said.insert(name).second) return;
    }
    std::string accepted;
    for (const unit& u : units) accepted += (accepted.empty() ? "" : ", ") + std::string{u.shown};
    say(fmt::format("setting '{}': '{}' is not a unit; accepted are {}", setting, name, accepted));
}

/// The unit that a setting names; null where it names none.
const unit* chosen(std::string_view setting, const std::string& value,
                   std::span<const unit> units) {
    if (value.empty()) return nullptr;
    std::string name = lower_case(value);
    for (const unit& u : units)
        if (name == u.shown || name == u.other || name == u.long_name ||
            name == std::string{u.long_name} + 's')
            return &u;
    say_unknown(setting, value, units);
    return nullptr;
}

}  // namespace

std::vector<component_element> shown_elements(const component_description& what,
                                              const settings& s) {
    const unit* time = chosen("timing_units", s.timing_units, times);
    const unit* memory = chosen("memory_units", s.memory_units, memories);
    const auto set = [](component_element& e, const unit* u) {
        if (u == nullptr) return;
        e.unit = u->shown;
        e.unit_value = u->value;
    };
    std::vector<component_element> elements;
    elements.reserve(what.shown());
    for (std::size_t i = 0; i < what.shown(); ++i) {
        component_element e = what.element(i);
        if (e.kind == quantity::time) set(e, time);
        if (e.kind == quantity::memory) set(e, memory);
        if (e.kind == quantity::rate && (time != nullptr || memory != nullptr)) {
            const std::string_view bytes = memory != nullptr ? memory->shown : "MB";
            const std::string_view per = time != nullptr ? time->shown : "sec";
            e.unit = fmt::format("{}/{}", bytes, per);
            e.unit_value = (memory != nullptr ? memory->value : 1e6) /
                           ((time != nullptr ? time->value : 1e9) / 1e9);
        }
        elements.push_back(std::move(e));
    }
    return elements;
}

}  // namespace tim
