// <label>.json: the rows of a component as a flat list per rank.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "output/json_parts.hpp"
#include "output/label.hpp"
#include "output/stream.hpp"
#include "output/view.hpp"
#include "output/writers.hpp"

namespace tim {
namespace {

/// The statistics over ranks, where they are known.
void write_over_ranks(stream& out, const view& v, std::size_t row) {
    std::vector<row_rank_values> values;
    for (std::size_t i = 0; i < v.elements().size(); ++i) {
        const auto element = v.over_ranks(row, i);
        if (!element) return;
        values.push_back(*element);
    }
    const bool list = !v.what().elements.empty();
    const auto member = [&](std::string_view key, auto get) {
        out.write(key);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (list) out.write(i == 0 ? '[' : ',');
            out.json(get(values[i]));
        }
        if (list) out.write(']');
    };
    using of = const row_rank_values&;
    out.write(R"(,"ranks":{"count":)");
    out.json(values.front().count);
    member(R"(,"sum":)", [](of e) { return e.sum; });
    member(R"(,"mean":)", [](of e) { return e.mean; });
    member(R"(,"min":)", [](of e) { return e.min; });
    member(R"(,"min_rank":)", [](of e) { return std::uint64_t{e.min_rank}; });
    member(R"(,"max":)", [](of e) { return e.max; });
    member(R"(,"max_rank":)", [](of e) { return std::uint64_t{e.max_rank}; });
    member(R"(,"stddev":)", [](of e) { return e.stddev; });
    member(R"(,"imbalance":)", [](of e) { return e.imbalance; });
    out.write('}');
}

void write_rank(stream& out, const result& r, const profile& p, std::string_view component_id,
                const settings& s) {
    const view v{p, component_id, s};
    const label_prefix prefix{r, v};
    const bool over_ranks = r.mpi || rank_count(p) > 1;
    std::string label;

    out.write(R"({"rank":)");
    out.json(std::uint64_t{r.collapsed_ranks || p.ranks.empty() ? 0 : p.ranks.front().first});
    out.write(R"(,"graph_size":)");
    out.json(std::uint64_t{v.rows().size()});
    out.write(R"(,"graph":[)");
    for (std::size_t row = 0; row < v.rows().size(); ++row) {
        const std::string_view name = v.name(row);
        prefix.write(row, label);
        label += name;
        out.write(row == 0 ? R"({"hash":)" : R"(,{"hash":)");
        out.json(path_hash(0, path_kind::region, name));
        out.write(R"(,"prefix":)");
        out.json_string(label);
        out.write(R"(,"depth":)");
        out.json(std::uint64_t{v.rows()[row].depth});
        out.write(',');
        write_inclusive(out, v, row);
        if (over_ranks) write_over_ranks(out, v, row);
        out.write(R"(,"rolling_hash":)");
        out.json(v.path_identity(row));
        out.write('}');
    }
    out.write("]}");
}

}  // namespace

void write_json(const result& r, std::string_view component_id, const settings& s, bool document,
                const sink& sink_of_text) {
    write_component(r, component_id, s, document, sink_of_text,
                    [&](stream& out, std::span<const profile* const> profiles) {
                        out.write(R"(,"ranks":[)");
                        for (std::size_t i = 0; i < profiles.size(); ++i) {
                            if (i > 0) out.write(',');
                            write_rank(out, r, *profiles[i], component_id, s);
                        }
                        out.write(']');
                    });
}

void write_document(const result& r, const std::vector<std::string>& component_ids,
                    decltype(write_json)& write_one, const settings& s, const sink& out) {
    out("{\"timemory\":{");
    for (std::size_t i = 0; i < component_ids.size(); ++i) {
        out(fmt::format("{}\"{}\":", i == 0 ? "" : ",", component_ids[i]));
        write_one(r, component_ids[i], s, false, out);
    }
    out("}}");
}

}  // namespace tim
