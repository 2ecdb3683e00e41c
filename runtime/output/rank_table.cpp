// The rows of a component over the ranks of the job.

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "output/grid.hpp"
#include "output/json_parts.hpp"
#include "output/label.hpp"
#include "output/printable.hpp"
#include "output/stream.hpp"
#include "output/view.hpp"
#include "output/writers.hpp"
#include "profile/process_table.hpp"

namespace tim {
namespace {

/// As of the table over laps: the least value that is not 0, where one reaches a unit.
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

/// The cells behind the label.
void fill(std::vector<std::string>& cells, const view& v, std::size_t row, std::size_t element,
          const number_format& format) {
    cells[1] = std::to_string(v.laps(row));
    append_printable(v.elements()[element].label, cells[2]);
    append_printable(v.elements()[element].unit, cells[3]);
    const auto over = v.over_ranks(row, element);
    if (!over) return std::fill(cells.begin() + 4, cells.end(), "-");
    cells[4] = std::to_string(over->count);
    if (v.what().has_sum && v.what().over_ranks == combine::sum && !v.is_quotient(element))
        format.write(over->sum, cells[5]);
    else
        cells[5] = "-";
    format.write(over->mean, cells[6]);
    format.write(over->min, cells[7]);
    cells[8] = std::to_string(over->min_rank);
    format.write(over->max, cells[9]);
    cells[10] = std::to_string(over->max_rank);
    cells[11] = fmt::format("{:.1f} %", 100 * over->imbalance);
}

std::string title_of(std::string_view description) {
    std::string title;
    append_printable(description, title);
    title += ", over ranks";
    for (char& c : title)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return title;
}

}  // namespace

void write_rank_table(const result& r, std::string_view component_id, const settings& s,
                      const sink& sink_of_text) {
    const std::vector<const profile*> profiles = profiles_with(r, component_id);
    if (profiles.empty()) return;
    grid table{title_of(profiles.front()->find(component_id)->what.description),
               {{"LABEL", true},
                {"COUNT"},
                {"METRIC", true},
                {"UNITS", true},
                {"RANKS"},
                {"SUM"},
                {"MEAN"},
                {"MIN"},
                {"OF"},
                {"MAX"},
                {"OF"},
                {"IMBALANCE"}}};
    for (const profile* p : profiles) {
        const view v{*p, component_id, s};
        const label_prefix prefix{r, v};
        for (std::size_t element = 0; element < v.elements().size(); ++element) {
            const number_format format = format_of(v, element, s);
            for (std::size_t row = 0; row < v.rows().size(); ++row) {
                std::vector<std::string>& cells = table.add_row();
                prefix.write(row, cells[0]);
                append_printable(v.name(row), cells[0]);
                cut(cells[0], s.max_width);
                fill(cells, v, row, element, format);
            }
        }
    }
    stream out{sink_of_text};
    table.write(out);
    out.finish();
}

void write_process_table(const result& r, const sink& sink_of_text) {
    grid table{"PROCESSES",
               {{"HOST", true}, {"RANKS", true}, {"PROCESSES"}, {"THREADS"}, {"END", true}}};
    for (const process_group& g : process_groups(r.profiles)) {
        std::vector<std::string>& cells = table.add_row();
        append_printable(g.host, cells[0]);
        cells[1] = ranks_text(g);
        cells[2] = std::to_string(g.processes);
        cells[3] = std::to_string(g.threads);
        append_printable(g.end, cells[4]);
    }
    if (table.empty()) return;
    stream out{sink_of_text};
    table.write(out);
    out.finish();
}

}  // namespace tim
