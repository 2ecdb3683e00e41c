#include "output/units.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "settings/unit_names.hpp"

namespace tim {

std::vector<component_element> shown_elements(const component_description& what,
                                              const settings& s) {
    const unit* time = find_unit(time_units(), s.timing_units);
    const unit* memory = find_unit(memory_units(), s.memory_units);
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
