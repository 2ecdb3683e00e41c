#include "output/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <iterator>

#include "output/decimal.hpp"
#include "settings/utf8.hpp"

namespace tim {
namespace {

constexpr std::int64_t greatest_width = 1000;

/// The settings of precision, width and notation that an element's kind has of its own.
struct category {
    std::int64_t precision = -1;
    std::int64_t width = -1;
    bool scientific = false;
};

category category_of(const settings& s, quantity kind) {
    switch (kind) {
        case quantity::time:
            return {s.timing_precision, s.timing_width, s.timing_scientific};
        case quantity::memory:
        case quantity::rate:
            return {s.memory_precision, s.memory_width, s.memory_scientific};
        default:
            return {};
    }
}

}  // namespace

number_format format_for(quantity kind, const settings& s, double least) {
    const category own = category_of(s, kind);
    const std::int64_t precision = own.precision >= 0 ? own.precision : s.precision;
    const std::int64_t width = own.width >= 0 ? own.width : s.width;
    number_format f{.scientific = (s.scientific || own.scientific) && kind != quantity::percent};
    if (kind == quantity::percent) {
        f.precision = 1;
        f.width = 6;
    } else if (kind == quantity::count) {
        f.precision = 0;
        f.width = 3;
    } else if (kind == quantity::time && !f.scientific && precision < 0 && least < 0.1) {
        f.precision = 6;
    }
    if (precision >= 0) f.precision = static_cast<int>(std::min(precision, greatest_precision));
    if (width >= 0) f.width = static_cast<std::size_t>(std::min(width, greatest_width));
    return f;
}

void number_format::write(double value, std::string& text) const {
    std::array<char, fixed_size> buffer;
    char* const end = scientific ? std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                                 value, std::chars_format::scientific, precision)
                                       .ptr
                                 : write_fixed(value, precision, buffer.data());
    text.assign(buffer.data(), end);
    // A negative number that rounds to nothing is nothing.
    if (value < 0 && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
}

std::size_t shown_width(std::string_view text) {
    // All bytes but those of the form 10xxxxxx, eight at a time.
    std::size_t width = 0;
    std::size_t following = 0;
    while (!text.empty()) {
        std::uint64_t bytes = 0;
        const std::size_t count = std::min(text.size(), sizeof bytes);
        std::memcpy(&bytes, text.data(), count);
        following += static_cast<std::size_t>(
            std::popcount(bytes >> 7 & ~(bytes >> 6) & 0x0101010101010101));
        width += count;
        text.remove_prefix(count);
    }
    return width - following;
}

void append_printable(std::string_view name, std::string& text) {
    while (!name.empty()) {
        const auto plain =
            std::find_if(name.begin(), name.end(), [](char c) { return c < ' ' || c > '~'; });
        text.append(name.begin(), plain);
        name.remove_prefix(static_cast<std::size_t>(plain - name.begin()));
        if (name.empty()) return;
        const auto c = static_cast<unsigned char>(name.front());
        const std::size_t length = utf8_length(name);
        const bool control =
            c < 0x20 || c == 0x7f || length == 0 ||
            (c == 0xC2 && static_cast<unsigned char>(name[1]) < 0xA0);  // U+0080 to U+009F
        if (!control) {
            text += name.substr(0, length);
        } else if (c == '\n') {
            text += "\\n";
        } else if (c == '\t') {
            text += "\\t";
        } else if (c == '\r') {
            text += "\\r";
        } else if (length == 2) {
            fmt::format_to(std::back_inserter(text), "\\u{:04x}",
                           static_cast<unsigned char>(name[1]));
        } else {
            fmt::format_to(std::back_inserter(text), "\\x{:02x}", c);
        }
        name.remove_prefix(std::max<std::size_t>(length, 1));
    }
}

void cut(std::string& text, std::int64_t max_width) {
    if (max_width <= 0 || text.size() <= static_cast<std::size_t>(max_width)) return;
    if (shown_width(text) <= static_cast<std::size_t>(max_width)) return;
    const auto kept = static_cast<std::size_t>(max_width > 20 ? max_width - 3 : max_width);
    std::size_t end = 0;
    for (std::size_t characters = 0; characters < kept; ++characters)
        end += utf8_length(std::string_view{text}.substr(end));
    text.resize(end);
    if (max_width > 20) text += "...";
}

}  // namespace tim
