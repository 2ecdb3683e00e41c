// `timemory report`: a result, or parts of it, once more.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <regex>
#include <span>
#include <utility>

#include "cli/commands.hpp"
#include "input/result_file.hpp"
#include "library/results.hpp"
#include "output/call_sites.hpp"
#include "output/gpu_writers.hpp"
#include "output/metadata.hpp"
#include "output/mpi_writers.hpp"
#include "output/place.hpp"
#include "output/stacks.hpp"
#include "output/writers.hpp"
#include "profile/select.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim::cli {
namespace {

/// `0,2-3` as ranges; nothing if it is no such list.
std::optional<std::vector<rank_range>> ranges_of(std::string_view list) {
    std::vector<rank_range> ranges;
    const auto number = [&list](std::uint32_t& n) {
        const auto [end, error] = std::from_chars(list.data(), list.data() + list.size(), n);
        list.remove_prefix(static_cast<std::size_t>(end - list.data()));
        return error == std::errc{};
    };
    while (true) {
        rank_range r;
        if (!number(r.first)) return {};
        r.last = r.first;
        if (list.starts_with('-')) {
            list.remove_prefix(1);
            if (!number(r.last) || r.last < r.first) return {};
        }
        ranges.push_back(r);
        if (list.empty()) return ranges;
        if (!list.starts_with(',')) return {};
        list.remove_prefix(1);
    }
}

bool has(const std::vector<rank_range>& ranges, std::uint32_t first, std::uint32_t last) {
    for (const rank_range& r : ranges)
        if (r.first <= first && last <= r.last) return true;
    return false;
}

std::string select_ranks(result& r, const std::string& list) {
    const auto ranges = ranges_of(list);
    if (!ranges) return fmt::format("'{}' is no list of ranks, such as 0,2-3", list);
    if (r.profiles.size() < 2)
        return "the ranks were put together, and can't be told apart any more: "
               "TIMEMORY_COLLAPSE_PROCESSES=off keeps them apart";
    std::erase_if(r.profiles, [&](const profile& p) {
        return p.ranks.empty() || !has(*ranges, p.ranks.front().first, p.ranks.back().last);
    });
    return r.profiles.empty() ? fmt::format("none of the ranks '{}' is there", list) : "";
}

std::string select_threads(result& r, const std::string& list) {
    const auto ranges = ranges_of(list);
    if (!ranges) return fmt::format("'{}' is no list of threads, such as 0,2-3", list);
    if (r.collapsed_threads)
        return "the threads were put together, and can't be told apart any more: "
               "TIMEMORY_COLLAPSE_THREADS=off keeps them apart";
    for (profile& p : r.profiles)
        p = tim::select_threads(p, [&](std::string_view name) {
            std::uint32_t thread = 0;
            std::from_chars(name.data(), name.data() + name.size(), thread);
            return has(*ranges, thread, thread);
        });
    return {};
}

/// How the job showed its numbers, and whether as tags for CTest too, where nothing else is asked
/// for now: in place of what the result before said.
void take_over_format(const std::vector<setting_value>& recorded) {
    constexpr const char* here = "the result";
    for (const setting_info& row : setting_table()) {
        const std::string origin = setting_origin_of(row.name);
        const bool shows =
            row.group == "format" || row.group == "dart" || row.name == "dart_output";
        if (!shows || (origin != "default" && origin != here)) continue;
        for (const setting_value& s : recorded)
            if (s.name == row.name) set_setting(s.name, s.value, setting_origin::file, here);
    }
}

constexpr std::array<std::pair<std::string_view, sort_key>, 6> sort_keys{{{"name", sort_key::name},
                                                                          {"count", sort_key::laps},
                                                                          {"sum", sort_key::total},
                                                                          {"mean", sort_key::mean},
                                                                          {"min", sort_key::min},
                                                                          {"max", sort_key::max}}};

void sort(result& r, std::string_view component_id, std::string_view by) {
    for (const auto& [name, key] : sort_keys)
        if (name == by)
            for (profile& p : r.profiles) p = sorted(p, component_id, key);
}

using id_list = std::vector<std::string>;

/// Each component by itself, in the order of its own values, with a line between two.
template <auto write_one>
void write_each(record& r, const id_list& components, const settings& s,
                const report_request& request) {
    for (const std::string& id : components) {
        sort(r.measured, id, request.sort);
        write_one(r.measured, id, s, print);
        print("\n");
    }
}

/// All components in one output.
template <auto write_one>
void write_all(record& r, const id_list& components, const settings& s, const report_request&) {
    write_one(r.measured, components, s, print);
}

/// Only the first component that can be shown in this way: the format has no room for several.
template <auto write_one>
void write_first(const record& r, const id_list& components, const settings& s,
                 bool (*fits)(const component_description&), const char* problem) {
    for (const std::string& id : components)
        for (const profile& p : r.measured.profiles)
            if (const component_columns* c = p.find(id); c != nullptr && fits(c->what))
                return write_one(r.measured, id, s, print);
    throw std::runtime_error(problem);
}

/// NAME=VALUE, and the number of ranks as `p` where nothing else is given as that.
std::vector<parameter> parameters_of(const result& r, const id_list& given) {
    std::vector<parameter> all{{"p", 1}};
    if (!r.profiles.empty()) all[0].value = r.profiles.front().world_size;
    for (const std::string& text : given) {
        const std::size_t equals = text.find('=');
        parameter p{text.substr(0, equals), 0};
        const char* const begin = text.data() + std::min(text.size(), equals + 1);
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(begin, end, p.value);
        if (equals == std::string::npos || p.name.empty() || begin == end || error != std::errc{} ||
            stop != end)
            throw std::runtime_error(fmt::format("'{}' is no parameter, such as n=1000", text));
        if (p.name == "p")
            all[0] = std::move(p);
        else
            all.push_back(std::move(p));
    }
    return all;
}

struct format {
    const char* name;
    void (*write)(record&, const id_list&, const settings&, const report_request&);
};

bool has_rank_statistics(const profile& p) {
    for (const component_columns& c : p.components)
        for (const field_columns& f : c.fields)
            for (const rank_statistics& s : f.ranks)
                if (s.ranks > 0) return true;
    return false;
}

constexpr auto table = [](const result& r, const std::string& id, const settings& s,
                          const sink& out) { write_text(r, id, s, true, out); };
constexpr const char* no_stacks =
    "it has no component that can be drawn as stacks, such as wall_clock";

const format formats[] = {
    {"text", write_each<table>},
    {"markdown", write_each<write_markdown>},
    {"ranks",
     [](auto& r, auto& components, auto& s, auto& request) {
         const auto& profiles = r.measured.profiles;
         const bool sealed = std::any_of(profiles.begin(), profiles.end(), has_rank_statistics);
         if (!sealed) throw std::runtime_error("it is not of a job with ranks");
         write_each<write_rank_table>(r, components, s, request);
         write_process_table(r.measured, print);
     }},
    {"csv", write_all<write_csv>},
    {"json",
     [](auto& r, auto& components, auto& s, auto&) {
         write_document(r.measured, components, write_json, s, print);
         print("\n");
     }},
    {"tree",
     [](auto& r, auto& components, auto& s, auto&) {
         write_document(r.measured, components, write_tree, s, print);
         print("\n");
     }},
    {"flamegraph",
     [](auto& r, auto& components, auto& s, auto&) {
         write_first<write_flamegraph>(
             r, components, s, has_flamegraph,
             "it has no component that a flame graph shows, such as wall_clock");
     }},
    {"collapsed",
     [](auto& r, auto& components, auto& s, auto&) {
         write_first<write_collapsed>(r, components, s, has_stacks, no_stacks);
     }},
    {"speedscope", write_all<write_speedscope>},
    {"html", [](auto& r, auto& components, auto& s,
                auto&) { write_html(r.measured, r.run, components, s, print); }},
    {"pprof",
     [](auto& r, auto& components, auto& s, auto&) {
         const id_list drawn = with_stacks(r.measured, components);
         if (drawn.empty()) throw std::runtime_error(no_stacks);
         write_pprof(r.measured, drawn, s, print);
     }},
    {"extrap",
     [](auto& r, auto& components, auto& s, auto& request) {
         write_extrap(r.measured, components, parameters_of(r.measured, request.parameters), s,
                      print);
     }},
    {"dart",
     [](auto& r, auto& components, auto& s, auto&) {
         for (const std::string& id : components) write_dart(r.measured, id, s, print);
     }},
};

struct mpi_format {
    const char* name;
    void (*write)(const mpi_summary&, const sink&);
};

constexpr mpi_format formats_of_mpi[] = {
    {"text", write_mpi_text}, {"json", write_mpi_json}, {"svg", write_mpi_svg}};

void show_mpi(const result& r, const report_request& request) {
    if (!has_mpi(r))
        throw std::runtime_error(
            "no MPI calls were recorded: run the program with 'timemory run --mpi', or with "
            "libtimemory-mpip.so");
    for (const mpi_format& f : formats_of_mpi)
        if (f.name == request.format) f.write(summarise_mpi(r), print);
}

void show_gpu(const result& r, const report_request& request) {
    if (!has_gpu(r))
        throw std::runtime_error(
            "no GPU activity was recorded: run the program with 'timemory run --gpu'");
    if (request.format == "json")
        write_gpu_json(summarise_gpu(r), print);
    else
        write_gpu_text(summarise_gpu(r), print);
}

void show(record& r, const report_request& request) {
    if (request.mpi) return show_mpi(r.measured, request);
    if (request.gpu) return show_gpu(r.measured, request);
    const id_list components = components_of(r.measured);
    if (!components.empty()) sort(r.measured, components.front(), request.sort);
    for (const format& f : formats)
        if (f.name == request.format) f.write(r, components, current_settings(), request);
}

/// All files, by the same writers as at the end of the job.
bool write_files(result& r, const std::string& metadata, const report_request& request) {
    settings s = current_settings();
    s.output_path = request.output;
    s.auto_output = true;
    s.hdf5_output = false;  // there is one
    set_recorded_metadata(metadata);
    if (metadata.empty()) set_write_metadata(-1);  // it would be of this process
    if (!request.sort.empty() && !r.profiles.empty())
        if (const auto ids = components_of(r); !ids.empty()) sort(r, ids.front(), request.sort);
    const std::uint32_t size = r.profiles.empty() ? 1 : r.profiles.front().world_size;
    return write_results(r, placed(s, {.rank = 0, .size = size, .arguments = command_line()}),
                         stdout) == 0;
}

}  // namespace

std::string select(result& r, const selection& wanted) {
    // As where MPI calls were counted, but none was timed as a region.
    const bool only_tables =
        has_mpi(r) && std::all_of(r.profiles.begin(), r.profiles.end(),
                                  [](const profile& p) { return p.components.empty(); });
    if (std::string wrong = keep_components(r.profiles, wanted.components); !wrong.empty())
        return wrong;
    if (!wanted.ranks.empty())
        if (std::string wrong = select_ranks(r, wanted.ranks); !wrong.empty()) return wrong;
    if (!wanted.threads.empty())
        if (std::string wrong = select_threads(r, wanted.threads); !wrong.empty()) return wrong;
    if (!wanted.filter.empty()) {
        try {
            const std::regex expression{wanted.filter, std::regex::ECMAScript};
            for (profile& p : r.profiles)
                p = select_names(p, [&](std::string_view name) {
                    return std::regex_search(name.begin(), name.end(), expression);
                });
        } catch (const std::regex_error&) {
            return fmt::format("'{}' is no regular expression", wanted.filter);
        }
    }
    for (profile& p : r.profiles) p = select_depth(p, wanted.depth);
    if (only_tables) return {};
    for (const profile& p : r.profiles)
        if (!p.components.empty()) return {};
    return "nothing of the result is selected";
}

std::vector<std::string> report_formats() {
    std::vector<std::string> names;
    for (const format& f : formats) names.emplace_back(f.name);
    return names;
}

std::vector<std::string> mpi_formats() {
    std::vector<std::string> names;
    for (const mpi_format& f : formats_of_mpi) names.emplace_back(f.name);
    return names;
}

void print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

exit_code report(const report_request& request) {
    if (request.mpi)
        if (const auto known = mpi_formats();
            std::find(known.begin(), known.end(), request.format) == known.end()) {
            say(fmt::format("--mpi has no --format {}; it has {}", request.format,
                            fmt::join(known, ", ")));
            return wrong_usage;
        }
    if (request.gpu && request.format != "text" && request.format != "json") {
        say(fmt::format("--gpu has no --format {}; it has text, json", request.format));
        return wrong_usage;
    }
    if (!request.output.empty() && request.inputs.size() > 1) {
        say("--output takes the files of one result: those of another would take their place");
        return wrong_usage;
    }
    bool all = true;
    for (const std::string& input : request.inputs) {
        try {
            record r = read_result(input);
            name_call_sites(r.measured);
            if (std::string wrong = select(r.measured, request.shown); !wrong.empty())
                throw std::runtime_error(wrong);
            take_over_format(r.run.settings);
            if (request.output.empty())
                show(r, request);
            else
                all &= write_files(r.measured, r.run.metadata, request);
        } catch (const std::exception& e) {
            say(fmt::format("'{}': {}", shown(input), e.what()));
            all = false;
        }
    }
    return all ? ok : failed;
}

}  // namespace tim::cli
