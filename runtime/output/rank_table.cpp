// The rows of a component over the ranks of the job.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "output/json_parts.hpp"
#include "output/label.hpp"
#include "output/printable.hpp"
#include "output/stream.hpp"
#include "output/table_lines.hpp"
#include "output/view.hpp"
#include "output/writers.hpp"

namespace tim {
namespace {

constexpr std::array<std::string_view, 12> headers{"LABEL", "COUNT", "METRIC", "UNITS",
                                                   "RANKS", "SUM",   "MEAN",   "MIN",
                                                   "OF",    "MAX",   "OF",     "IMBALANCE"};
using cells = std::array<std::string, headers.size()>;

bool is_text(std::size_t column) {
    return column == 0 || column == 2 || column == 3;
}

cells cells_of(const view& v, std::size_t row, std::size_t element, const number_format& format) {
    cells c;
    c[1] = std::to_string(v.laps(row));
    append_printable(v.elements()[element].label, c[2]);
    append_printable(v.elements()[element].unit, c[3]);
    const auto over = v.over_ranks(row, element);
    if (!over) {
        std::fill(c.begin() + 4, c.end(), "-");
        return c;
    }
    c[4] = std::to_string(over->count);
    if (v.what().has_sum && v.what().over_ranks == combine::sum && !v.is_quotient(element))
        format.write(over->sum, c[5]);
    else
        c[5] = "-";
    format.write(over->mean, c[6]);
    format.write(over->min, c[7]);
    c[8] = std::to_string(over->min_rank);
    format.write(over->max, c[9]);
    c[10] = std::to_string(over->max_rank);
    c[11] = fmt::format("{:.1f} %", 100 * over->imbalance);
    return c;
}

/// As of the table over laps: the least mean that is not 0, where a total reaches one unit.
number_format format_of(const view& v, std::size_t element, const settings& s) {
    double least = std::numeric_limits<double>::infinity();
    double greatest = 0;
    for (std::size_t row = 0; row < v.rows().size(); ++row)
        if (const auto over = v.over_ranks(row, element)) {
            greatest = std::max(greatest, over->max);
            if (over->min > 0) least = std::min(least, over->min);
        }
    return format_for(v.elements()[element].kind, s, greatest < 1.0 ? 0 : least);
}

void write_separator(const std::array<std::size_t, headers.size()>& widths, char joint,
                     stream& out) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
        out.write(i == 0 ? '|' : joint);
        out.fill('-', widths[i]);
    }
    out.write("|\n");
}

}  // namespace

void write_rank_table(const result& r, std::string_view component_id, const settings& s,
                      const sink& sink_of_text) {
    std::vector<cells> rows;
    std::string title;
    for (const profile* p : profiles_with(r, component_id)) {
        const view v{*p, component_id, s};
        const label_prefix prefix{r, v};
        title = v.what().description + ", over ranks";
        for (std::size_t element = 0; element < v.elements().size(); ++element) {
            const number_format format = format_of(v, element, s);
            for (std::size_t row = 0; row < v.rows().size(); ++row) {
                rows.push_back(cells_of(v, row, element, format));
                std::string& label = rows.back()[0];
                prefix.write(row, label);
                append_printable(v.name(row), label);
                cut(label, s.max_width);
            }
        }
    }
    if (rows.empty()) return;
    std::array<std::size_t, headers.size()> widths{};
    for (std::size_t i = 0; i < widths.size(); ++i) {
        widths[i] = headers[i].size() + 2;
        for (const cells& row : rows) widths[i] = std::max(widths[i], shown_width(row[i]) + 2);
    }
    std::size_t total = 0;
    for (const std::size_t width : widths) total += width + 1;

    stream out{sink_of_text};
    write_separator(widths, '-', out);
    for (char& c : title)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    write_banner(title, total, out);
    write_separator(widths, '-', out);
    for (std::size_t i = 0; i < widths.size(); ++i) write_header(headers[i], widths[i], out);
    out.write("|\n");
    write_separator(widths, '|', out);
    for (const cells& row : rows) {
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const std::size_t space = widths[i] - 2 - shown_width(row[i]);
            out.write("| ");
            if (!is_text(i)) out.fill(' ', space);
            out.write(row[i]);
            if (is_text(i)) out.fill(' ', space);
            out.write(' ');
        }
        out.write("|\n");
    }
    write_separator(widths, '-', out);
    out.finish();
}

}  // namespace tim
