#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "output/mpi_writers.hpp"

namespace tim {
namespace {

using json = nlohmann::ordered_json;

constexpr std::array cause_names{"late sender",     "late receiver", "load imbalance",
                                 "serialised root", "tiny messages", "barrier storm"};

json of(const over_ranks& o) {
    return {{"ranks", o.ranks},       {"mean", o.mean}, {"min", o.min},
            {"min_rank", o.min_rank}, {"max", o.max},   {"max_rank", o.max_rank}};
}

json of(const mpi_transfer& t) {
    return {{"messages", t.messages}, {"bytes", t.bytes}};
}

json of(const mpi_finding& f) {
    return {{"cause", cause_names[static_cast<std::size_t>(f.cause)]},
            {"rank", f.rank},
            {"path", f.path},
            {"region", f.region},
            {"region_excess", f.excess},
            {"region_times_mean", f.times_mean},
            {"no_core_excess", f.no_core},
            {"time", f.time},
            {"share", f.share},
            {"sentence", f.sentence()}};
}

json of(const mpi_rank& r) {
    json by_activity = json::object();
    for (std::size_t a = 0; a < mpi_activities; ++a)
        if (r.by_activity[a] > 0)
            by_activity[std::string{mpi_activity_names[a]}] = r.by_activity[a];
    return {{"rank", r.rank},         {"application", r.application}, {"mpi", r.mpi},
            {"share", r.share()},     {"waiting", r.waiting},         {"no_core", r.no_core},
            {"calls", r.calls},       {"messages", r.messages},       {"sent", r.sent},
            {"received", r.received}, {"by_activity", by_activity}};
}

json of(const mpi_call_row& c) {
    json row = {{"call", c.call}};
    if (!c.site.empty()) row["site"] = c.site;
    row["activity"] = mpi_activity_names[static_cast<std::size_t>(activity_of(c.call))];
    row["calls"] = c.calls;
    row["time"] = c.time;
    row["over_ranks"] = of(c.ranks);
    return row;
}

json of(const mpi_call_path& c) {
    json peers = json::array();
    for (const peer_time& p : c.peers) peers.push_back({{"peer", p.peer}, {"time", p.time}});
    return {{"path", c.text},
            {"call", c.call},
            {"activity", mpi_activity_names[static_cast<std::size_t>(c.activity)]},
            {"calls", c.calls},
            {"time", c.time},
            {"over_ranks", c.ranks ? of(*c.ranks) : json()},
            {"p50", c.latency.p50},
            {"p90", c.latency.p90},
            {"p99", c.latency.p99},
            {"sent", of(c.moved[0])},
            {"received", of(c.moved[1])},
            {"median_size", c.median_size},
            {"peers", peers}};
}

json of(const mpi_size_class& c) {
    return {{"begin", c.begin}, {"sent", of(c.moved[0])}, {"received", of(c.moved[1])}};
}

json of(const mpi_communicator& c) {
    return {{"communicator", c.name},
            {"size", c.size},
            {"calls", c.calls},
            {"time", c.time},
            {"sent", of(c.sent)}};
}

json of(const mpi_pair& p) {
    return {{"from", p.from}, {"to", p.to}, {"messages", p.messages}, {"bytes", p.bytes}};
}

template <class Row>
json list_of(const std::vector<Row>& rows) {
    json list = json::array();
    for (const Row& row : rows) list.push_back(of(row));
    return list;
}

json objects(const std::vector<mpi_object>& all, const char* out, const char* in) {
    json list = json::array();
    for (const mpi_object& o : all)
        list.push_back({{"name", o.name}, {out, of(o.moved[0])}, {in, of(o.moved[1])}});
    return list;
}

/// The most expensive call paths.
json costs(const std::vector<mpi_call_path>& rows) {
    constexpr std::size_t most = 10;
    json list = json::array();
    for (const mpi_call_path& row : rows) {
        if (list.size() == most) break;
        if (activity_of(row.call) == mpi_activity::lifetime) continue;
        json cost = of(row);
        cost["name"] = row.text;
        list.push_back(std::move(cost));
    }
    return list;
}

/// Ranks one by one, or where there are very many, means of neighbours.
json bars(const std::vector<mpi_rank>& ranks) {
    constexpr std::size_t most = 1000;
    const std::size_t width = std::max<std::size_t>((ranks.size() + most - 1) / most, 1);
    json list = json::array();
    for (std::size_t begin = 0; begin < ranks.size(); begin += width) {
        const auto group = std::span(ranks).subspan(begin, std::min(width, ranks.size() - begin));
        const auto mean = [&](std::int64_t mpi_rank::*time) {
            double sum = 0;
            for (const mpi_rank& r : group) sum += static_cast<double>(r.*time);
            return sum / static_cast<double>(group.size());
        };
        list.push_back({{"first", group.front().rank},
                        {"last", group.back().rank},
                        {"application", mean(&mpi_rank::application)},
                        {"mpi", mean(&mpi_rank::mpi)},
                        {"waiting", mean(&mpi_rank::waiting)},
                        {"no_core", mean(&mpi_rank::no_core)}});
    }
    return list;
}

json of(const matrix_tiles& m) {
    json filled = json::array();
    for (const matrix_tiles::tile& t : m.filled)
        filled.push_back(
            {{"from", t.from}, {"to", t.to}, {"messages", t.messages}, {"bytes", t.bytes}});
    return {{"first_rank", m.first_rank},
            {"ranks_per_tile", m.ranks_per_tile},
            {"tiles", m.tiles},
            {"filled", filled}};
}

json of(const pop_efficiency& e) {
    return {{"parallel", e.parallel},
            {"load_balance", e.load_balance},
            {"communication", e.communication}};
}

void write(const json& document, int indent, const sink& out) {
    out(document.dump(indent, ' ', false, json::error_handler_t::replace));
}

}  // namespace

void write_mpi_page(const mpi_summary& s, const sink& out) {
    json activities = json::array();
    for (std::size_t a = 0; a < mpi_activities; ++a)
        if (s.activity_calls[a] > 0 && a != static_cast<std::size_t>(mpi_activity::lifetime))
            activities.push_back({{"name", mpi_activity_names[a]},
                                  {"calls", s.activity_calls[a]},
                                  {"time", s.activity_times[a]},
                                  {"over_ranks", of(s.activities[a])}});
    std::stable_sort(activities.begin(), activities.end(), [](const json& a, const json& b) {
        return a["time"].get<std::int64_t>() > b["time"].get<std::int64_t>();
    });
    constexpr std::int64_t most_tiles = 128;
    write({{"sentences", mpi_sentences(s)},
           {"application", s.application},
           {"mpi", s.mpi},
           {"efficiency", s.efficiency ? of(*s.efficiency) : json()},
           {"ranks", bars(s.ranks)},
           {"activities", activities},
           {"paths", costs(s.paths)},
           {"matrix", of(tiles_of(s, most_tiles))}},
          -1, out);
}

void write_mpi_json(const mpi_summary& s, const sink& out) {
    json activities = json::object();
    for (std::size_t a = 0; a < mpi_activities; ++a)
        if (s.activity_calls[a] > 0)
            activities[std::string{mpi_activity_names[a]}] = {{"calls", s.activity_calls[a]},
                                                              {"over_ranks", of(s.activities[a])}};
    const json document = {{"timemory",
                            {{"mpi",
                              {{"world_size", s.world_size},
                               {"run_time", s.run_time},
                               {"application", s.application},
                               {"mpi", s.mpi},
                               {"no_core", s.no_core},
                               {"share", s.share()},
                               {"calls", s.calls},
                               {"efficiency", s.efficiency ? of(*s.efficiency) : json()},
                               {"findings", list_of(s.findings)},
                               {"ranks", list_of(s.ranks)},
                               {"activities", activities},
                               {"call_names", list_of(s.call_names)},
                               {"paths", list_of(s.paths)},
                               {"sites", list_of(s.sites)},
                               {"sizes", list_of(s.sizes)},
                               {"communicators", list_of(s.communicators)},
                               {"files", objects(s.files, "written", "read")},
                               {"windows", objects(s.windows, "put", "got")},
                               {"matrix", list_of(s.matrix)}}}}}};
    write(document, 1, out);
    out("\n");
}

}  // namespace tim
