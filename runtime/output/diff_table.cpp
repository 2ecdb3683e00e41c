// <label>.diff.txt: the differences of two results, laid out as the table of one.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "output/diff.hpp"
#include "output/printable.hpp"
#include "output/stream.hpp"
#include "output/table_lines.hpp"

namespace tim {
namespace {

constexpr std::array<std::string_view, 11> headers{
    "LABEL", "COUNT", "DEPTH", "METRIC", "UNITS", "SUM", "MEAN", "MIN", "MAX", "STDDEV", "% SELF"};
constexpr std::size_t columns = headers.size();
constexpr std::size_t units_column = 4;
constexpr std::size_t first_value = 5;

bool is_text(std::size_t column) {
    return column == 0 || column == 3 || column == 4;
}

using cells = std::array<std::string, columns>;

number_format format_of(const comparison& c, quantity kind, const settings& s,
                        std::size_t element) {
    double least = INFINITY;
    for (const diff_row& d : c.rows)
        if (const double mean = std::fabs(d.values.mean[element]); mean > 0)
            least = std::fmin(least, mean);
    return format_for(kind, s, least);
}

void put(const number_format& f, double value, std::string& cell) {
    if (std::isnan(value))
        cell = "-";
    else
        f.write(value, cell);
}

cells row_of(const comparison& c, const diff_row& d, std::size_t element,
             const number_format& format, std::int64_t max_width) {
    cells row;
    if (element == 0) {
        append_printable(d.row.label, row[0]);
        if (d.what == change::added) row[0] += " (added)";
        if (d.what == change::removed) row[0] += " (removed)";
        cut(row[0], max_width);
        row[1] = std::to_string(d.values.laps);
        row[2] = std::to_string(d.row.depth);
    }
    append_printable(c.now.types[element], row[3]);
    append_printable(c.now.units[element], row[4]);
    std::size_t column = first_value;
    for (const auto list : {&flat_values::total, &flat_values::mean, &flat_values::min,
                            &flat_values::max, &flat_values::stddev})
        put(format, (d.values.*list)[element], row[column++]);
    put({.precision = 1}, d.self[element], row[column]);
    return row;
}

class table {
public:
    table(std::vector<cells> rows, std::size_t least_width) : rows_(std::move(rows)) {
        for (std::size_t i = 0; i < columns; ++i) {
            widths_[i] = std::max(least_width, headers[i].size() + 2);
            for (const cells& row : rows_) {
                widths_[i] = std::max(widths_[i], shown_width(row[i]) + 2);
                shown_[i] = shown_[i] || !row[i].empty() || i != units_column;
            }
            if (shown_[i]) total_ += widths_[i] + 1;
        }
    }

    void write(std::string_view banner, stream& out) const {
        write_separator('-', out);
        write_banner(banner, total_, out);
        write_separator('-', out);
        write_headers(out);
        write_separator('|', out);
        for (const cells& row : rows_) write_row(row, out);
        write_separator('-', out);
    }

private:
    void write_separator(char joint, stream& out) const {
        for (std::size_t i = 0; i < columns; ++i) {
            if (!shown_[i]) continue;
            out.write(i == 0 ? '|' : joint);
            out.fill('-', widths_[i]);
        }
        out.write("|\n");
    }

    void write_headers(stream& out) const {
        for (std::size_t i = 0; i < columns; ++i)
            if (shown_[i]) write_header(headers[i], widths_[i], out);
        out.write("|\n");
    }

    void write_row(const cells& row, stream& out) const {
        for (std::size_t i = 0; i < columns; ++i) {
            if (!shown_[i]) continue;
            const std::size_t space = widths_[i] - 2 - shown_width(row[i]);
            out.write("| ");
            if (!is_text(i)) out.fill(' ', space);
            out.write(row[i]);
            if (is_text(i)) out.fill(' ', space);
            out.write(' ');
        }
        out.write("|\n");
    }

    std::vector<cells> rows_;
    std::array<std::size_t, columns> widths_{};
    std::array<bool, columns> shown_{};
    std::size_t total_ = 0;  // width of a line after its first `|`
};

}  // namespace

void write_diff_text(const comparison& c, const component_description& what, const settings& s,
                     std::string_view input, const sink& sink_of_text) {
    std::vector<number_format> formats;
    std::size_t width = 0;
    for (std::size_t i = 0; i < c.now.types.size(); ++i) {
        formats.push_back(format_of(c, what.element(i < what.shown() ? i : 0).kind, s, i));
        width = std::max(width, formats.back().width);
    }
    std::vector<cells> rows;
    for (const diff_row& d : c.rows)
        for (std::size_t i = 0; i < formats.size(); ++i)
            rows.push_back(row_of(c, d, i, formats[i], s.max_width));
    std::string banner;
    append_printable(c.now.description, banner);
    for (char& letter : banner)
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    banner += " vs. ";
    append_printable(input, banner);
    stream out{sink_of_text};
    table{std::move(rows), width}.write(banner, out);
    out.finish();
}

}  // namespace tim
