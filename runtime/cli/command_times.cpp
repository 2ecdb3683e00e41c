#include "cli/command_times.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <utility>

#include "fold/join.hpp"
#include "measure/component_table.hpp"
#include "output/grid.hpp"
#include "output/printable.hpp"
#include "output/view.hpp"
#include "profile/merge.hpp"
#include "settings/settings.hpp"

namespace tim::cli {
namespace {

std::int64_t nanoseconds(const timeval& t) {
    return std::int64_t{t.tv_sec} * 1'000'000'000 + std::int64_t{t.tv_usec} * 1'000;
}

/// The components in the order of the table, with their raw values; of a ratio both of its parts.
struct measurement {
    const char* component;
    std::int64_t value;
    std::int64_t whole = 0;
};

std::vector<measurement> measurements_of(const command_usage& u) {
    const std::int64_t user = nanoseconds(u.usage.ru_utime);
    const std::int64_t system = nanoseconds(u.usage.ru_stime);
    std::vector<measurement> all{
        {"wall_clock", u.wall},
        {"user_clock", user},
        {"sys_clock", system},
        {"cpu_clock", user + system},
        {"cpu_util", user + system, u.wall},
        {"peak_rss", std::int64_t{u.usage.ru_maxrss} * 1024},
        {"num_minor_page_faults", u.usage.ru_minflt},
        {"num_major_page_faults", u.usage.ru_majflt},
        {"voluntary_context_switch", u.usage.ru_nvcsw},
        {"priority_context_switch", u.usage.ru_nivcsw},
    };
    if (u.io)
        for (const auto& [id, bytes] : {std::pair{"read_char", u.io->read_calls},
                                        {"written_char", u.io->write_calls},
                                        {"read_bytes", u.io->read_storage},
                                        {"written_bytes", u.io->write_storage}})
            all.push_back({id, bytes, u.wall});  // they have a rate too
    return all;
}

field_columns one_value(std::int64_t value) {
    const auto magnitude = static_cast<uint128>(value < 0 ? -static_cast<int128>(value) : value);
    return {.value = {value},
            .laps = {{.sum = value, .squares = magnitude * magnitude, .min = value, .max = value}},
            .ranks = {{}}};
}

number_format format_of(const view& v, double value, const settings& s) {
    return format_for(v.elements().front().kind, s,
                      value < 1.0 ? 0 : std::numeric_limits<double>::infinity());
}

void add_one(grid& table, const view& v, const settings& s) {
    std::vector<std::string>& cells = table.add_row();
    cells[0] = v.elements().front().label;
    const double value = v.total(0);
    format_of(v, value, s).write(value, cells[1]);
    cells[2] = v.elements().front().unit;
}

void add_ranks(grid& table, const view& v, const settings& s) {
    const auto over = v.over_ranks(0);
    if (!over) return;
    std::vector<std::string>& cells = table.add_row();
    cells[0] = v.elements().front().label;
    cells[1] = v.elements().front().unit;
    const number_format format = format_of(v, over->max, s);
    if (v.what().over_ranks == combine::sum && !v.is_quotient(0))
        format.write(over->sum, cells[2]);
    else
        cells[2] += '-';
    format.write(over->mean, cells[3]);
    format.write(over->min, cells[4]);
    cells[5] = std::to_string(over->min_rank);
    format.write(over->max, cells[6]);
    cells[7] = std::to_string(over->max_rank);
}

}  // namespace

std::optional<io_bytes> io_of(pid_t pid) {
    std::ifstream file{fmt::format("/proc/{}/io", pid)};
    io_bytes io;
    int found = 0;
    std::string name;
    for (std::int64_t value = 0; file >> name >> value;)
        for (const auto& [wanted, member] : {std::pair{"rchar:", &io_bytes::read_calls},
                                             {"wchar:", &io_bytes::write_calls},
                                             {"read_bytes:", &io_bytes::read_storage},
                                             {"write_bytes:", &io_bytes::write_storage}})
            if (name == wanted) {
                io.*member = value;
                ++found;
            }
    return found == 4 ? std::optional{io} : std::nullopt;
}

profile profile_of(const command_usage& usage) {
    profile p = empty_profile();
    p.names.push_back(usage.name);
    p.paths.push_back({.parent = 0, .name = 1, .kind = path_kind::region, .order = 1});
    p.threads = 1;
    for (const measurement& m : measurements_of(usage)) {
        const auto known = find_component(m.component);
        if (!known) continue;
        component_columns c{.what = known->what, .path = {1}, .laps = {1}, .fields = {}};
        c.fields.push_back(one_value(m.value));
        if (c.what.ratio) {
            c.fields.push_back(one_value(m.whole));
            c.fields.push_back(
                one_value(m.whole > 0 ? static_cast<std::int64_t>(static_cast<int128>(m.value) *
                                                                  c.what.quotient_scale() / m.whole)
                                      : 0));
        }
        p.components.push_back(std::move(c));
    }
    std::sort(p.components.begin(), p.components.end(),
              [](const auto& a, const auto& b) { return a.what.id < b.what.id; });
    return canonical(p, dimension::laps);
}

void print_times(const std::vector<profile>& profiles, const std::string& title, std::FILE* to) {
    const settings s = current_settings();
    const profile all = merge_ranks(profiles);
    const bool ranks = profiles.size() > 1;
    std::string shown;
    append_printable(title, shown);
    cut(shown, 100);
    if (!all.ranks.empty())
        shown += fmt::format(", rank{} {}", ranks ? "s" : "", ranks_text(all.ranks));
    grid table{shown,
               ranks ? std::vector<grid::column>{{"METRIC", true},
                                                 {"UNITS", true},
                                                 {"SUM"},
                                                 {"MEAN"},
                                                 {"MIN"},
                                                 {"OF"},
                                                 {"MAX"},
                                                 {"OF"}}
                     : std::vector<grid::column>{{"METRIC", true}, {"VALUE"}, {"UNITS", true}}};
    for (const measurement& m : measurements_of({.io = io_bytes{}}))
        if (const view v{all, m.component, s}; v)
            ranks ? add_ranks(table, v, s) : add_one(table, v, s);
    std::string text;
    const sink append = [&text](std::string_view piece) { text += piece; };
    stream out{append};
    table.write(out);
    out.finish();
    std::fwrite(text.data(), 1, text.size(), to);
}

}  // namespace tim::cli
