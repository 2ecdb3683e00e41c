#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "output/grid.hpp"
#include "output/mpi_writers.hpp"
#include "output/printable.hpp"
#include "output/quantities.hpp"
#include "output/stream.hpp"

namespace tim {
namespace {

/// Rows of a table on the screen; mpi.json has all.
constexpr std::size_t most_rows = 10;
/// Up to so many ranks are shown one by one.
constexpr std::size_t most_ranks = 16;
/// Squares in a row of the matrix.
constexpr std::int64_t most_tiles = 32;
/// Characters of a name.
constexpr std::int64_t most_characters = 48;
constexpr std::size_t screen = 100;

/// A name that fits, with its end: that is where paths differ.
std::string shown_name(std::string_view name) {
    std::string text;
    append_printable(name, text);
    if (shown_width(text) <= static_cast<std::size_t>(most_characters)) return text;
    std::size_t begin = text.size() - static_cast<std::size_t>(most_characters) + 3;
    while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) ++begin;
    return "..." + text.substr(begin);
}

/// The functions and lines of a call site, without the modules and offsets behind them, which name
/// it where these don't; its end is left out if it is long.
std::string shown_site(std::string_view site) {
    std::string text;
    for (const std::string_view separator = " < "; !site.empty();) {
        const std::size_t end = std::min(site.find(separator), site.size());
        const std::string_view frame = site.substr(0, end);
        if (!text.empty()) text += separator;
        append_printable(frame.substr(0, frame.rfind(" (")), text);
        site.remove_prefix(std::min(end + separator.size(), site.size()));
    }
    if (shown_width(text) <= static_cast<std::size_t>(most_characters)) return text;
    std::size_t end = static_cast<std::size_t>(most_characters) - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end) + "...";
}

std::string percent(double part) {
    return fmt::format("{:.1f}", 100 * part);
}

std::string percent_of(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? percent(static_cast<double>(part) / static_cast<double>(whole)) : "-";
}

/// Breaks between words.
void write_wrapped(std::string_view text, stream& out) {
    std::size_t used = 0;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        const std::size_t width = shown_width(word);
        if (used > 0 && used + 1 + width > screen) {
            out.write('\n');
            used = 0;
        }
        if (used > 0) {
            out.write(' ');
            ++used;
        }
        out.write(word);
        used += width;
    }
    out.write('\n');
}

class text_writer {
public:
    text_writer(const mpi_summary& s, stream& out) : s_(s), out_(out) {}

    void write() {
        head();
        ranks();
        activities();
        calls();
        paths();
        sites();
        sizes();
        communicators();
        objects("FILES", s_.files, "WRITTEN", "READ");
        objects("WINDOWS (ONE-SIDED)", s_.windows, "PUT", "GOT");
        matrix();
    }

private:
    void head() {
        double sent = 0;
        std::uint64_t messages = 0;
        for (const mpi_rank& r : s_.ranks) {
            sent += static_cast<double>(r.sent);
            messages += r.messages;
        }
        const bool all = s_.ranks.size() == s_.world_size;
        std::string line = fmt::format("MPI: {}{} ranks", s_.ranks.size(),
                                       all ? "" : fmt::format(" of {}", s_.world_size));
        if (s_.run_time > 0)
            line += fmt::format(", {}; {:.1f} % of their time in MPI", shown_time(s_.run_time),
                                100 * s_.share());
        else
            line += fmt::format(", {} in MPI", shown_time(s_.mpi));
        line += fmt::format("; {} calls; {} messages with {} sent", s_.calls, messages,
                            shown_bytes(sent));
        out_.write("\n");
        write_wrapped(line, out_);
        out_.write("\n");
        write_wrapped(worst(), out_);
        out_.write("\n");
        if (s_.efficiency)
            out_.write(
                fmt::format("Parallel efficiency {} % = load balance {} % x communication "
                            "efficiency {} %\n\n",
                            percent(s_.efficiency->parallel), percent(s_.efficiency->load_balance),
                            percent(s_.efficiency->communication)));
    }

    [[nodiscard]] std::string worst() const {
        if (!s_.findings.empty()) return s_.findings.front().sentence();
        std::string text = "Nothing stands out";
        if (!s_.paths.empty() && s_.application > 0)
            text += fmt::format("; most time goes to {}, {} % of all ranks' time",
                                shown_name(s_.paths.front().text),
                                percent_of(s_.paths.front().time, s_.application));
        return text + ".";
    }

    void ranks() {
        // Many: those at the ends and at the quarters of their share of MPI.
        std::vector<const mpi_rank*> shown;
        for (const mpi_rank& r : s_.ranks) shown.push_back(&r);
        const bool some = shown.size() > most_ranks;
        if (some) {
            std::stable_sort(shown.begin(), shown.end(),
                             [](const mpi_rank* a, const mpi_rank* b) { return a->mpi < b->mpi; });
            const std::size_t last = shown.size() - 1;
            std::vector<const mpi_rank*> chosen;
            for (const std::size_t i : {std::size_t{0}, std::size_t{1}, last / 4, last / 2,
                                        last - last / 4, last - 1, last})
                chosen.push_back(shown[i]);
            shown = chosen;
        }
        grid table{some ? "RANKS: THE TWO LEAST, THE QUARTERS AND THE TWO GREATEST BY TIME IN MPI"
                        : "RANKS",
                   {{.header = "RANK"},
                    {.header = "APPLICATION"},
                    {.header = "MPI"},
                    {.header = "% MPI"},
                    {.header = "WAITING"},
                    {.header = "CALLS"},
                    {.header = "SENT"},
                    {.header = "RECEIVED"}}};
        for (const mpi_rank* r : shown) {
            auto& cells = table.add_row();
            cells[0] = std::to_string(r->rank);
            cells[1] = r->application > 0 ? shown_time(r->application) : "-";
            cells[2] = shown_time(r->mpi);
            cells[3] = percent_of(r->mpi, r->application);
            cells[4] = shown_time(r->waiting);
            cells[5] = std::to_string(r->calls);
            cells[6] = shown_bytes(r->sent);
            cells[7] = shown_bytes(r->received);
        }
        finish(table);
    }

    void activities() {
        grid table{"TIME IN MPI BY WHAT IT IS SPENT ON",
                   {{.header = "CALLS THAT ARE", .is_text = true},
                    {.header = "CALLS"},
                    {.header = "TIME"},
                    {.header = "% MPI"},
                    {.header = "MEAN"},
                    {.header = "MIN"},
                    {.header = "RANK"},
                    {.header = "MAX"},
                    {.header = "RANK"}}};
        for (std::size_t a = 0; a < mpi_activities; ++a) {
            if (s_.activity_calls[a] == 0 || a == static_cast<std::size_t>(mpi_activity::lifetime))
                continue;
            auto& cells = table.add_row();
            cells[0] = mpi_activity_names[a];
            fill(cells, 1, s_.activity_calls[a], s_.activity_times[a], s_.activities[a]);
        }
        finish(table);
    }

    /// CALLS, TIME, % MPI, and the time over ranks.
    void fill(std::vector<std::string>& cells, std::size_t at, std::uint64_t calls,
              std::int64_t time, const std::optional<over_ranks>& o) const {
        cells[at] = std::to_string(calls);
        cells[at + 1] = shown_time(time);
        cells[at + 2] = percent_of(time, s_.mpi);
        if (!o) {
            std::fill_n(cells.begin() + static_cast<std::ptrdiff_t>(at) + 3, 5, "-");
            return;
        }
        cells[at + 3] = shown_time(o->mean);
        cells[at + 4] = shown_time(o->min);
        cells[at + 5] = std::to_string(o->min_rank);
        cells[at + 6] = shown_time(o->max);
        cells[at + 7] = std::to_string(o->max_rank);
    }

    void calls() {
        grid table{title("CALLS", s_.call_names.size()),
                   {{.header = "CALL", .is_text = true},
                    {.header = "CALLS"},
                    {.header = "TIME"},
                    {.header = "% MPI"},
                    {.header = "MEAN"},
                    {.header = "MIN"},
                    {.header = "RANK"},
                    {.header = "MAX"},
                    {.header = "RANK"}}};
        std::size_t left = most_rows;
        for (const mpi_call_row& c : s_.call_names) {
            if (activity_of(c.call) == mpi_activity::lifetime || left == 0) continue;
            --left;
            auto& cells = table.add_row();
            cells[0] = shown_name(c.call);
            fill(cells, 1, c.calls, c.time, c.ranks);
        }
        finish(table);
    }

    void paths() {
        grid table{title("CALL PATHS", s_.paths.size()),
                   {{.header = "CALL PATH", .is_text = true},
                    {.header = "CALLS"},
                    {.header = "TIME"},
                    {.header = "% MPI"},
                    {.header = "MEAN"},
                    {.header = "MIN"},
                    {.header = "RANK"},
                    {.header = "MAX"},
                    {.header = "RANK"},
                    {.header = "P50"},
                    {.header = "P90"},
                    {.header = "P99"}}};
        std::size_t left = most_rows;
        for (const mpi_call_path& c : s_.paths) {
            if (c.activity == mpi_activity::lifetime || left == 0) continue;
            --left;
            auto& cells = table.add_row();
            cells[0] = shown_name(c.text);
            fill(cells, 1, c.calls, c.time, c.ranks);
            cells[9] = shown_time(c.latency.p50);
            cells[10] = shown_time(c.latency.p90);
            cells[11] = shown_time(c.latency.p99);
        }
        finish(table);
    }

    void sites() {
        grid table{title("CALL SITES", s_.sites.size()),
                   {{.header = "CALL", .is_text = true},
                    {.header = "FROM", .is_text = true},
                    {.header = "CALLS"},
                    {.header = "TIME"},
                    {.header = "% MPI"},
                    {.header = "MEAN"},
                    {.header = "MIN"},
                    {.header = "RANK"},
                    {.header = "MAX"},
                    {.header = "RANK"}}};
        for (std::size_t i = 0; i < std::min(most_rows, s_.sites.size()); ++i) {
            const mpi_call_row& c = s_.sites[i];
            auto& cells = table.add_row();
            cells[0] = shown_name(c.call);
            cells[1] = shown_site(c.site);
            fill(cells, 2, c.calls, c.time, c.ranks);
        }
        finish(table);
    }

    void sizes() {
        grid table{"MESSAGE SIZES",
                   {{.header = "FROM"},
                    {.header = "TO BELOW"},
                    {.header = "SENT"},
                    {.header = "BYTES"},
                    {.header = "RECEIVED"},
                    {.header = "BYTES"}}};
        for (const mpi_size_class& c : s_.sizes) {
            auto& cells = table.add_row();
            cells[0] = shown_bytes(c.begin);
            cells[1] = shown_bytes(c.begin == 0 ? 1.0 : 2 * static_cast<double>(c.begin));
            for (std::size_t way = 0; way < 2; ++way) {
                cells[2 + 2 * way] = std::to_string(c.moved[way].messages);
                cells[3 + 2 * way] = shown_bytes(c.moved[way].bytes);
            }
        }
        finish(table);
    }

    void communicators() {
        grid table{title("COMMUNICATORS", s_.communicators.size()),
                   {{.header = "COMMUNICATOR", .is_text = true},
                    {.header = "RANKS"},
                    {.header = "CALLS"},
                    {.header = "TIME"},
                    {.header = "% MPI"},
                    {.header = "MESSAGES"},
                    {.header = "SENT"}}};
        for (std::size_t i = 0; i < std::min(most_rows, s_.communicators.size()); ++i) {
            const mpi_communicator& c = s_.communicators[i];
            auto& cells = table.add_row();
            cells[0] = c.name.empty() ? "(none)" : shown_name(c.name);
            cells[1] = c.size > 0 ? std::to_string(c.size) : "-";
            cells[2] = std::to_string(c.calls);
            cells[3] = shown_time(c.time);
            cells[4] = percent_of(c.time, s_.mpi);
            cells[5] = std::to_string(c.sent.messages);
            cells[6] = shown_bytes(c.sent.bytes);
        }
        finish(table);
    }

    void objects(std::string_view what, const std::vector<mpi_object>& all, std::string_view out,
                 std::string_view in) {
        grid table{title(what, all.size()),
                   {{.header = "NAME", .is_text = true},
                    {.header = "CALLS"},
                    {.header = out},
                    {.header = "CALLS"},
                    {.header = in}}};
        for (std::size_t i = 0; i < std::min(most_rows, all.size()); ++i) {
            auto& cells = table.add_row();
            cells[0] = shown_name(all[i].name);
            for (std::size_t way = 0; way < 2; ++way) {
                cells[1 + 2 * way] = std::to_string(all[i].moved[way].messages);
                cells[2 + 2 * way] = shown_bytes(all[i].moved[way].bytes);
            }
        }
        finish(table);
    }

    void matrix() {
        constexpr std::string_view shades = ".:-=+*#%@";
        const matrix_tiles m = tiles_of(s_, most_tiles);
        if (m.filled.empty()) return;
        out_.write("COMMUNICATION MATRIX: bytes from the rank at the left to the rank above\n");
        out_.write(fmt::format(
            "@ is more than half of {}, and each shade of {} twice the one before it\n\n",
            shown_bytes(m.most_bytes), shades));
        const auto label = [&m](std::int64_t tile) {
            return std::to_string(m.first_rank + tile * m.ranks_per_tile);
        };
        const std::size_t width = label(m.tiles - 1).size();
        // The numbers of the ranks, from top to bottom.
        for (std::size_t digit = 0; digit < width; ++digit) {
            out_.fill(' ', width + 2);
            for (std::int64_t to = 0; to < m.tiles; ++to) {
                const std::string text = label(to);
                const std::size_t lead = width - text.size();
                out_.write(digit < lead ? ' ' : text[digit - lead]);
                out_.write(' ');
            }
            out_.write('\n');
        }
        auto next = m.filled.begin();
        for (std::int64_t from = 0; from < m.tiles; ++from) {
            out_.write(fmt::format("{:>{}} |", label(from), width));
            std::int64_t at = 0;
            for (; next != m.filled.end() && next->from == from; ++next) {
                out_.fill(' ', static_cast<std::size_t>(2 * (next->to - at)));
                const double part =
                    static_cast<double>(next->bytes) / static_cast<double>(m.most_bytes);
                const double below = part > 0 ? -std::log2(part) : 99;
                const auto shade = static_cast<std::size_t>(
                    std::max(0.0, static_cast<double>(shades.size()) - 1 - std::floor(below)));
                out_.write(m.most_bytes == 0 ? '.' : shades[shade]);
                out_.write(' ');
                at = next->to + 1;
            }
            out_.fill(' ', static_cast<std::size_t>(2 * (m.tiles - at)));
            out_.write("|\n");
        }
        out_.write('\n');
    }

    static std::string title(std::string_view what, std::size_t rows) {
        return rows <= most_rows ? std::string{what}
                                 : fmt::format("{}: THE FIRST {} OF {}", what, most_rows, rows);
    }

    void finish(const grid& table) {
        if (table.empty()) return;
        table.write(out_);
        out_.write('\n');
    }

    const mpi_summary& s_;
    stream& out_;
};

}  // namespace

matrix_tiles tiles_of(const mpi_summary& s, std::int64_t most) {
    matrix_tiles m;
    if (s.matrix.empty()) return m;
    std::int64_t last = 0;
    for (const mpi_pair& p : s.matrix) last = std::max({last, p.from, p.to});
    if (!s.ranks.empty()) last = std::max(last, s.ranks.back().rank);
    m.ranks_per_tile = last / most + 1;
    m.tiles = last / m.ranks_per_tile + 1;
    std::map<std::pair<std::int64_t, std::int64_t>, matrix_tiles::tile> tiles;
    for (const mpi_pair& p : s.matrix) {
        const std::int64_t from = p.from / m.ranks_per_tile;
        const std::int64_t to = p.to / m.ranks_per_tile;
        matrix_tiles::tile& t = tiles[{from, to}];
        t.from = from;
        t.to = to;
        t.messages += p.messages;
        t.bytes += p.bytes;
        m.most_bytes = std::max(m.most_bytes, t.bytes);
    }
    for (const auto& [where, t] : tiles) m.filled.push_back(t);
    return m;
}

void write_mpi_text(const mpi_summary& s, const sink& sink_of_text) {
    stream out{sink_of_text};
    text_writer{s, out}.write();
    out.finish();
}

}  // namespace tim
