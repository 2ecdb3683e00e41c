#include <nlohmann/json.hpp>

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
            {"time", f.time},
            {"share", f.share},
            {"sentence", f.sentence()}};
}

json of(const mpi_rank& r) {
    json by_activity = json::object();
    for (std::size_t a = 0; a < mpi_activities; ++a)
        if (r.by_activity[a] > 0)
            by_activity[std::string{mpi_activity_names[a]}] = r.by_activity[a];
    return {{"rank", r.rank},         {"application", r.application},
            {"mpi", r.mpi},           {"share", r.share()},
            {"waiting", r.waiting},   {"calls", r.calls},
            {"messages", r.messages}, {"sent", r.sent},
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

}  // namespace

void write_mpi_json(const mpi_summary& s, const sink& out) {
    json activities = json::object();
    for (std::size_t a = 0; a < mpi_activities; ++a)
        if (s.activity_calls[a] > 0)
            activities[std::string{mpi_activity_names[a]}] = {{"calls", s.activity_calls[a]},
                                                              {"over_ranks", of(s.activities[a])}};
    json efficiency;
    if (s.efficiency)
        efficiency = {{"parallel", s.efficiency->parallel},
                      {"load_balance", s.efficiency->load_balance},
                      {"communication", s.efficiency->communication}};
    const json document = {{"timemory",
                            {{"mpi",
                              {{"world_size", s.world_size},
                               {"run_time", s.run_time},
                               {"application", s.application},
                               {"mpi", s.mpi},
                               {"share", s.share()},
                               {"calls", s.calls},
                               {"efficiency", efficiency},
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
    out(document.dump(1, ' ', false, json::error_handler_t::replace));
    out("\n");
}

}  // namespace tim
