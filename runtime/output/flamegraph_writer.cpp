// <label>.flamegraph.json: the rows of a clock as a Chrome trace.
//
// What is recorded are totals of call paths and not when each call began, so the time axis is made
// up: the children of a row stand in it one after the other from its begin, in the order of the
// table. Names, nesting and durations are those of the table.

#include <algorithm>
#include <string>
#include <vector>

#include "output/json_parts.hpp"
#include "output/stream.hpp"
#include "output/view.hpp"
#include "output/writers.hpp"

namespace tim {
namespace {

/// Nanoseconds as microseconds, exactly.
void write_microseconds(stream& out, std::uint64_t nanoseconds) {
    out.json(nanoseconds / 1000);
    const std::uint64_t rest = nanoseconds % 1000;
    if (rest == 0) return;
    out.write('.');
    out.write(static_cast<char>('0' + rest / 100));
    out.write(static_cast<char>('0' + rest / 10 % 10));
    out.write(static_cast<char>('0' + rest % 10));
}

/// Begin and length of each row, in nanoseconds.
struct slices {
    std::vector<std::uint64_t> begin;
    std::vector<std::uint64_t> length;
};

std::uint64_t measured(const view& v, std::size_t row) {
    return static_cast<std::uint64_t>(std::max<int128>(v.inclusive(row, 0), 0));
}

slices lay_out(const view& v) {
    const std::size_t rows = v.rows().size();
    // Parts may exceed their whole: of process-wide clocks the greatest thread counts, and a region
    // may outlive the one it began in. They are then drawn in proportion, so that they stay inside.
    std::vector<uint128> parts(rows, 0);
    for (std::size_t row = 0; row < rows; ++row)
        if (v.rows()[row].parent != no_row) parts[v.rows()[row].parent] += measured(v, row);

    slices s{.begin = std::vector<std::uint64_t>(rows), .length = std::vector<std::uint64_t>(rows)};
    std::vector<std::uint64_t> next(rows);  // where the next child of a row begins
    std::vector<std::uint64_t> next_of_thread;
    for (std::size_t row = 0; row < rows; ++row) {
        const view_row& here = v.rows()[row];
        s.length[row] = measured(v, row);
        if (here.thread >= next_of_thread.size()) next_of_thread.resize(here.thread + 1);
        std::uint64_t* begin = &next_of_thread[here.thread];
        if (here.parent != no_row) {
            begin = &next[here.parent];
            const uint128 whole = std::max<uint128>(parts[here.parent], measured(v, here.parent));
            if (whole > s.length[here.parent])
                s.length[row] = static_cast<std::uint64_t>(uint128{s.length[row]} *
                                                           s.length[here.parent] / whole);
        }
        s.begin[row] = next[row] = *begin;
        *begin += s.length[row];
    }
    return s;
}

/// Where the events of a profile stand: a process for each rank, a thread for each thread, where
/// they are told apart. Neither is ever 0, which readers take for the idle process.
class tracks {
public:
    tracks(const result& r, const view& v)
        : ranks_(r.mpi && !r.collapsed_ranks && !v.of().ranks.empty()), view_(v) {
        const profile& p = v.of();
        rank_ = ranks_ ? p.ranks.front().first : 0;
        pid_ = ranks_ ? std::uint64_t{rank_} + 1 : std::max<std::uint64_t>(p.first_pid, 1);
    }

    void write(stream& out, std::uint32_t thread) const {
        out.write(R"("pid":)");
        out.json(pid_);
        out.write(R"(,"tid":)");
        out.json(view_.has_threads() ? std::uint64_t{thread} + 1 : pid_);
    }

    /// Names of the tracks, each an event with a comma behind it.
    void write_names(stream& out) const {
        if (ranks_) write_name(out, "process_name", "rank ", rank_, 0);
        if (!view_.has_threads()) return;
        std::vector<bool> done;
        for (const view_row& row : view_.rows()) {
            if (row.thread >= done.size()) done.resize(row.thread + 1);
            if (!done[row.thread])
                write_name(out, "thread_name", "thread ", row.thread, row.thread);
            done[row.thread] = true;
        }
    }

private:
    void write_name(stream& out, std::string_view kind, std::string_view what, std::uint32_t number,
                    std::uint32_t thread) const {
        out.write(R"({"name":)");
        out.json_string(kind);
        out.write(R"(,"ph":"M",)");
        write(out, thread);
        out.write(R"(,"args":{"name":)");
        out.json_string(std::string{what} + std::to_string(number));
        out.write("}},\n");
    }

    bool ranks_;
    const view& view_;
    std::uint32_t rank_ = 0;
    std::uint64_t pid_ = 1;
};

}  // namespace

bool has_flamegraph(const component_description& what) {
    // The two that timemory 3 measures with getrusage have none there either.
    return what.kind == quantity::time && what.type == number::integer && what.fields() == 1 &&
           what.elements.empty() && what.over_laps == combine::sum && what.unit_value > 0 &&
           what.id != "user_mode_time" && what.id != "kernel_mode_time";
}

void write_flamegraph(const result& r, std::string_view component_id, const settings&,
                      const sink& sink_of_text) {
    stream out{sink_of_text};
    out.write(R"({"traceEvents":[)");
    bool first = true;
    for (const profile* p : profiles_with(r, component_id)) {
        const view v{*p, component_id};
        const tracks where{r, v};
        const slices s = lay_out(v);
        if (!first && !v.rows().empty()) out.write(",\n");
        if (!v.rows().empty()) where.write_names(out);
        first = first && v.rows().empty();
        for (std::size_t row = 0; row < v.rows().size(); ++row) {
            if (row > 0) out.write(",\n");
            out.write(R"({"dur":)");
            write_microseconds(out, s.length[row]);
            out.write(R"(,"name":)");
            out.json_string(v.name(row));
            out.write(R"(,"ph":"X",)");
            where.write(out, v.rows()[row].thread);
            out.write(R"(,"ts":)");
            write_microseconds(out, s.begin[row]);
            out.write(R"(,"args":{"count":)");
            out.json(v.laps(row));
            if (s.length[row] != measured(v, row)) {
                out.write(R"(,"measured_us":)");
                write_microseconds(out, measured(v, row));
            }
            out.write("}}");
        }
    }
    out.write("]}\n");
    out.finish();
}

}  // namespace tim
