// What the two readers of configuration files must keep to, whatever they are given.

#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "settings/config_file.hpp"
#include "settings/utf8.hpp"

/// Few lines, each of them readable.
inline int feed_config(const std::uint8_t* bytes, std::size_t size, tim::config_format format) {
    const std::string_view input{reinterpret_cast<const char*>(bytes), size};
    const auto lines = tim::read_config(input, format, "input", tim::setting_origin::file);
    if (lines.size() > 11) std::abort();
    for (const std::string& line : lines) {
        if (!line.starts_with("input:") || line.size() > 500) std::abort();
        for (std::size_t i = 0; i < line.size();) {
            const std::size_t length = tim::utf8_length(std::string_view{line}.substr(i));
            if (length == 0 || (line[i] >= 0 && line[i] < ' ')) std::abort();
            i += length;
        }
    }
    return 0;
}
