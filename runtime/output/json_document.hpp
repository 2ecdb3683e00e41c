// JSON documents that are put together as a whole: nlohmann::json, with members in the order that
// they come in.
//
// How a type is written is a function `to_json(json& to, const type&)` beside what writes it. It
// is found through the type, so it is not in a nameless namespace.

#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "output/file.hpp"

namespace tim {

using json = nlohmann::ordered_json;

/// Names are whatever the program says: what is no UTF-8 is replaced. `indent` -1: in one line.
inline void write(const json& document, int indent, const sink& out) {
    out(document.dump(indent, ' ', false, json::error_handler_t::replace));
}

}  // namespace tim
