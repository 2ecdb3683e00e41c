#include "output/json_parts.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

namespace tim {
namespace {

std::string upper_case(std::string_view text) {
    std::string upper{text};
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return upper;
}

void write_raw(stream& out, const component_description& what, int128 raw) {
    if (what.type == number::real)
        out.json(real_of(raw));
    else
        out.json(raw);
}

}  // namespace

std::vector<const profile*> profiles_with(const result& r, std::string_view component_id) {
    std::vector<const profile*> found;
    for (const profile& p : r.profiles)
        if (p.find(component_id) != nullptr) found.push_back(&p);
    return found;
}

std::uint32_t thread_count(const result& r) {
    std::uint32_t threads = 1;
    for (const profile& p : r.profiles) threads = std::max(threads, p.threads);
    return threads;
}

void write_header(stream& out, const result& r, const component_description& what) {
    std::vector<std::string> ids = what.aliases;
    ids.push_back(what.id);
    std::sort(ids.begin(), ids.end());

    out.write(R"("properties":{"value":)");
    out.json(std::int64_t{what.enum_value});
    out.write(R"(,"enum":)");
    out.json_string(upper_case(what.id));
    out.write(R"(,"id":)");
    out.json_string(what.id);
    out.write(R"(,"ids":[)");
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (i > 0) out.write(',');
        out.json_string(ids[i]);
    }
    out.write(R"(]},"type":)");
    out.json_string(what.label);
    out.write(R"(,"description":)");
    out.json_string(what.description);
    // A ratio's raw fields are not in its unit, and its percentages are shown as they are.
    const double unit_value = what.ratio ? 1.0 : what.unit_value;
    out.write(R"(,"unit_value":)");
    if (unit_value == std::floor(unit_value) && std::abs(unit_value) < 1e18)
        out.json(static_cast<std::int64_t>(unit_value));
    else
        out.json(unit_value);
    out.write(R"(,"unit_repr":)");
    out.json_string(what.unit);
    out.write(R"(,"thread_scope_only":)");
    out.write(what.per_thread ? "true" : "false");

    const std::uint64_t processes = r.profiles.empty() ? 1 : r.profiles.front().world_size;
    const std::uint64_t threads = thread_count(r);
    const auto member = [&out](std::string_view key, std::uint64_t value) {
        out.write(",\"");
        out.write(key);
        out.write("\":");
        out.json(value);
    };
    member("thread_count", threads);
    member("mpi_size", r.mpi ? processes : 1);
    member("upcxx_size", 1);
    member("process_count", processes);
    member("num_ranks", processes);
    member("concurrency", threads);

    std::map<std::string_view, std::uint64_t> losses;
    for (const profile& p : r.profiles)
        for (const auto& [cause, count] : p.losses) losses[cause] += count;
    if (losses.empty()) return;
    out.write(R"(,"losses":{)");
    bool first = true;
    for (const auto& [cause, count] : losses) {
        if (!first) out.write(',');
        first = false;
        out.json_string(cause);
        out.write(':');
        out.json(count);
    }
    out.write('}');
}

void write_entry(stream& out, const view& v, std::size_t row, part which, const json_real& shown) {
    const component_description& what = v.what();
    const auto raw = [&](std::size_t field) {
        return which == part::inclusive ? v.inclusive(row, field) : v.exclusive(row, field);
    };
    const auto value = [&] {
        if (what.ratio) {
            out.write(R"({"first":)");
            write_raw(out, what, raw(0));
            out.write(R"(,"second":)");
            write_raw(out, what, raw(1));
            out.write('}');
        } else {
            write_raw(out, what, raw(0));
        }
    };
    out.write(R"("entry":{"laps":)");
    out.json(v.laps(row));
    out.write(R"(,"value":)");
    value();
    out.write(R"(,"accum":)");
    value();
    out.write(R"(,"repr_data":)");
    out.write(shown);
    out.write(R"(,"repr_display":)");
    out.write(shown);
    out.write('}');
}

void write_inclusive(stream& out, const view& v, std::size_t row) {
    const row_values values = v.values(row);
    const json_real total{values.total};
    write_entry(out, v, row, part::inclusive, total);
    out.write(R"(,"stats":{"sum":)");
    out.write(total);
    out.write(R"(,"count":)");
    out.json(v.laps(row));
    out.write(R"(,"min":)");
    out.json(values.min);
    out.write(R"(,"max":)");
    out.json(values.max);
    out.write(R"(,"sqr":)");
    out.json(values.squares);
    out.write(R"(,"mean":)");
    out.json(values.mean);
    out.write(R"(,"stddev":)");
    out.json(values.stddev);
    out.write('}');
}

}  // namespace tim
