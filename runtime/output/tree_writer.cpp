// <label>.tree.json: the rows of a component as nested nodes, as hatchet reads them.
//
// Under "mpi" hatchet takes the position of an element for its rank, so a rank without rows has an
// empty element. Under "graph" it can't read any thread but 0, so everything with more than one
// thread is written under "mpi".

#include <algorithm>
#include <cstdint>

#include "output/json_parts.hpp"
#include "output/stream.hpp"
#include "output/view.hpp"
#include "output/writers.hpp"

namespace tim {
namespace {

void write_place(stream& out, std::uint32_t thread, std::uint64_t pid, std::uint64_t depth) {
    out.write(R"(,"tid":[)");
    out.json(std::uint64_t{thread});
    out.write(R"(],"pid":[)");
    out.json(pid);
    out.write(R"(],"depth":)");
    out.json(depth);
    out.write(R"(,"is_dummy":false)");
}

/// Everything up to and with `"children":[`; the caller closes it with `]}`.
void open_root(stream& out, const view& v) {
    constexpr std::string_view nothing =
        R"({"entry":{"laps":0,"value":0,"accum":0,"repr_data":0.0,"repr_display":0.0},)"
        R"("stats":{"sum":0.0,"count":0,"mean":0.0}})";
    out.write(R"({"node":{"hash":0,"prefix":"unknown-hash=0")");
    write_place(out, 0, v.of().first_pid, 0);
    out.write(R"(,"inclusive":)");
    out.write(nothing);
    out.write(R"(,"exclusive":)");
    out.write(nothing);
    out.write(R"(},"children":[)");
}

double exclusive_mean(const view& v, std::size_t row, std::size_t element) {
    const double total = v.exclusive_total(row, element);
    const std::uint64_t laps = v.laps(row);
    if (v.is_quotient(element) || v.what().over_laps == combine::maximum) return total;
    return laps > 0 ? total / static_cast<double>(laps) : 0.0;
}

void open_node(stream& out, const view& v, std::size_t row) {
    const view_row& here = v.rows()[row];
    const std::string_view name = v.name(row);
    const std::uint64_t laps = v.laps(row);
    out.write(R"({"node":{"hash":)");
    // 0 stands for "no node".
    out.json(std::max<std::uint64_t>(path_hash(0, path_kind::region, name), 1));
    out.write(R"(,"prefix":)");
    out.json_string(name);
    write_place(out, here.thread, v.of().first_pid, std::uint64_t{here.depth} + 1);
    out.write(R"(,"inclusive":{)");
    write_inclusive(out, v, row);
    out.write(R"(},"exclusive":{)");
    const auto shown = [&](std::size_t i) { return v.exclusive_total(row, i); };
    write_entry(out, v, row, part::exclusive, shown);
    // Which lap spent what in which child is not recorded, so the exclusive part has no extremes
    // and no deviation.
    out.write(R"(,"stats":{"sum":)");
    write_values(out, v, shown);
    out.write(R"(,"count":)");
    out.json(laps);
    out.write(R"(,"mean":)");
    write_values(out, v, [&](std::size_t i) { return exclusive_mean(v, row, i); });
    out.write(R"(}}},"children":[)");
}

/// The roots of one process: `[{…}]`.
void write_process(stream& out, const profile& p, std::string_view component_id,
                   const settings& s) {
    const view v{p, component_id, s};
    out.write('[');
    open_root(out, v);
    std::uint32_t open = 0;  // nodes that wait for their `]}`
    for (std::size_t row = 0; row < v.rows().size(); ++row) {
        const std::uint32_t depth = v.rows()[row].depth;
        const bool sibling = row > 0 && open > depth;
        for (; open > depth; --open) out.write("]}");
        if (sibling) out.write(',');
        open_node(out, v, row);
        ++open;
    }
    for (; open > 0; --open) out.write("]}");
    out.write("]}]");
}

/// True if all rows are of thread 0 of a process that is not one of several.
bool is_serial(const result& r) {
    if (r.mpi || r.profiles.size() != 1 || thread_count(r) > 1) return false;
    const profile& p = r.profiles.front();
    return rank_count(p) <= 1 &&
           std::none_of(p.paths.begin(), p.paths.end(), [&p](const path& here) {
               return here.kind == path_kind::thread && p.name(here) != "0";
           });
}

}  // namespace

void write_tree(const result& r, std::string_view component_id, const settings& s, bool document,
                const sink& sink_of_text) {
    write_component(r, component_id, s, document, sink_of_text,
                    [&](stream& out, std::span<const profile* const> profiles) {
                        out.write(is_serial(r) ? R"(,"graph":[)" : R"(,"mpi":[)");
                        std::uint32_t position = 0;
                        for (const profile* p : profiles) {
                            if (!r.collapsed_ranks && !p->ranks.empty())
                                for (; position < p->ranks.front().first; ++position)
                                    out.write(position == 0 ? "[]" : ",[]");
                            if (position > 0) out.write(',');
                            write_process(out, *p, component_id, s);
                            ++position;
                        }
                        out.write(']');
                    });
}

}  // namespace tim
