// The way of code for programs whose settings a test chooses.

#pragma once

#include <timemory/timemory.h>

#include <algorithm>
#include <cstdlib>
#include <string>

/// Assigns the `name=value` lines of the variable SETTINGS_IN_CODE.
inline void assign_in_code() {
    const char* code = std::getenv("SETTINGS_IN_CODE");
    const std::string lines = code != nullptr ? code : "";
    for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = std::min(lines.find('\n', at), lines.size());
        const std::string line = lines.substr(at, end - at);
        const std::size_t equals = line.find('=');
        timemory_set_setting(line.substr(0, equals).c_str(), line.substr(equals + 1).c_str());
        at = end + 1;
    }
}
