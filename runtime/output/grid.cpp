#include "output/grid.hpp"

#include <algorithm>

#include "output/printable.hpp"
#include "output/table_lines.hpp"

namespace tim {
namespace {

void write_separator(const std::vector<std::size_t>& widths, char joint, stream& out) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
        out.write(i == 0 ? '|' : joint);
        out.fill('-', widths[i]);
    }
    out.write("|\n");
}

}  // namespace

void grid::write(stream& out) const {
    std::vector<std::size_t> widths(columns_.size());
    std::size_t total = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        widths[i] = columns_[i].header.size() + 2;
        for (const auto& row : rows_) widths[i] = std::max(widths[i], shown_width(row[i]) + 2);
        total += widths[i] + 1;
    }
    write_separator(widths, '-', out);
    write_banner(title_, total, out);
    write_separator(widths, '-', out);
    for (std::size_t i = 0; i < widths.size(); ++i)
        write_header(columns_[i].header, widths[i], out);
    out.write("|\n");
    write_separator(widths, '|', out);
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const std::size_t space = widths[i] - 2 - shown_width(row[i]);
            out.write("| ");
            if (!columns_[i].is_text) out.fill(' ', space);
            out.write(row[i]);
            if (columns_[i].is_text) out.fill(' ', space);
            out.write(' ');
        }
        out.write("|\n");
    }
    write_separator(widths, '-', out);
}

}  // namespace tim
