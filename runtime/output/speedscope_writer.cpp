// The file format of speedscope (https://www.speedscope.app/file-format-schema.json): one sampled
// profile for each component, and for each rank and thread that was kept apart.

#include <string>
#include <string_view>

#include "output/json_parts.hpp"
#include "output/stacks.hpp"
#include "output/stream.hpp"
#include "output/writers.hpp"

namespace tim {
namespace {

/// Raw values are in these: see component.hpp.
std::string_view unit_of(quantity kind) {
    return kind == quantity::time ? "nanoseconds" : kind == quantity::memory ? "bytes" : "none";
}

/// The rows [begin, end) of a view, which are of one thread.
void write_profile(stream& out, const result& r, const view& v, std::uint32_t begin,
                   std::uint32_t end, name_numbers& frames) {
    const std::string owner = owner_of(r, v, begin);
    out.write(R"({"type":"sampled","name":)");
    out.json_string(owner.empty() ? v.what().id : v.what().id + " of " + owner);
    out.write(R"(,"unit":)");
    out.json_string(unit_of(v.what().kind));
    out.write(R"(,"samples":[)");
    stack_walk walk{v};
    for (std::uint32_t row = begin; row < end; ++row) {
        if (row > begin) out.write(',');
        char before = '[';
        for (const std::uint32_t above : walk.to(row)) {
            out.write(before);
            out.json(frames.of(v.name(above)));
            before = ',';
        }
        out.write(']');
    }
    out.write(R"(],"weights":[)");
    std::uint64_t total = 0;
    for (std::uint32_t row = begin; row < end; ++row) {
        if (row > begin) out.write(',');
        out.json(own_part(v, row));
        total += own_part(v, row);
    }
    out.write(R"(],"startValue":0,"endValue":)");
    out.json(total);
    out.write('}');
}

}  // namespace

void write_speedscope(const result& r, const std::vector<std::string>& component_ids,
                      const settings&, const sink& sink_of_text) {
    stream out{sink_of_text};
    out.write(R"({"$schema":"https://www.speedscope.app/file-format-schema.json",)"
              R"("exporter":"timemory )" TIMEMORY_VERSION
              R"(","activeProfileIndex":0,"profiles":[)");
    name_numbers frames;
    bool first = true;
    for (const std::string& id : component_ids)
        for (const profile* p : profiles_with(r, id)) {
            const view v{*p, id};
            if (!has_stacks(v.what())) continue;
            const auto rows = static_cast<std::uint32_t>(v.rows().size());
            for (std::uint32_t begin = 0, end = 0; begin < rows; begin = end) {
                while (end < rows && v.rows()[end].thread == v.rows()[begin].thread) ++end;
                if (!first) out.write(",\n");
                first = false;
                write_profile(out, r, v, begin, end, frames);
            }
        }
    out.write(R"(],"shared":{"frames":[)");
    const char* before = R"({"name":)";
    for (const std::string* name : frames.names()) {
        out.write(before);
        out.json_string(*name);
        before = R"(},{"name":)";
    }
    out.write(frames.names().empty() ? "]}}\n" : "}]}}\n");
    out.finish();
}

}  // namespace tim
