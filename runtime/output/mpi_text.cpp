#include <fmt/format.h>

#include <algorithm>
#include <functional>
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
/// Sentences on what costs most.
constexpr std::size_t most_findings = 3;
/// A lack of cores is said where the ranks had none for more than this part of their time.
constexpr double short_of_cores = 0.05;
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

/// A column of a table whose rows are made of `Row`.
template <class Row>
struct column {
    std::string_view header;
    std::function<std::string(const Row&)> cell;
    bool is_text = false;
};

template <class Row>
using columns = std::vector<column<Row>>;

/// `all` after `first`.
template <class Row>
columns<Row> operator+(columns<Row> first, const columns<Row>& all) {
    first.insert(first.end(), all.begin(), all.end());
    return first;
}

/// Both directions of what was moved: how often, and bytes.
template <class Row>
columns<Row> moved(std::string_view times_out, std::string_view out, std::string_view times_in,
                   std::string_view in) {
    const auto messages = [](std::size_t way) {
        return [way](const Row& r) { return std::to_string(r.moved[way].messages); };
    };
    const auto bytes = [](std::size_t way) {
        return [way](const Row& r) { return shown_bytes(r.moved[way].bytes); };
    };
    return {{times_out, messages(0)}, {out, bytes(0)}, {times_in, messages(1)}, {in, bytes(1)}};
}

/// Calls that are one row, whatever they have in common.
struct activity_row {
    std::string_view name;
    std::uint64_t calls = 0;
    std::int64_t time = 0;
    over_ranks ranks;
};

const over_ranks* spread_of(const activity_row& r) {
    return &r.ranks;
}
const over_ranks* spread_of(const mpi_call_row& r) {
    return &r.ranks;
}
const over_ranks* spread_of(const mpi_call_path& r) {
    return r.ranks ? &*r.ranks : nullptr;
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
        std::string line = fmt::format("MPI: {}{} rank{}", s_.ranks.size(),
                                       all ? "" : fmt::format(" of {}", s_.world_size),
                                       s_.world_size == 1 ? "" : "s");
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
        for (const std::string& sentence : mpi_sentences(s_)) {
            write_wrapped(sentence, out_);
            out_.write("\n");
        }
        if (s_.efficiency)
            out_.write(
                fmt::format("Parallel efficiency {} % = load balance {} % x communication "
                            "efficiency {} %\n\n",
                            percent(s_.efficiency->parallel), percent(s_.efficiency->load_balance),
                            percent(s_.efficiency->communication)));
    }

    void ranks() {
        // Many: those at the ends and at the quarters of their share of MPI.
        std::vector<mpi_rank> shown = s_.ranks;
        const bool some = shown.size() > most_ranks;
        if (some) {
            std::stable_sort(shown.begin(), shown.end(),
                             [](const mpi_rank& a, const mpi_rank& b) { return a.mpi < b.mpi; });
            const std::size_t last = shown.size() - 1;
            std::vector<mpi_rank> chosen;
            for (const std::size_t i : {std::size_t{0}, std::size_t{1}, last / 4, last / 2,
                                        last - last / 4, last - 1, last})
                chosen.push_back(shown[i]);
            shown = chosen;
        }
        const std::string_view title =
            some ? "RANKS: THE TWO LEAST, THE QUARTERS AND THE TWO GREATEST BY TIME IN MPI"
                 : "RANKS";
        using row = mpi_rank;
        write(title, shown,
              columns<row>{{"RANK", [](const row& r) { return std::to_string(r.rank); }},
                           {"APPLICATION",
                            [](const row& r) {
                                return r.application > 0 ? shown_time(r.application) : "-";
                            }},
                           {"MPI", [](const row& r) { return shown_time(r.mpi); }},
                           {"% MPI", [](const row& r) { return percent_of(r.mpi, r.application); }},
                           {"WAITING", [](const row& r) { return shown_time(r.waiting); }},
                           {"NO CORE", [](const row& r) { return shown_time(r.no_core); }},
                           {"CALLS", [](const row& r) { return std::to_string(r.calls); }},
                           {"SENT", [](const row& r) { return shown_bytes(r.sent); }},
                           {"RECEIVED", [](const row& r) { return shown_bytes(r.received); }}});
    }

    /// CALLS, TIME, % MPI, and the time over ranks.
    template <class Row>
    [[nodiscard]] columns<Row> cost() const {
        const auto spread = [](auto shown) {
            return [shown](const Row& r) {
                const over_ranks* const o = spread_of(r);
                return o == nullptr ? std::string{"-"} : shown(*o);
            };
        };
        using over = over_ranks;
        return {{"CALLS", [](const Row& r) { return std::to_string(r.calls); }},
                {"TIME", [](const Row& r) { return shown_time(r.time); }},
                {"% MPI", [all = s_.mpi](const Row& r) { return percent_of(r.time, all); }},
                {"MEAN", spread([](const over& o) { return shown_time(o.mean); })},
                {"MIN", spread([](const over& o) { return shown_time(o.min); })},
                {"RANK", spread([](const over& o) { return std::to_string(o.min_rank); })},
                {"MAX", spread([](const over& o) { return shown_time(o.max); })},
                {"RANK", spread([](const over& o) { return std::to_string(o.max_rank); })}};
    }

    void activities() {
        std::vector<activity_row> rows;
        for (std::size_t a = 0; a < mpi_activities; ++a)
            if (s_.activity_calls[a] > 0 && a != static_cast<std::size_t>(mpi_activity::lifetime))
                rows.push_back({mpi_activity_names[a], s_.activity_calls[a], s_.activity_times[a],
                                s_.activities[a]});
        using row = activity_row;
        write("TIME IN MPI BY WHAT IT IS SPENT ON", rows,
              columns<row>{
                  {"CALLS THAT ARE", [](const row& r) { return std::string{r.name}; }, true}} +
                  cost<row>());
    }

    void calls() {
        using row = mpi_call_row;
        write_first("CALLS", without_lifetime(s_.call_names),
                    columns<row>{{"CALL", [](const row& r) { return shown_name(r.call); }, true}} +
                        cost<row>());
    }

    void paths() {
        using row = mpi_call_path;
        write_first(
            "CALL PATHS", without_lifetime(s_.paths),
            columns<row>{{"CALL PATH", [](const row& r) { return shown_name(r.text); }, true}} +
                cost<row>() +
                columns<row>{{"P50", [](const row& r) { return shown_time(r.latency.p50); }},
                             {"P90", [](const row& r) { return shown_time(r.latency.p90); }},
                             {"P99", [](const row& r) { return shown_time(r.latency.p99); }}});
    }

    void sites() {
        using row = mpi_call_row;
        write_first("CALL SITES", s_.sites,
                    columns<row>{{"CALL", [](const row& r) { return shown_name(r.call); }, true},
                                 {"FROM", [](const row& r) { return shown_site(r.site); }, true}} +
                        cost<row>());
    }

    void sizes() {
        using row = mpi_size_class;
        const auto end = [](const row& r) {
            return shown_bytes(r.begin == 0 ? 1.0 : 2 * static_cast<double>(r.begin));
        };
        write("MESSAGE SIZES", s_.sizes,
              columns<row>{{"FROM", [](const row& r) { return shown_bytes(r.begin); }},
                           {"TO BELOW", end}} +
                  moved<row>("SENT", "BYTES", "RECEIVED", "BYTES"));
    }

    void communicators() {
        using row = mpi_communicator;
        write_first(
            "COMMUNICATORS", s_.communicators,
            columns<row>{
                {"COMMUNICATOR",
                 [](const row& r) { return r.name.empty() ? "(none)" : shown_name(r.name); }, true},
                {"RANKS", [](const row& r) { return r.size > 0 ? std::to_string(r.size) : "-"; }},
                {"CALLS", [](const row& r) { return std::to_string(r.calls); }},
                {"TIME", [](const row& r) { return shown_time(r.time); }},
                {"% MPI", [all = s_.mpi](const row& r) { return percent_of(r.time, all); }},
                {"MESSAGES", [](const row& r) { return std::to_string(r.sent.messages); }},
                {"SENT", [](const row& r) { return shown_bytes(r.sent.bytes); }}});
    }

    void objects(std::string_view what, const std::vector<mpi_object>& all, std::string_view out,
                 std::string_view in) {
        using row = mpi_object;
        write_first(what, all,
                    columns<row>{{"NAME", [](const row& r) { return shown_name(r.name); }, true}} +
                        moved<row>("CALLS", out, "CALLS", in));
    }

    void matrix() { write_mpi_matrix(s_, out_); }

    /// Of what happens between MPI_Init and MPI_Finalize.
    template <class Row>
    static std::vector<Row> without_lifetime(std::vector<Row> rows) {
        rows.erase(std::remove_if(
                       rows.begin(), rows.end(),
                       [](const Row& r) { return activity_of(r.call) == mpi_activity::lifetime; }),
                   rows.end());
        return rows;
    }

    /// The most expensive rows, and how many there are.
    template <class Row>
    void write_first(std::string_view what, const std::vector<Row>& rows,
                     const columns<Row>& shown) {
        if (rows.size() <= most_rows) return write(what, rows, shown);
        write(fmt::format("{}: THE FIRST {} OF {}", what, most_rows, rows.size()),
              std::vector<Row>(rows.begin(), rows.begin() + most_rows), shown);
    }

    template <class Row>
    void write(std::string_view title, const std::vector<Row>& rows, const columns<Row>& shown) {
        if (rows.empty()) return;
        std::vector<grid::column> headers;
        for (const column<Row>& c : shown) headers.push_back({c.header, c.is_text});
        grid table{std::string{title}, std::move(headers)};
        for (const Row& row : rows) {
            auto& cells = table.add_row();
            for (std::size_t i = 0; i < shown.size(); ++i) cells[i] = shown[i].cell(row);
        }
        table.write(out_);
        out_.write('\n');
    }

    const mpi_summary& s_;
    stream& out_;
};

}  // namespace

std::vector<std::string> mpi_sentences(const mpi_summary& s) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < std::min(most_findings, s.findings.size()); ++i)
        all.push_back(s.findings[i].sentence());
    if (all.empty()) {
        all.emplace_back("Nothing stands out");
        if (!s.paths.empty() && s.application > 0)
            all[0] += fmt::format("; most time goes to {}, {} % of all ranks' time",
                                  shown_name(s.paths.front().text),
                                  percent_of(s.paths.front().time, s.application));
        all[0] += ".";
    }
    // A rank that waits gives its core to others, so that it having none is no harm. The one that
    // is longest outside of MPI does not wait.
    const auto busiest =
        std::max_element(s.ranks.begin(), s.ranks.end(), [](const mpi_rank& a, const mpi_rank& b) {
            return int128{a.application} - a.mpi < int128{b.application} - b.mpi;
        });
    if (busiest == s.ranks.end() || busiest->application <= 0 ||
        static_cast<double>(busiest->no_core) <=
            short_of_cores * static_cast<double>(busiest->application))
        return all;
    all.push_back(fmt::format(
        "Short of cores: the ranks were ready to run but had no core for {} % of their time, rank "
        "{}, which waits least, for {} %. So some of the waiting may not be the program's.",
        percent_of(s.no_core, s.application), busiest->rank,
        percent_of(busiest->no_core, busiest->application)));
    return all;
}

void write_mpi_text(const mpi_summary& s, const sink& sink_of_text) {
    stream out{sink_of_text};
    text_writer{s, out}.write();
    out.finish();
}

}  // namespace tim
