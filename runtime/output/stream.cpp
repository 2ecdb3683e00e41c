#include "output/stream.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace tim {

void stream::flush() {
    if (used_ > 0) out_({buffer_->data(), used_});
    used_ = 0;
}

void stream::finish() {
    flush();
}

void stream::write_across(std::string_view text) {
    while (!text.empty()) {
        if (used_ == capacity) flush();
        const std::size_t count = std::min(text.size(), capacity - used_);
        std::memcpy(buffer_->data() + used_, text.data(), count);
        used_ += count;
        text.remove_prefix(count);
    }
}

void stream::json_string(std::string_view text) {
    write('"');
    while (!text.empty()) {
        // What needs no escape goes in one piece.
        const auto plain = static_cast<std::size_t>(std::find_if(text.begin(), text.end(),
                                                                 [](unsigned char c) {
                                                                     return c < 0x20 || c >= 0x80 ||
                                                                            c == '"' || c == '\\';
                                                                 }) -
                                                    text.begin());
        write(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        const auto c = static_cast<unsigned char>(text.front());
        if (c >= 0x80) {
            const std::size_t length = utf8_length(text);
            write(length > 0 ? text.substr(0, length) : "\xEF\xBF\xBD");
            text.remove_prefix(std::max<std::size_t>(length, 1));
            continue;
        }
        switch (c) {
            case '"':
                write("\\\"");
                break;
            case '\\':
                write("\\\\");
                break;
            case '\n':
                write("\\n");
                break;
            case '\r':
                write("\\r");
                break;
            case '\t':
                write("\\t");
                break;
            default:
                fmt::format_to(room(6), FMT_COMPILE("\\u{:04x}"), c);
                used_ += 6;
        }
        text.remove_prefix(1);
    }
    write('"');
}

void stream::json(std::uint64_t value) {
    char* const at = room(20);
    used_ += static_cast<std::size_t>(fmt::format_to(at, FMT_COMPILE("{}"), value) - at);
}

void stream::json(std::int64_t value) {
    char* const at = room(20);
    used_ += static_cast<std::size_t>(fmt::format_to(at, FMT_COMPILE("{}"), value) - at);
}

void stream::json(int128 value) {
    if (value >= std::numeric_limits<std::int64_t>::min() &&
        value <= std::numeric_limits<std::int64_t>::max())
        return json(static_cast<std::int64_t>(value));
    char* const at = room(40);
    used_ += static_cast<std::size_t>(fmt::format_to(at, FMT_COMPILE("{}"), value) - at);
}

}  // namespace tim
