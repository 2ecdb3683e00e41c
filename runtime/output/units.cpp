#include "output/units.hpp"

namespace tim {

std::vector<component_element> shown_elements(const component_description& what, const settings&) {
    std::vector<component_element> elements;
    elements.reserve(what.shown());
    for (std::size_t i = 0; i < what.shown(); ++i) elements.push_back(what.element(i));
    return elements;
}

}  // namespace tim
