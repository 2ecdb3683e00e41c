#include "output/json_parts.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "output/units.hpp"

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

void write_unit_value(stream& out, double value) {
    if (value == std::floor(value) && std::abs(value) < 1e18)
        out.json(static_cast<std::int64_t>(value));
    else
        out.json(value);
}

/// `,"type":…,"description":…,"unit_value":…,"unit_repr":…`: lists where the component has
/// elements.
void write_elements(stream& out, const component_description& what,
                    const std::vector<component_element>& elements) {
    const auto member = [&](std::string_view key, auto write_one) {
        const bool list = !what.elements.empty();
        out.write(key);
        if (list) out.write('[');
        for (std::size_t i = 0; i < elements.size(); ++i) {
            if (i > 0) out.write(',');
            write_one(elements[i]);
        }
        if (list) out.write(']');
    };
    member(R"(,"type":)", [&](const component_element& e) { out.json_string(e.label); });
    member(R"(,"description":)",
           [&](const component_element& e) { out.json_string(e.description); });
    // The raw fields of a utilisation are not in its unit, and its percentages are shown as they
    // are.
    member(R"(,"unit_value":)", [&](const component_element& e) {
        write_unit_value(out, e.kind == quantity::percent ? 1.0 : e.unit_value);
    });
    member(R"(,"unit_repr":)", [&](const component_element& e) { out.json_string(e.unit); });
}

/// Everything that is equal for all rows of a component, without braces around it.
void write_header(stream& out, const result& r, const component_description& what,
                  const settings& s) {
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
    out.write("]}");
    write_elements(out, what, shown_elements(what, s));
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

void write_component(
    const result& r, std::string_view component_id, const settings& s, bool document,
    const sink& sink_of_text,
    const std::function<void(stream&, std::span<const profile* const>)>& write_rows) {
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
        write_header(out, r, what, s);
        write_rows(out, profiles);
        out.write('}');
    } else if (!document) {
        out.write("{}");
    }
    if (document) out.write("}}\n");
    out.finish();
}

void write_raw_entry(stream& out, const view& v, std::size_t row, part which) {
    const component_description& what = v.what();
    const auto raw = [&](std::size_t field) {
        write_raw(out, what,
                  which == part::inclusive ? v.inclusive(row, field) : v.exclusive(row, field));
    };
    const auto value = [&] {
        if (what.ratio) {
            out.write(R"({"first":)");
            raw(0);
            out.write(R"(,"second":)");
            raw(1);
            out.write('}');
        } else if (what.elements.empty()) {
            raw(0);
        } else {
            for (std::size_t i = 0; i < what.fields(); ++i) {
                out.write(i == 0 ? '[' : ',');
                raw(i);
            }
            out.write(']');
        }
    };
    out.write(R"("entry":{"laps":)");
    out.json(v.laps(row));
    out.write(R"(,"value":)");
    value();
    out.write(R"(,"accum":)");
    value();
}

void write_inclusive(stream& out, const view& v, std::size_t row) {
    std::vector<row_values> values;
    for (std::size_t i = 0; i < v.elements().size(); ++i) values.push_back(v.values(row, i));
    const auto all = [&](std::string_view key, double row_values::*member) {
        out.write(key);
        write_values(out, v, [&](std::size_t i) { return values[i].*member; });
    };
    write_entry(out, v, row, part::inclusive, [&](std::size_t i) { return values[i].total; });
    all(R"(,"stats":{"sum":)", &row_values::total);
    out.write(R"(,"count":)");
    out.json(v.laps(row));
    all(R"(,"min":)", &row_values::min);
    all(R"(,"max":)", &row_values::max);
    all(R"(,"sqr":)", &row_values::squares);
    all(R"(,"mean":)", &row_values::mean);
    all(R"(,"stddev":)", &row_values::stddev);
    out.write('}');
}

}  // namespace tim
