#include "output/gpu_writers.hpp"
#include "output/json_document.hpp"

namespace tim {

static void to_json(json& to, const gpu_device& d) {
    to = {{"rank", d.rank},
          {"device", d.device},
          {"name", d.name},
          {"multiprocessors", d.multiprocessors},
          {"kernels", d.kernels},
          {"copies", d.copies},
          {"kernels_and_copies", d.both},
          {"idle", d.idle}};
}

static void to_json(json& to, const gpu_operation& o) {
    to = {{"operation", o.name},
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

static void to_json(json& to, const gpu_path& p) {
    to = {{"path", p.text}, {"count", p.count}, {"time", p.time}, {"p99", p.p99}};
}

static void to_json(json& to, const gpu_launch& l) {
    to = {{"kernel", l.kernel},
          {"grid", l.grid},
          {"block", l.block},
          {"registers", l.registers},
          {"static_shared", l.static_shared},
          {"dynamic_shared", l.dynamic_shared},
          {"count", l.count},
          {"time", l.time}};
}

static void to_json(json& to, const gpu_memory& m) {
    to = {{"rank", m.rank},           {"device", m.device}, {"memory", m.kind},
          {"allocated", m.allocated}, {"freed", m.freed},   {"peak", m.peak}};
}

static void to_json(json& to, const gpu_unified& u) {
    to = {{"event", u.event}, {"count", u.events}, {u.is_bytes ? "bytes" : "value", u.value}};
}

static void to_json(json& to, const gpu_overhead& o) {
    to = {{"what", o.what}, {"own_cost", o.ours}, {"count", o.count}, {"time", o.time}};
}

void write_gpu_json(const gpu_summary& s, const sink& out) {
    const json document = {{"timemory",
                            {{"gpu",
                              {{"devices", s.devices},
                               {"operations", s.operations},
                               {"paths", s.paths},
                               {"launches", s.launches},
                               {"memory", s.memory},
                               {"unified_memory", s.unified},
                               {"overhead", s.overhead}}}}}};
    write(document, 1, out);
    out("\n");
}

}  // namespace tim
