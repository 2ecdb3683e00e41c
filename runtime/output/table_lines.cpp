#include "output/table_lines.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "output/printable.hpp"

namespace tim {
namespace {

void write_banner_line(std::string_view line, std::size_t total, stream& out) {
    const std::size_t length = shown_width(line);
    const std::size_t lead = total / 2 > length / 2 ? total / 2 - length / 2 : 0;
    out.write('|');
    out.fill(' ', lead);
    out.write(line);
    if (total > lead + length + 1) out.fill(' ', total - lead - length - 1);
    out.write("|\n");
}

}  // namespace

void write_banner(std::string_view text, std::size_t total, stream& out) {
    std::string line;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (!line.empty() && shown_width(line) + shown_width(word) + 2 >= total) {
            write_banner_line(line, total, out);
            line.clear();
        }
        if (!line.empty()) line += ' ';
        line += word;
    }
    write_banner_line(line, total, out);
}

void write_header(std::string_view header, std::size_t width, stream& out) {
    const auto wide = static_cast<std::int64_t>(width);
    const auto length = static_cast<std::int64_t>(header.size());
    const std::int64_t centred = std::max<std::int64_t>(wide / 2 - (length + 1) / 2, 0);
    const auto lead = static_cast<std::size_t>(
        std::max<std::int64_t>(std::min(centred, wide - 3 - length) - 1, 0));
    out.write("| ");
    out.fill(' ', lead);
    out.write(header);
    out.fill(' ', width - 1 - lead - header.size());
}

}  // namespace tim
