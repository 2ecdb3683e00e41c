// <label>.json: the rows of a component as a flat list per rank.

#include <string>

#include "output/json_parts.hpp"
#include "output/label.hpp"
#include "output/stream.hpp"
#include "output/view.hpp"
#include "output/writers.hpp"

namespace tim {
namespace {

void write_over_ranks(stream& out, const row_rank_values& v) {
    out.write(R"(,"ranks":{"count":)");
    out.json(v.count);
    out.write(R"(,"sum":)");
    out.json(v.sum);
    out.write(R"(,"mean":)");
    out.json(v.mean);
    out.write(R"(,"min":)");
    out.json(v.min);
    out.write(R"(,"min_rank":)");
    out.json(std::uint64_t{v.min_rank});
    out.write(R"(,"max":)");
    out.json(v.max);
    out.write(R"(,"max_rank":)");
    out.json(std::uint64_t{v.max_rank});
    out.write(R"(,"stddev":)");
    out.json(v.stddev);
    out.write(R"(,"imbalance":)");
    out.json(v.imbalance);
    out.write('}');
}

void write_rank(stream& out, const result& r, const profile& p, std::string_view component_id) {
    const view v{p, component_id};
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
        if (over_ranks)
            if (const auto values = v.over_ranks(row)) write_over_ranks(out, *values);
        out.write(R"(,"rolling_hash":)");
        out.json(v.path_identity(row));
        out.write('}');
    }
    out.write("]}");
}

}  // namespace

void write_json(const result& r, std::string_view component_id, const settings&, bool document,
                const sink& sink_of_text) {
    stream out{sink_of_text};
    const std::vector<const profile*> profiles = profiles_with(r, component_id);
    if (document) out.write(R"({"timemory":{)");
    if (!profiles.empty()) {
        const component_description& what = profiles.front()->find(component_id)->what;
        if (document) {
            out.json_string(what.id);
            out.write(':');
        }
        out.write('{');
        write_header(out, r, what);
        out.write(R"(,"ranks":[)");
        for (std::size_t i = 0; i < profiles.size(); ++i) {
            if (i > 0) out.write(',');
            write_rank(out, r, *profiles[i], component_id);
        }
        out.write("]}");
    } else if (!document) {
        out.write("{}");
    }
    if (document) out.write("}}\n");
    out.finish();
}

}  // namespace tim
