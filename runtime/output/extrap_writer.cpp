// Measurements for Extra-P, in its JSON Lines format
// (https://github.com/extra-p/extrap/blob/master/docs/file-formats.md): one line for each call path
// and metric, at the values of the parameters that the job ran with. Of ranks that were kept apart
// each is a repetition; else it is their mean.

#include <string>
#include <string_view>

#include "output/json_parts.hpp"
#include "output/stacks.hpp"
#include "output/stream.hpp"
#include "output/writers.hpp"

namespace tim {
namespace {

void write_line(stream& out, std::string_view parameters, std::string_view call_path,
                std::string_view metric, double value) {
    out.write(R"({"params":)");
    out.write(parameters);
    out.write(R"(,"callpath":)");
    out.json_string(call_path);
    out.write(R"(,"metric":)");
    out.json_string(metric);
    out.write(R"(,"value":)");
    out.json(value);
    out.write("}\n");
}

std::string as_json(const std::vector<parameter>& parameters) {
    std::string text;
    const sink append = [&text](std::string_view piece) { text += piece; };
    stream out{append};
    char before = '{';
    for (const parameter& p : parameters) {
        out.write(before);
        out.json_string(p.name);
        out.write(':');
        out.json(p.value);
        before = ',';
    }
    out.write('}');
    out.finish();
    return text;
}

}  // namespace

void write_extrap(const result& r, const std::vector<std::string>& component_ids,
                  const std::vector<parameter>& parameters, const settings& s,
                  const sink& sink_of_text) {
    stream out{sink_of_text};
    const std::string at = as_json(parameters);
    for (const std::string& id : component_ids)
        for (const profile* p : profiles_with(r, id)) {
            const view v{*p, id, s};
            if (!v.what().has_sum) continue;
            // A greatest value is one of the job's; a sum is shared by its ranks.
            const double sharers =
                v.what().over_ranks == combine::maximum
                    ? 1.0
                    : static_cast<double>(std::max<std::uint64_t>(rank_count(v.of()), 1));
            stack_walk walk{v};
            for (std::uint32_t row = 0; row < v.rows().size(); ++row) {
                const std::string call_path = walk.names_to(row, "->");
                for (std::size_t i = 0; i < v.elements().size(); ++i) {
                    const double share = v.is_quotient(i) ? 1.0 : sharers;
                    const std::string metric =
                        v.elements().size() > 1 ? id + "." + v.elements()[i].label : id;
                    write_line(out, at, call_path, metric, v.total(row, i) / share);
                }
                if (id == component_ids.front())
                    write_line(
                        out, at, call_path, "visits",
                        static_cast<double>(v.laps(row)) /
                            static_cast<double>(std::max<std::uint64_t>(rank_count(v.of()), 1)));
            }
        }
    out.finish();
}

}  // namespace tim
