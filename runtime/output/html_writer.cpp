// A result as one page for a browser.
//
// The page is a constant; what is written here are its data, as JSON in a <script> of their own.
// Of each value that a component shows there is an object with a list for each column, and the
// numbers in them are in display units. A number with more digits than a double holds is a string.
// Where ranks were kept apart, the columns are those of all ranks together, and `apart` has the
// totals of each rank for the greatest rows.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fold/join.hpp"
#include "output/html/page.hpp"
#include "output/json_parts.hpp"
#include "output/mpi_writers.hpp"
#include "output/record.hpp"
#include "output/stacks.hpp"
#include "output/stream.hpp"
#include "output/writers.hpp"
#include "profile/merge.hpp"
#include "profile/process_table.hpp"

namespace tim {
namespace {

/// JSON that may stand in a <script>: nothing in it can end the script or begin a comment. In JSON
/// `<` is only in strings, so it may be replaced wherever it is.
sink without_tags(const sink& out) {
    return [&out](std::string_view text) {
        while (!text.empty()) {
            const std::size_t plain = std::min(text.find('<'), text.size());
            out(text.substr(0, plain));
            if (plain == text.size()) return;
            out("\\u003c");
            text.remove_prefix(plain + 1);
        }
    };
}

/// `raw / unit` with all its digits. They end: units are products of tens and twos.
std::string all_digits(int128 raw, std::int64_t unit) {
    const auto size = raw < 0 ? -static_cast<uint128>(raw) : static_cast<uint128>(raw);
    const auto divisor = static_cast<uint128>(unit);
    std::string digits = fmt::format("{}{}", raw < 0 ? "-" : "", size / divisor);
    uint128 rest = size % divisor;
    if (rest > 0) digits += '.';
    for (int i = 0; i < 60 && rest > 0; ++i, rest %= divisor) {
        rest *= 10;
        digits += static_cast<char>('0' + static_cast<int>(rest / divisor));
    }
    return digits;
}

/// A raw integer in display units.
void write_exact(stream& out, int128 raw, double unit) {
    constexpr int128 most = int128{1} << 53;
    const bool fits = raw >= -most && raw <= most;
    if (fits || unit < 1 || unit > 1e18 || unit != std::floor(unit))
        return out.json(static_cast<double>(raw) / unit);
    out.json_string(all_digits(raw, static_cast<std::int64_t>(unit)));
}

/// One of the values that the rows of a view show.
struct shown_value {
    const view& v;
    std::size_t element;

    [[nodiscard]] std::size_t field() const { return v.what().field_of(element); }
    [[nodiscard]] bool is_exact() const {
        return v.what().type == number::integer && !v.is_quotient(element);
    }
    void write(stream& out, int128 raw, double otherwise) const {
        if (is_exact())
            write_exact(out, raw, v.elements()[element].unit_value);
        else
            out.json(otherwise);
    }
    void write_total(stream& out, std::size_t row) const {
        write(out, v.inclusive(row, field()), v.total(row, element));
    }
};

/// `,"name":[…]` with one entry a row.
template <class Write>
void write_list(stream& out, std::string_view name, std::size_t rows, Write write_one) {
    out.write(",\"");
    out.write(name);
    out.write("\":[");
    for (std::size_t row = 0; row < rows; ++row) {
        if (row > 0) out.write(',');
        write_one(row);
    }
    out.write(']');
}

void write_tree_columns(stream& out, const view& v, name_numbers& names) {
    const auto list = [&](std::string_view name, auto write_one) {
        write_list(out, name, v.rows().size(), write_one);
    };
    list("parent", [&](std::size_t row) {
        const std::uint32_t parent = v.rows()[row].parent;
        out.json(parent == no_row ? std::int64_t{-1} : std::int64_t{parent});
    });
    list("name", [&](std::size_t row) { out.json(names.of(v.name(row))); });
    list("count", [&](std::size_t row) { write_exact(out, int128{v.laps(row)}, 1); });
    if (v.has_threads())
        list("thread", [&](std::size_t row) { out.json(std::uint64_t{v.rows()[row].thread}); });
}

void write_value_columns(stream& out, const shown_value& shown) {
    const view& v = shown.v;
    const std::size_t field = shown.field();
    const auto list = [&](std::string_view name, auto write_one) {
        write_list(out, name, v.rows().size(), write_one);
    };
    list("total", [&](std::size_t row) { shown.write_total(out, row); });
    if (v.self_share(0, shown.element))
        list("self", [&](std::size_t row) {
            shown.write(out, v.is_quotient(shown.element) ? 0 : v.exclusive(row, field),
                        v.exclusive_total(row, shown.element));
        });
    const auto over_laps = [&](std::string_view name, auto write_one) {
        list(name, [&](std::size_t row) {
            if (v.laps(row) == 0) return out.write("null");
            write_one(row, v.values(row, shown.element));
        });
    };
    over_laps("mean", [&](std::size_t, const row_values& of) { out.json(of.mean); });
    over_laps("min", [&](std::size_t row, const row_values& of) {
        shown.write(out, v.raw_over_laps(row, field).min, of.min);
    });
    over_laps("max", [&](std::size_t row, const row_values& of) {
        shown.write(out, v.raw_over_laps(row, field).max, of.max);
    });
    over_laps("stddev", [&](std::size_t, const row_values& of) { out.json(of.stddev); });
}

void write_rank_columns(stream& out, const shown_value& shown) {
    const view& v = shown.v;
    const auto list = [&](std::string_view name, auto write_one) {
        write_list(out, name, v.rows().size(), [&](std::size_t row) {
            if (const auto over = v.over_ranks(row, shown.element))
                write_one(*over, v.raw_over_ranks(row, shown.field()));
            else
                out.write("null");
        });
    };
    using over = row_rank_values;
    list("ranks", [&](const over& of, auto&) { out.json(of.count); });
    list("rank_mean", [&](const over& of, auto&) { out.json(of.mean); });
    list("rank_min", [&](const over& of, auto& raw) { shown.write(out, raw.min, of.min); });
    list("min_rank", [&](const over& of, auto&) { out.json(std::uint64_t{of.min_rank}); });
    list("rank_max", [&](const over& of, auto& raw) { shown.write(out, raw.max, of.max); });
    list("max_rank", [&](const over& of, auto&) { out.json(std::uint64_t{of.max_rank}); });
    list("rank_stddev", [&](const over& of, auto&) { out.json(of.stddev); });
    list("imbalance", [&](const over& of, auto&) { out.json(of.imbalance); });
}

/// The rows with the greatest totals, in their order: no more than the page can show of so many
/// ranks.
std::vector<std::size_t> greatest_rows(const shown_value& shown, std::size_t ranks) {
    const std::size_t most = std::clamp<std::size_t>(1'000'000 / ranks, 10, 500);
    std::vector<std::size_t> rows(shown.v.rows().size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    if (rows.size() <= most) return rows;
    std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
        return shown.v.total(a, shown.element) > shown.v.total(b, shown.element);
    });
    rows.resize(most);
    std::sort(rows.begin(), rows.end());
    return rows;
}

/// `,"apart":{"rows":[…],"ranks":[…],"totals":[[…],…]}`: a list of totals a rank, or group of
/// ranks.
void write_apart(stream& out, const std::vector<profile>& profiles, const shown_value& shown,
                 const settings& s) {
    const std::vector<std::size_t> rows = greatest_rows(shown, profiles.size());
    out.write(R"(,"apart":{"rows":[)");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i > 0) out.write(',');
        out.json(std::uint64_t{rows[i]});
    }
    out.write(']');
    write_list(out, "ranks", profiles.size(),
               [&](std::size_t i) { out.json_string(ranks_text(profiles[i].ranks)); });
    write_list(out, "totals", profiles.size(), [&](std::size_t i) {
        const view one{profiles[i], shown.v.what().id, s};
        std::unordered_map<std::uint64_t, std::size_t> row_of;
        for (std::size_t row = 0; row < one.rows().size(); ++row)
            row_of.emplace(one.path_identity(row), row);
        char before = '[';
        for (const std::size_t row : rows) {
            out.write(before);
            before = ',';
            const auto found = row_of.find(shown.v.path_identity(row));
            if (found == row_of.end())
                out.write("null");
            else
                shown_value{one, shown.element}.write_total(out, found->second);
        }
        out.write(']');
    });
    out.write('}');
}

void write_component(stream& out, const result& r, const shown_value& shown, const settings& s,
                     name_numbers& names) {
    const view& v = shown.v;
    const component_element& what = v.elements()[shown.element];
    const auto text = [&out](std::string_view key, std::string_view value) {
        out.write(key);
        out.json_string(value);
    };
    text(R"({"id":)", v.what().id);
    text(R"(,"label":)", what.label);
    text(R"(,"description":)", what.description);
    text(R"(,"unit":)", what.unit);
    out.write(has_stacks(v.what()) ? R"(,"stacks":true)" : R"(,"stacks":false)");
    out.write(v.what().has_sum ? R"(,"sums":true)" : R"(,"sums":false)");
    out.write(R"(,"all_ranks":)");
    out.json(rank_count(v.of()));
    write_tree_columns(out, v, names);
    write_value_columns(out, shown);
    if (rank_count(v.of()) > 1) write_rank_columns(out, shown);
    if (r.profiles.size() > 1) write_apart(out, r.profiles, shown, s);
    out.write('}');
}

std::string time_text(std::uint64_t nanoseconds) {
    const auto seconds = static_cast<std::time_t>(nanoseconds / 1'000'000'000);
    std::tm parts{};
    char text[64] = "";
    if (gmtime_r(&seconds, &parts) != nullptr)
        std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
    return text;
}

/// What metadata.json says, as far as it is known.
nlohmann::json metadata_of(const run_description& run) {
    const auto document = nlohmann::json::parse(run.metadata, nullptr, false);
    const nlohmann::json::json_pointer place{"/timemory/metadata"};
    return document.is_object() && document.contains(place) ? document.at(place)
                                                            : nlohmann::json::object();
}

std::string text_of(const nlohmann::json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array())
        return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    std::string words;
    for (const auto& word : value) words += (words.empty() ? "" : " ") + text_of(word);
    return words;
}

/// Writes a list of rows of texts: `[["a","b"],…]`.
class text_rows {
public:
    explicit text_rows(stream& out) : out_(out) { out_.write('['); }
    void add(std::initializer_list<std::string_view> cells) {
        if (!first_) out_.write(',');
        first_ = false;
        char before = '[';
        for (const std::string_view cell : cells) {
            out_.write(before);
            out_.json_string(cell);
            before = ',';
        }
        out_.write(']');
    }
    void end() { out_.write(']'); }

private:
    stream& out_;
    bool first_ = true;
};

void write_run(stream& out, const result& r, const profile& all, const run_description& run) {
    const nlohmann::json metadata = metadata_of(run);
    const auto known = [&](const char* pointer) {
        const nlohmann::json::json_pointer place{pointer};
        return metadata.contains(place) ? text_of(metadata.at(place)) : std::string{};
    };
    out.write(R"({"command":)");
    out.json_string(known("/settings/command_line"));

    out.write(R"(,"facts":)");
    text_rows facts{out};
    const auto fact = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) facts.add({name, value});
    };
    const bool whole = rank_count(all) == all.world_size;
    fact("ranks", whole ? fmt::format("{}", all.world_size)
                        : fmt::format("{} ({}) of {}", rank_count(all), ranks_text(all.ranks),
                                      all.world_size));
    fact("threads of a rank", fmt::format("{}", thread_count(r)));
    std::string launched = known("/info/LAUNCH_DATE");
    if (!launched.empty()) launched += " " + known("/info/LAUNCH_TIME");
    fact("started", all.started > 0 ? time_text(all.started) : launched);
    fact("host", known("/info/HOSTNAME"));
    fact("processor", known("/info/CPU_MODEL"));
    fact("cores", known("/info/HW_PHYSICAL_CPU"));
    fact("folder", known("/info/PWD"));
    fact("measured regions", fmt::format("{}", all.measuring.regions));
    fact("cost of measuring", fmt::format("{:.6f} sec of all ranks and threads, {:.3f} MB",
                                          static_cast<double>(all.measuring.nanoseconds) / 1e9,
                                          static_cast<double>(all.measuring.memory) / 1e6));
    fact("timemory", known("/info/TIMEMORY_VERSION"));
    facts.end();

    out.write(R"(,"losses":)");
    text_rows losses{out};
    for (const auto& [cause, count] : all.losses) losses.add({cause, fmt::format("{}", count)});
    losses.end();

    out.write(R"(,"settings":)");
    text_rows settings{out};
    for (const setting_value& s : run.settings)
        if (s.origin != "default") settings.add({s.name, s.value, s.origin});
    settings.end();

    out.write(R"(,"processes":)");
    text_rows processes{out};
    for (const process_group& g : process_groups(r.profiles))
        processes.add({g.host, ranks_text(g), fmt::format("{}", g.processes),
                       fmt::format("{}", g.threads), g.end});
    processes.end();

    out.write(R"(,"info":)");
    text_rows info{out};
    if (metadata.contains("info"))
        for (const auto& [name, value] : metadata["info"].items()) info.add({name, text_of(value)});
    info.end();
    out.write('}');
}

}  // namespace

void write_html(const result& r, const run_description& run,
                const std::vector<std::string>& component_ids, const settings& s,
                const sink& sink_of_text) {
    const std::size_t mark = html_page.find(html_data_mark);
    if (mark == std::string_view::npos)
        throw std::runtime_error(
            "this timemory was built without its page for browsers: install node-d3 or mpld3, and "
            "build it again");
    sink_of_text(html_page.substr(0, mark));

    const profile all = merge_ranks(r.profiles);
    const sink data = without_tags(sink_of_text);
    stream out{data};
    out.write(R"({"run":)");
    write_run(out, r, all, run);
    out.write(R"(,"components":[)");
    name_numbers names;
    bool first = true;
    for (const std::string& id : component_ids) {
        const view v{all, id, s};
        if (!v) continue;
        for (std::size_t element = 0; element < v.elements().size(); ++element) {
            out.write(first ? "\n" : ",\n");
            first = false;
            write_component(out, r, {v, element}, s, names);
        }
    }
    out.write(']');
    write_list(out, "names", names.names().size(),
               [&](std::size_t i) { out.json_string(*names.names()[i]); });
    out.write(R"(,"mpi":)");
    if (has_mpi(r))
        write_mpi_page(summarise_mpi(r), [&out](std::string_view text) { out.write(text); });
    else
        out.write("null");
    out.write('}');
    out.finish();
    sink_of_text(html_page.substr(mark + html_data_mark.size()));
}

}  // namespace tim
