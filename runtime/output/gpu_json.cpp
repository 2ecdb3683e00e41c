#include <nlohmann/json.hpp>

#include "output/gpu_writers.hpp"

namespace tim {
namespace {

using json = nlohmann::ordered_json;

json of(const gpu_device& d) {
    return {{"rank", d.rank},
            {"device", d.device},
            {"name", d.name},
            {"multiprocessors", d.multiprocessors},
            {"kernels", d.kernels},
            {"copies", d.copies},
            {"kernels_and_copies", d.both},
            {"idle", d.idle}};
}

json of(const gpu_operation& o) {
    return {{"operation", o.name},
            {"kind", gpu_kind_names[static_cast<std::size_t>(o.kind)]},
            {"count", o.count},
            {"time", o.time},
            {"mean", o.mean},
            {"stddev", o.deviation},
            {"min", o.min},
            {"max", o.max},
            {"p50", o.p50},
            {"p99", o.p99},
            {"delay", {{"count", o.delays}, {"mean", o.delay}, {"max", o.most_delay}}},
            {"bytes", o.bytes},
            {"bytes_per_second", o.bandwidth()}};
}

json of(const gpu_path& p) {
    return {{"path", p.text}, {"count", p.count}, {"time", p.time}, {"p99", p.p99}};
}

json of(const gpu_launch& l) {
    return {{"kernel", l.kernel},
            {"grid", l.grid},
            {"block", l.block},
            {"registers", l.registers},
            {"static_shared", l.static_shared},
            {"dynamic_shared", l.dynamic_shared},
            {"count", l.count},
            {"time", l.time}};
}

json of(const gpu_memory& m) {
    return {{"rank", m.rank},           {"device", m.device}, {"memory", m.kind},
            {"allocated", m.allocated}, {"freed", m.freed},   {"peak", m.peak}};
}

json of(const gpu_unified& u) {
    return {{"event", u.event}, {"count", u.events}, {u.is_bytes ? "bytes" : "value", u.value}};
}

json of(const gpu_overhead& o) {
    return {{"what", o.what}, {"own_cost", o.ours}, {"count", o.count}, {"time", o.time}};
}

template <class Row>
json list_of(const std::vector<Row>& rows) {
    json list = json::array();
    for (const Row& row : rows) list.push_back(of(row));
    return list;
}

}  // namespace

void write_gpu_json(const gpu_summary& s, const sink& out) {
    const json document = {{"timemory",
                            {{"gpu",
                              {{"devices", list_of(s.devices)},
                               {"operations", list_of(s.operations)},
                               {"paths", list_of(s.paths)},
                               {"launches", list_of(s.launches)},
                               {"memory", list_of(s.memory)},
                               {"unified_memory", list_of(s.unified)},
                               {"overhead", list_of(s.overhead)}}}}}};
    out(document.dump(1, ' ', false, json::error_handler_t::replace));
    out("\n");
}

}  // namespace tim
