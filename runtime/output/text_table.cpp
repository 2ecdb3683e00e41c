// <label>.txt: the rows of a component as a table, with timemory's layout.
//
// A column is as wide as its widest text, so a table is laid out in two passes over the rows: the
// first measures, the second writes. Nothing of a row is kept between them, and the first formats
// only the numbers that may be the longest.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "output/label.hpp"
#include "output/printable.hpp"
#include "output/stream.hpp"
#include "output/table_lines.hpp"
#include "output/view.hpp"
#include "output/writers.hpp"

namespace tim {
namespace {

/// The numbers of a column that may be the longest: in fixed notation the least and the greatest,
/// in scientific notation also those nearest to 0, for the digits of their exponents.
class extremes {
public:
    void add(double value) {
        if (!std::isfinite(value)) {
            has_odd_ = true;
            return;
        }
        least_ = std::min(least_, value);
        greatest_ = std::max(greatest_, value);
        if (value > 0) least_positive_ = std::min(least_positive_, value);
        if (value < 0) greatest_negative_ = std::max(greatest_negative_, value);
    }

    [[nodiscard]] std::size_t longest(const number_format& format) const {
        std::size_t length = has_odd_ ? std::string_view{"-inf"}.size() : 0;
        std::string text;
        for (const double value : {least_, greatest_, least_positive_, greatest_negative_}) {
            if (!std::isfinite(value)) continue;  // there was none
            format.write(value, text);
            length = std::max(length, text.size());
        }
        return length;
    }

private:
    static constexpr double infinity = std::numeric_limits<double>::infinity();
    double least_ = infinity;
    double greatest_ = -infinity;
    double least_positive_ = infinity;
    double greatest_negative_ = -infinity;
    bool has_odd_ = false;
};

/// What must be seen in a table: the least mean over laps that is not 0; 0 where no total reaches
/// one unit.
double least_to_show(const std::vector<view>& views, std::size_t element) {
    double least = std::numeric_limits<double>::infinity();
    double greatest = 0;
    for (const view& v : views)
        for (std::size_t row = 0; row < v.rows().size(); ++row) {
            const double total = std::abs(v.total(row, element));
            greatest = std::max(greatest, total);
            if (total > 0)
                least = std::min(
                    least, total / static_cast<double>(std::max<std::uint64_t>(v.laps(row), 1)));
        }
    return greatest < 1.0 ? 0 : least;
}

number_format format_of(const settings& s, const std::vector<view>& views, std::size_t element) {
    const quantity kind = views.front().elements()[element].kind;
    return format_for(kind, s, least_to_show(views, element));
}

enum class alignment : std::uint8_t { left, right };

struct column {
    std::string_view header;
    alignment side;
    std::size_t width = 0;  // of the text and the space on each side of it
};

enum column_index : std::size_t {
    label,
    count,
    depth,
    metric,
    units,
    sum,
    mean_value,
    least,
    greatest,
    variance,
    stddev,
    self
};

constexpr std::array<column_index, 6> value_columns{sum,      mean_value, least,
                                                    greatest, variance,   stddev};
constexpr std::size_t columns = 12;

using cells = std::array<std::string, columns>;

std::array<double, value_columns.size()> in_columns(const row_values& v) {
    return {v.total, v.mean, v.min, v.max, v.stddev * v.stddev, v.stddev};
}

/// Whether `TIMEMORY_PRINT_<name>` leaves a column in the table.
bool is_printed(const char* name, bool standard) {
    const char* value = std::getenv((std::string{"TIMEMORY_PRINT_"} + name).c_str());
    if (value == nullptr) return standard;
    return *value == 0 || parse_boolean(value).value_or(standard);
}

/// Which columns a table has.
std::array<bool, columns> shown_columns(const view& v) {
    const auto& elements = v.elements();
    const bool has_units = std::any_of(elements.begin(), elements.end(),
                                       [](const auto& element) { return !element.unit.empty(); });
    const bool statistics = is_printed("STATS", true);
    std::array<bool, columns> shown{};
    shown[label] = true;
    shown[count] = is_printed("COUNT", true);
    shown[depth] = is_printed("DEPTH", true);
    shown[metric] = is_printed("METRIC", true);
    shown[units] = has_units && is_printed("UNITS", true);
    shown[sum] = v.what().has_sum && is_printed("SUM", true);
    shown[mean_value] = is_printed("MEAN", true);
    shown[least] = statistics && is_printed("MIN", true);
    shown[greatest] = statistics && is_printed("MAX", true);
    shown[variance] = statistics && is_printed("VARIANCE", false);
    shown[stddev] = statistics && is_printed("STDDEV", true);
    shown[self] = is_printed("SELF", true);
    return shown;
}

class table {
public:
    table(const result& r, std::string_view component_id, const settings& s) : settings_(s) {
        for (const profile& p : r.profiles)
            if (p.find(component_id) != nullptr) views_.emplace_back(p, component_id, s);
        if (views_.empty()) return;
        prefixes_.reserve(views_.size());
        for (const view& v : views_) prefixes_.emplace_back(r, v);
        for (std::size_t i = 0; i < elements().size(); ++i)
            formats_.push_back(format_of(s, views_, i));
        shown_ = shown_columns(views_.front());
        measure();
    }

    [[nodiscard]] bool empty() const { return views_.empty(); }

    void write(bool banner, stream& out) {
        separator('-', out);
        if (banner) {
            write_banner(out);
            separator('-', out);
        }
        write_headers(out);
        separator('|', out);
        std::int64_t rows = 0;
        for_each_row([&](const view& v, std::size_t row) {
            const std::int64_t every = settings_.separator_frequency;
            if (every > 0 && rows > 0 && rows % every == 0) separator('-', out);
            ++rows;
            for (std::size_t element = 0; element < elements().size(); ++element) {
                fill(v, row, element);
                write_row(out);
            }
        });
        separator('-', out);
    }

    void write_markdown(stream& out) {
        out.write("### ");
        std::string description;
        append_printable(what().description, description);
        out.write(description);
        out.write("\n\n");
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (shown_[i]) write_cell(columns_[i].header, out);
        out.write("|\n");
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (shown_[i]) out.write(columns_[i].side == alignment::left ? "| :--- " : "| ---: ");
        out.write("|\n");
        for_each_row([&](const view& v, std::size_t row) {
            for (std::size_t element = 0; element < elements().size(); ++element) {
                fill(v, row, element);
                for (std::size_t i = 0; i < columns_.size(); ++i) {
                    if (!shown_[i]) continue;
                    // As code its spaces stay, and nothing in a name is taken for markup.
                    if (i == label && !row_[i].empty()) row_[i] = as_code(row_[i]);
                    write_cell(row_[i], out);
                }
                out.write("|\n");
            }
        });
    }

private:
    /// Between one more backquote than stand together in it.
    static std::string as_code(const std::string& text) {
        std::size_t most = 0;
        std::size_t together = 0;
        for (const char c : text) {
            together = c == '`' ? together + 1 : 0;
            most = std::max(most, together);
        }
        const std::string quotes(most + 1, '`');
        const std::string space(most > 0 ? 1 : 0, ' ');
        return quotes + space + text + space + quotes;
    }

    static void write_cell(std::string_view text, stream& out) {
        out.write("| ");
        for (const char c : text) {
            if (c == '|') out.write('\\');
            out.write(c);
        }
        out.write(' ');
    }

    [[nodiscard]] const component_description& what() const { return views_.front().what(); }
    [[nodiscard]] const std::vector<component_element>& elements() const {
        return views_.front().elements();
    }

    /// Calls `function(view, row)` for each row, with the text of its label in `row_[label]`.
    template <typename Function>
    void for_each_row(const Function& function) {
        for (std::size_t i = 0; i < views_.size(); ++i)
            for (std::size_t row = 0; row < views_[i].rows().size(); ++row) {
                prefixes_[i].write(row, row_[label]);
                append_printable(views_[i].name(row), row_[label]);
                cut(row_[label], settings_.max_width);
                function(views_[i], row);
            }
    }

    void measure() {
        std::array<std::size_t, columns> longest{};
        std::size_t width = 0;
        for (std::size_t i = 0; i < elements().size(); ++i) {
            fill_names(i);
            longest[metric] = std::max(longest[metric], shown_width(row_[metric]));
            longest[units] = std::max(longest[units], shown_width(row_[units]));
            width = std::max(width, formats_[i].width);
        }
        std::uint64_t most_laps = 0;
        std::uint32_t deepest = 0;
        std::vector<std::array<extremes, value_columns.size()>> values(elements().size());
        for_each_row([&](const view& v, std::size_t row) {
            longest[label] = std::max(longest[label], shown_width(row_[label]));
            most_laps = std::max(most_laps, v.laps(row));
            deepest = std::max(deepest, v.rows()[row].depth);
            if (v.laps(row) == 0) return;
            for (std::size_t element = 0; element < values.size(); ++element) {
                const auto numbers = in_columns(v.values(row, element));
                for (std::size_t i = 0; i < numbers.size(); ++i)
                    if (shown_[value_columns[i]]) values[element][i].add(numbers[i]);
            }
        });
        longest[count] = fmt::formatted_size("{}", most_laps);
        longest[depth] = fmt::formatted_size("{}", deepest);
        for (std::size_t element = 0; element < values.size(); ++element)
            for (std::size_t i = 0; i < value_columns.size(); ++i)
                longest[value_columns[i]] = std::max(longest[value_columns[i]],
                                                     values[element][i].longest(formats_[element]));

        // The header of % SELF is longer than any share.
        for (std::size_t i = 0; i < columns; ++i) {
            columns_[i].width = std::max({width, columns_[i].header.size() + 2, longest[i] + 2});
            if (shown_[i]) total_ += columns_[i].width + 1;
        }
    }

    /// The texts of METRIC and UNITS.
    void fill_names(std::size_t element) {
        row_[metric].clear();
        row_[units].clear();
        append_printable(elements()[element].label, row_[metric]);
        append_printable(elements()[element].unit, row_[units]);
        cut(row_[metric], settings_.max_width);
    }

    /// Fills the row with one of the values it shows. Those after the first stand on lines of their
    /// own, without the label.
    void fill(const view& v, std::size_t row, std::size_t element) {
        if (element > 0) {
            for (const std::size_t i : {label, count, depth}) row_[i].clear();
        } else {
            row_[count] = std::to_string(v.laps(row));
            row_[depth] = std::to_string(v.rows()[row].depth);
        }
        if (elements().size() > 1) fill_names(element);
        if (v.laps(row) == 0) {
            for (const std::size_t i : value_columns) row_[i] = "-";
            row_[self] = "-";
            return;
        }
        const auto numbers = in_columns(v.values(row, element));
        for (std::size_t i = 0; i < numbers.size(); ++i)
            if (shown_[value_columns[i]])
                formats_[element].write(numbers[i], row_[value_columns[i]]);
        if (const auto share = v.self_share(row, element))
            number_format{.precision = 1}.write(*share, row_[self]);
        else
            row_[self] = "-";
    }

    void separator(char joint, stream& out) const {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (!shown_[i]) continue;
            out.write(i == 0 ? '|' : joint);
            out.fill('-', columns_[i].width);
        }
        out.write("|\n");
    }

    void write_banner(stream& out) const {
        std::string description;
        append_printable(what().description, description);
        for (char& c : description)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        tim::write_banner(description, total_, out);
    }

    void write_headers(stream& out) const {
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (shown_[i]) write_header(columns_[i].header, columns_[i].width, out);
        out.write("|\n");
    }

    void write_row(stream& out) const {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (!shown_[i]) continue;
            const std::size_t space = columns_[i].width - 2 - shown_width(row_[i]);
            out.write("| ");
            if (columns_[i].side == alignment::right) out.fill(' ', space);
            out.write(row_[i]);
            if (columns_[i].side == alignment::left) out.fill(' ', space);
            out.write(' ');
        }
        out.write("|\n");
    }

    const settings& settings_;
    std::vector<view> views_;
    std::vector<label_prefix> prefixes_;
    std::vector<number_format> formats_;  // by element
    std::array<bool, columns> shown_{};
    std::size_t total_ = 0;  // width of a line after its first `|`
    cells row_;              // the text of the row at hand
    std::array<column, columns> columns_{{{"LABEL", alignment::left},
                                          {"COUNT", alignment::right},
                                          {"DEPTH", alignment::right},
                                          {"METRIC", alignment::left},
                                          {"UNITS", alignment::left},
                                          {"SUM", alignment::right},
                                          {"MEAN", alignment::right},
                                          {"MIN", alignment::right},
                                          {"MAX", alignment::right},
                                          {"VAR", alignment::right},
                                          {"STDDEV", alignment::right},
                                          {"% SELF", alignment::right}}};
};

}  // namespace

void write_text(const result& r, std::string_view component_id, const settings& s, bool banner,
                const sink& sink_of_text) {
    table t{r, component_id, s};
    if (t.empty()) return;
    stream out{sink_of_text};
    t.write(banner, out);
    out.finish();
}

void write_markdown(const result& r, std::string_view component_id, const settings& s,
                    const sink& sink_of_text) {
    table t{r, component_id, s};
    if (t.empty()) return;
    stream out{sink_of_text};
    t.write_markdown(out);
    out.finish();
}

}  // namespace tim
