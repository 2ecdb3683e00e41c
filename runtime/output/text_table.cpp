// <label>.txt: the rows of a component as a table, with timemory's layout.
//
// A column is as wide as its widest text, so a table is laid out in two passes over the rows: the first measures, the
// second writes. Nothing of a row is kept between them.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "output/label.hpp"
#include "output/stream.hpp"
#include "output/view.hpp"
#include "output/writers.hpp"

namespace tim {
namespace {

/// How the numbers of one table look.
struct number_format {
    bool scientific = false;
    int precision = 3;
    std::size_t width = 8;  // least width of every column

    void write(double value, std::string& text) const {
        text.clear();
        if (scientific)
            fmt::format_to(std::back_inserter(text), "{:.{}e}", value, precision);
        else
            fmt::format_to(std::back_inserter(text), "{:.{}f}", value, precision);
        // A negative number that rounds to nothing is nothing.
        if (text.front() == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
    }
};

/// Largest time in a table, from which the digits follow that are needed to see anything.
double greatest_total(const std::vector<view>& views) {
    double greatest = 0;
    for (const view& v : views)
        for (std::size_t row = 0; row < v.rows().size(); ++row)
            greatest = std::max(greatest, std::abs(v.display(v.inclusive(row, 0))));
    return greatest;
}

number_format format_of(const component_description& what, const settings& s, const std::vector<view>& views) {
    number_format f{.scientific = s.scientific && what.kind != quantity::percent};
    if (what.kind == quantity::percent) {
        f.precision = 1;
        f.width = 6;
    } else if (what.kind == quantity::count) {
        f.precision = 0;
        f.width = 3;
    } else if (what.kind == quantity::time && !f.scientific && s.precision < 0 && greatest_total(views) < 1.0) {
        f.precision = 6;
    }
    if (s.precision >= 0) f.precision = static_cast<int>(std::min<std::int64_t>(s.precision, 60));
    if (s.width >= 0) f.width = static_cast<std::size_t>(std::min<std::int64_t>(s.width, 1000));
    return f;
}

/// Characters that a terminal shows for UTF-8 text, each taken as one column wide.
std::size_t shown_width(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

/// Appends a name so that it can neither break the row nor steer the terminal.
void append_printable(std::string_view name, std::string& text) {
    while (!name.empty()) {
        const auto c = static_cast<unsigned char>(name.front());
        const std::size_t length = utf8_length(name);
        const bool control = c < 0x20 || c == 0x7f || length == 0 ||
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
            fmt::format_to(std::back_inserter(text), "\\u{:04x}", static_cast<unsigned char>(name[1]));
        } else {
            fmt::format_to(std::back_inserter(text), "\\x{:02x}", c);
        }
        name.remove_prefix(std::max<std::size_t>(length, 1));
    }
}

/// Cuts UTF-8 text to `max_width` characters, the last three of which are dots where there is room for them.
void cut(std::string& text, std::int64_t max_width) {
    if (max_width <= 0 || shown_width(text) <= static_cast<std::size_t>(max_width)) return;
    const auto kept = static_cast<std::size_t>(max_width > 20 ? max_width - 3 : max_width);
    std::size_t end = 0;
    for (std::size_t characters = 0; characters < kept; ++characters) end += utf8_length(std::string_view{text}.substr(end));
    text.resize(end);
    if (max_width > 20) text += "...";
}

enum class alignment : std::uint8_t { left, right };

struct column {
    std::string_view header;
    alignment side;
    std::size_t width = 0;  // of the text and the space on each side of it
};

enum column_index : std::size_t { label, count, depth, metric, units, sum, mean_value, least, greatest, stddev, self };

using cells = std::array<std::string, 11>;

class table {
public:
    table(const result& r, std::string_view component_id, const settings& s) : settings_(s) {
        for (const profile& p : r.profiles)
            if (p.find(component_id) != nullptr) views_.emplace_back(p, component_id);
        if (views_.empty()) return;
        prefixes_.reserve(views_.size());
        for (const view& v : views_) prefixes_.emplace_back(r, v);
        format_ = format_of(what(), s, views_);
        // Quantities without a unit have no such column.
        has_units_ = !what().unit.empty();
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
        for_each_row([&](const cells& row) { write_row(row, out); });
        separator('-', out);
    }

private:
    [[nodiscard]] const component_description& what() const { return views_.front().what(); }
    [[nodiscard]] bool shown(std::size_t column) const { return column != units || has_units_; }

    template <typename Function>
    void for_each_row(const Function& function) {
        cells row;
        row[metric].clear();
        append_printable(what().label, row[metric]);
        append_printable(what().unit, row[units]);
        cut(row[metric], settings_.max_width);
        for (std::size_t i = 0; i < views_.size(); ++i)
            for (std::size_t j = 0; j < views_[i].rows().size(); ++j) {
                fill(i, j, row);
                function(row);
            }
    }

    void fill(std::size_t view_index, std::size_t row, cells& text) {
        const view& v = views_[view_index];
        prefixes_[view_index].write(row, text[label]);
        append_printable(v.name(row), text[label]);
        cut(text[label], settings_.max_width);
        const auto number = [](std::uint64_t value, std::string& cell) {
            cell.clear();
            fmt::format_to(std::back_inserter(cell), "{}", value);
        };
        number(v.laps(row), text[count]);
        number(v.rows()[row].depth, text[depth]);
        if (v.laps(row) == 0) {
            for (const std::size_t i : {sum, mean_value, least, greatest, stddev, self}) text[i] = "-";
            return;
        }
        const row_values values = v.values(row);
        format_.write(values.total, text[sum]);
        format_.write(values.mean, text[mean_value]);
        format_.write(values.min, text[least]);
        format_.write(values.max, text[greatest]);
        format_.write(values.stddev, text[stddev]);
        if (const auto share = v.self_share(row))
            number_format{.precision = 1}.write(*share, text[self]);
        else
            text[self] = "-";
    }

    void measure() {
        for (column& c : columns_) c.width = std::max(format_.width, c.header.size() + 2);
        for_each_row([this](const cells& row) {
            for (std::size_t i = 0; i < row.size(); ++i)
                columns_[i].width = std::max(columns_[i].width, shown_width(row[i]) + 2);
        });
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (shown(i)) total_ += columns_[i].width + 1;
    }

    void separator(char joint, stream& out) const {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (!shown(i)) continue;
            out.write(i == 0 ? '|' : joint);
            out.fill('-', columns_[i].width);
        }
        out.write("|\n");
    }

    void write_banner(stream& out) const {
        std::string description;
        append_printable(what().description, description);
        for (char& c : description) if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        std::string line;
        std::string_view rest{description};
        while (!rest.empty()) {
            const std::string_view word = rest.substr(0, rest.find(' '));
            rest.remove_prefix(std::min(rest.size(), word.size() + 1));
            if (!line.empty() && shown_width(line) + shown_width(word) + 2 >= total_) {
                write_banner_line(line, out);
                line.clear();
            }
            if (!line.empty()) line += ' ';
            line += word;
        }
        write_banner_line(line, out);
    }

    void write_banner_line(std::string_view line, stream& out) const {
        const std::size_t length = shown_width(line);
        const std::size_t lead = total_ / 2 > length / 2 ? total_ / 2 - length / 2 : 0;
        out.write('|');
        out.fill(' ', lead);
        out.write(line);
        if (total_ > lead + length + 1) out.fill(' ', total_ - lead - length - 1);
        out.write("|\n");
    }

    void write_headers(stream& out) const {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (!shown(i)) continue;
            const auto width = static_cast<std::int64_t>(columns_[i].width);
            const auto length = static_cast<std::int64_t>(columns_[i].header.size());
            const std::int64_t centred = std::max<std::int64_t>(width / 2 - (length + 1) / 2, 0);
            const auto lead =
                static_cast<std::size_t>(std::max<std::int64_t>(std::min(centred, width - 3 - length) - 1, 0));
            out.write("| ");
            out.fill(' ', lead);
            out.write(columns_[i].header);
            out.fill(' ', columns_[i].width - 1 - lead - columns_[i].header.size());
        }
        out.write("|\n");
    }

    void write_row(const cells& row, stream& out) const {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (!shown(i)) continue;
            const std::size_t space = columns_[i].width - 2 - shown_width(row[i]);
            out.write("| ");
            if (columns_[i].side == alignment::right) out.fill(' ', space);
            out.write(row[i]);
            if (columns_[i].side == alignment::left) out.fill(' ', space);
            out.write(' ');
        }
        out.write("|\n");
    }

    const settings& settings_;
    std::vector<view> views_;
    std::vector<label_prefix> prefixes_;
    number_format format_;
    bool has_units_ = true;
    std::size_t total_ = 0;  // width of a line after its first `|`
    std::array<column, 11> columns_{{{"LABEL", alignment::left},
                                     {"COUNT", alignment::right},
                                     {"DEPTH", alignment::right},
                                     {"METRIC", alignment::left},
                                     {"UNITS", alignment::left},
                                     {"SUM", alignment::right},
                                     {"MEAN", alignment::right},
                                     {"MIN", alignment::right},
                                     {"MAX", alignment::right},
                                     {"STDDEV", alignment::right},
                                     {"% SELF", alignment::right}}};
};

}  // namespace

void write_text(const result& r, std::string_view component_id, const settings& s, bool banner, const sink& sink_of_text) {
    table t{r, component_id, s};
    if (t.empty()) return;
    stream out{sink_of_text};
    t.write(banner, out);
    out.finish();
}

}  // namespace tim
