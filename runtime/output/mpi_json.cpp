#include <algorithm>
#include <span>

#include "output/json_document.hpp"
#include "output/mpi_writers.hpp"

namespace tim {

static constexpr std::array cause_names{"late sender",     "late receiver", "load imbalance",
                                        "serialised root", "tiny messages", "barrier storm"};

static void to_json(json& to, const over_ranks& o) {
    to = {{"ranks", o.ranks},       {"mean", o.mean}, {"min", o.min},
          {"min_rank", o.min_rank}, {"max", o.max},   {"max_rank", o.max_rank}};
}

static void to_json(json& to, const mpi_transfer& t) {
    to = {{"messages", t.messages}, {"bytes", t.bytes}};
}

static void to_json(json& to, const mpi_finding& f) {
    to = {{"cause", cause_names[static_cast<std::size_t>(f.cause)]},
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

static void to_json(json& to, const mpi_rank& r) {
    json by_activity = json::object();
    for (std::size_t a = 0; a < mpi_activities; ++a)
        if (r.by_activity[a] > 0)
            by_activity[std::string{mpi_activity_names[a]}] = r.by_activity[a];
    to = {{"rank", r.rank},         {"application", r.application}, {"mpi", r.mpi},
          {"share", r.share()},     {"waiting", r.waiting},         {"no_core", r.no_core},
          {"calls", r.calls},       {"messages", r.messages},       {"sent", r.sent},
          {"received", r.received}, {"by_activity", by_activity}};
}

static void to_json(json& to, const mpi_call_row& c) {
    to = {{"call", c.call}};
    if (!c.site.empty()) to["site"] = c.site;
    to["activity"] = mpi_activity_names[static_cast<std::size_t>(activity_of(c.call))];
    to["calls"] = c.calls;
    to["time"] = c.time;
    to["over_ranks"] = c.ranks;
}

static void to_json(json& to, const peer_time& p) {
    to = {{"peer", p.peer}, {"time", p.time}};
}

static void to_json(json& to, const mpi_call_path& c) {
    to = {{"path", c.text},
          {"call", c.call},
          {"activity", mpi_activity_names[static_cast<std::size_t>(c.activity)]},
          {"calls", c.calls},
          {"time", c.time},
          {"over_ranks", c.ranks ? json(*c.ranks) : json()},
          {"p50", c.latency.p50},
          {"p90", c.latency.p90},
          {"p99", c.latency.p99},
          {"sent", c.moved[0]},
          {"received", c.moved[1]},
          {"median_size", c.median_size},
          {"peers", c.peers}};
}

static void to_json(json& to, const mpi_size_class& c) {
    to = {{"begin", c.begin}, {"sent", c.moved[0]}, {"received", c.moved[1]}};
}

static void to_json(json& to, const mpi_communicator& c) {
    to = {{"communicator", c.name},
          {"size", c.size},
          {"calls", c.calls},
          {"time", c.time},
          {"sent", c.sent}};
}

static void to_json(json& to, const mpi_pair& p) {
    to = {{"from", p.from}, {"to", p.to}, {"messages", p.messages}, {"bytes", p.bytes}};
}

static json objects(const std::vector<mpi_object>& all, const char* out, const char* in) {
    json list = json::array();
    for (const mpi_object& o : all)
        list.push_back({{"name", o.name}, {out, o.moved[0]}, {in, o.moved[1]}});
    return list;
}

/// The most expensive call paths.
static json costs(const std::vector<mpi_call_path>& rows) {
    constexpr std::size_t most = 10;
    json list = json::array();
    for (const mpi_call_path& row : rows) {
        if (list.size() == most) break;
        if (activity_of(row.call) == mpi_activity::lifetime) continue;
        json cost = row;
        cost["name"] = row.text;
        list.push_back(std::move(cost));
    }
    return list;
}

/// Ranks one by one, or where there are very many, means of neighbours.
static json bars(const std::vector<mpi_rank>& ranks) {
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

static void to_json(json& to, const matrix_tiles::tile& t) {
    to = {{"from", t.from}, {"to", t.to}, {"messages", t.messages}, {"bytes", t.bytes}};
}

static void to_json(json& to, const matrix_tiles& m) {
    to = {{"first_rank", m.first_rank},
          {"ranks_per_tile", m.ranks_per_tile},
          {"tiles", m.tiles},
          {"filled", m.filled}};
}

static void to_json(json& to, const pop_efficiency& e) {
    to = {{"parallel", e.parallel},
          {"load_balance", e.load_balance},
          {"communication", e.communication}};
}

void write_mpi_page(const mpi_summary& s, const sink& out) {
    json activities = json::array();
    for (std::size_t a = 0; a < mpi_activities; ++a)
        if (s.activity_calls[a] > 0 && a != static_cast<std::size_t>(mpi_activity::lifetime))
            activities.push_back({{"name", mpi_activity_names[a]},
                                  {"calls", s.activity_calls[a]},
                                  {"time", s.activity_times[a]},
                                  {"over_ranks", s.activities[a]}});
    std::stable_sort(activities.begin(), activities.end(), [](const json& a, const json& b) {
        return a["time"].get<std::int64_t>() > b["time"].get<std::int64_t>();
    });
    constexpr std::int64_t most_tiles = 128;
    write({{"sentences", mpi_sentences(s)},
           {"application", s.application},
           {"mpi", s.mpi},
           {"efficiency", s.efficiency ? json(*s.efficiency) : json()},
           {"ranks", bars(s.ranks)},
           {"activities", activities},
           {"paths", costs(s.paths)},
           {"matrix", tiles_of(s, most_tiles)}},
          -1, out);
}

void write_mpi_json(const mpi_summary& s, const sink& out) {
    json activities = json::object();
    for (std::size_t a = 0; a < mpi_activities; ++a)
        if (s.activity_calls[a] > 0)
            activities[std::string{mpi_activity_names[a]}] = {{"calls", s.activity_calls[a]},
                                                              {"over_ranks", s.activities[a]}};
    const json document = {{"timemory",
                            {{"mpi",
                              {{"world_size", s.world_size},
                               {"run_time", s.run_time},
                               {"application", s.application},
                               {"mpi", s.mpi},
                               {"no_core", s.no_core},
                               {"share", s.share()},
                               {"calls", s.calls},
                               {"efficiency", s.efficiency ? json(*s.efficiency) : json()},
                               {"findings", s.findings},
                               {"ranks", s.ranks},
                               {"activities", activities},
                               {"call_names", s.call_names},
                               {"paths", s.paths},
                               {"sites", s.sites},
                               {"sizes", s.sizes},
                               {"communicators", s.communicators},
                               {"files", objects(s.files, "written", "read")},
                               {"windows", objects(s.windows, "put", "got")},
                               {"matrix", s.matrix}}}}}};
    write(document, 1, out);
    out("\n");
}

}  // namespace tim
