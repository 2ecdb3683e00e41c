#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "output/gpu_writers.hpp"
#include "output/grid.hpp"
#include "output/printable.hpp"
#include "output/quantities.hpp"
#include "output/stream.hpp"

namespace tim {
namespace {

/// Rows of a table on the screen; gpu.json has all.
constexpr std::size_t most_rows = 10;
/// Characters of a name.
constexpr std::size_t most_characters = 48;

std::size_t whole_character(const std::string& text, std::size_t at) {
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
    return at;
}

/// A name that fits, with its beginning: that of a kernel's parameters is the longest part.
std::string shown_name(std::string_view name) {
    std::string text;
    append_printable(name, text);
    if (shown_width(text) <= most_characters) return text;
    return text.substr(0, whole_character(text, most_characters - 3)) + "...";
}

/// A call path that fits, with its end.
std::string shown_path(std::string_view path) {
    std::string text;
    append_printable(path, text);
    if (shown_width(text) <= most_characters) return text;
    return "..." + text.substr(whole_character(text, text.size() - most_characters + 3));
}

std::string percent_of(std::int64_t part, std::int64_t whole) {
    return whole > 0
               ? fmt::format("{:.1f}", 100 * static_cast<double>(part) / static_cast<double>(whole))
               : "-";
}

class text_writer {
public:
    text_writer(const gpu_summary& s, stream& out) : s_(s), out_(out) {}

    void write() {
        head();
        devices();
        kernels();
        copies();
        paths();
        launches();
        memory();
        unified();
        overhead();
    }

private:
    void head() {
        std::set<std::int64_t> ranks;
        std::int64_t idle = 0;
        std::int64_t all = 0;
        for (const gpu_device& d : s_.devices) {
            ranks.insert(d.rank);
            idle += d.idle;
            all += d.all();
        }
        out_.write(fmt::format("\nGPU: {} device{} of {} rank{}; {} in {} kernels",
                               s_.devices.size(), s_.devices.size() == 1 ? "" : "s", ranks.size(),
                               ranks.size() == 1 ? "" : "s", shown_time(s_.time(gpu_kind::kernel)),
                               s_.count(gpu_kind::kernel)));
        if (const std::uint64_t graphs = s_.count(gpu_kind::graph))
            out_.write(
                fmt::format(", {} in {} graphs", shown_time(s_.time(gpu_kind::graph)), graphs));
        out_.write(fmt::format(", {} in {} copies and sets",
                               shown_time(s_.time(gpu_kind::copy) + s_.time(gpu_kind::set)),
                               s_.count(gpu_kind::copy) + s_.count(gpu_kind::set)));
        if (all > 0) out_.write(fmt::format("; idle {} % of the time", percent_of(idle, all)));
        out_.write("\n\n");
    }

    void devices() {
        grid table{title("DEVICES, FROM THE FIRST OPERATION TO THE LAST", s_.devices.size()),
                   {{.header = "RANK"},
                    {.header = "DEVICE"},
                    {.header = "NAME", .is_text = true},
                    {.header = "TIME"},
                    {.header = "% KERNELS"},
                    {.header = "% COPIES"},
                    {.header = "% BOTH"},
                    {.header = "% IDLE"},
                    {.header = "% OF COPIES HIDDEN"}}};
        for (const gpu_device& d : first(s_.devices)) {
            auto& cells = table.add_row();
            cells[0] = std::to_string(d.rank);
            cells[1] = std::to_string(d.device);
            cells[2] = shown_name(d.name);
            cells[3] = shown_time(d.all());
            cells[4] = percent_of(d.kernels, d.all());
            cells[5] = percent_of(d.copies, d.all());
            cells[6] = percent_of(d.both, d.all());
            cells[7] = percent_of(d.idle, d.all());
            cells[8] = percent_of(d.both, d.both + d.copies);
        }
        finish(table);
    }

    void kernels() {
        std::vector<gpu_operation> rows;
        for (const gpu_operation& o : s_.operations)
            if (o.kind == gpu_kind::kernel || o.kind == gpu_kind::graph) rows.push_back(o);
        const std::int64_t all = s_.time(gpu_kind::kernel) + s_.time(gpu_kind::graph);
        grid table{title("KERNELS", rows.size()),
                   {{.header = "KERNEL", .is_text = true},
                    {.header = "COUNT"},
                    {.header = "TIME"},
                    {.header = "%"},
                    {.header = "MEAN"},
                    {.header = "STDDEV"},
                    {.header = "MIN"},
                    {.header = "MAX"},
                    {.header = "P99"},
                    {.header = "MEAN DELAY"}}};
        for (const gpu_operation& o : first(rows)) {
            auto& cells = table.add_row();
            cells[0] = shown_name(o.name);
            cells[1] = std::to_string(o.count);
            cells[2] = shown_time(o.time);
            cells[3] = percent_of(o.time, all);
            cells[4] = shown_time(o.mean);
            cells[5] = shown_time(o.deviation);
            cells[6] = shown_time(o.min);
            cells[7] = shown_time(o.max);
            cells[8] = shown_time(o.p99);
            cells[9] = o.delays > 0 ? shown_time(o.delay) : "-";
        }
        finish(table);
    }

    void copies() {
        grid table{"COPIES AND SETS",
                   {{.header = "WHAT", .is_text = true},
                    {.header = "COUNT"},
                    {.header = "TIME"},
                    {.header = "MEAN"},
                    {.header = "P99"},
                    {.header = "BYTES"},
                    {.header = "PER SECOND"},
                    {.header = "MEAN DELAY"}}};
        for (const gpu_operation& o : s_.operations) {
            if (o.kind != gpu_kind::copy && o.kind != gpu_kind::set) continue;
            auto& cells = table.add_row();
            cells[0] = shown_name(o.name);
            cells[1] = std::to_string(o.count);
            cells[2] = shown_time(o.time);
            cells[3] = shown_time(o.mean);
            cells[4] = shown_time(o.p99);
            cells[5] = shown_bytes(o.bytes);
            cells[6] = shown_bytes(o.bandwidth());
            cells[7] = o.delays > 0 ? shown_time(o.delay) : "-";
        }
        finish(table);
    }

    void paths() {
        grid table{title("CALL PATHS", s_.paths.size()),
                   {{.header = "CALL PATH", .is_text = true},
                    {.header = "COUNT"},
                    {.header = "TIME"},
                    {.header = "P99"}}};
        for (const gpu_path& p : first(s_.paths)) {
            auto& cells = table.add_row();
            cells[0] = shown_path(p.text);
            cells[1] = std::to_string(p.count);
            cells[2] = shown_time(p.time);
            cells[3] = shown_time(p.p99);
        }
        finish(table);
    }

    void launches() {
        grid table{title("HOW KERNELS WERE LAUNCHED", s_.launches.size()),
                   {{.header = "KERNEL", .is_text = true},
                    {.header = "GRID"},
                    {.header = "BLOCK"},
                    {.header = "REGISTERS"},
                    {.header = "SHARED"},
                    {.header = "COUNT"},
                    {.header = "TIME"}}};
        const auto sizes = [](const std::array<std::int64_t, 3>& n) {
            return fmt::format("{}x{}x{}", n[0], n[1], n[2]);
        };
        for (const gpu_launch& l : first(s_.launches)) {
            auto& cells = table.add_row();
            cells[0] = shown_name(l.kernel);
            cells[1] = sizes(l.grid);
            cells[2] = sizes(l.block);
            cells[3] = std::to_string(l.registers);
            cells[4] = shown_bytes(l.static_shared + l.dynamic_shared);
            cells[5] = std::to_string(l.count);
            cells[6] = shown_time(l.time);
        }
        finish(table);
    }

    void memory() {
        grid table{title("MEMORY", s_.memory.size()),
                   {{.header = "RANK"},
                    {.header = "DEVICE"},
                    {.header = "KIND", .is_text = true},
                    {.header = "ALLOCATED"},
                    {.header = "FREED"},
                    {.header = "PEAK"}}};
        for (const gpu_memory& m : first(s_.memory)) {
            auto& cells = table.add_row();
            cells[0] = std::to_string(m.rank);
            cells[1] = std::to_string(m.device);
            cells[2] = shown_name(m.kind);
            cells[3] = shown_bytes(m.allocated);
            cells[4] = shown_bytes(m.freed);
            cells[5] = shown_bytes(m.peak);
        }
        finish(table);
    }

    void unified() {
        grid table{
            "UNIFIED MEMORY",
            {{.header = "EVENT", .is_text = true}, {.header = "COUNT"}, {.header = "IN ALL"}}};
        for (const gpu_unified& u : s_.unified) {
            auto& cells = table.add_row();
            cells[0] = shown_name(u.event);
            cells[1] = std::to_string(u.events);
            cells[2] = u.is_bytes ? shown_bytes(u.value) : std::to_string(u.value);
        }
        finish(table);
    }

    void overhead() {
        grid table{"BESIDE THE WORK",
                   {{.header = "WHAT", .is_text = true},
                    {.header = "FOR", .is_text = true},
                    {.header = "COUNT"},
                    {.header = "TIME"}}};
        for (const gpu_overhead& o : s_.overhead) {
            auto& cells = table.add_row();
            cells[0] = shown_name(o.what);
            cells[1] = o.ours ? "measuring" : "CUDA";
            cells[2] = std::to_string(o.count);
            cells[3] = shown_time(o.time);
        }
        finish(table);
    }

    template <class Row>
    static std::vector<Row> first(const std::vector<Row>& rows) {
        const auto end =
            rows.begin() + static_cast<std::ptrdiff_t>(std::min(rows.size(), most_rows));
        return {rows.begin(), end};
    }

    static std::string title(std::string_view what, std::size_t rows) {
        return rows <= most_rows ? std::string{what}
                                 : fmt::format("{}: THE FIRST {} OF {}", what, most_rows, rows);
    }

    void finish(const grid& table) {
        if (table.empty()) return;
        table.write(out_);
        out_.write('\n');
    }

    const gpu_summary& s_;
    stream& out_;
};

}  // namespace

void write_gpu_text(const gpu_summary& s, const sink& sink_of_text) {
    stream out{sink_of_text};
    text_writer{s, out}.write();
    out.finish();
}

}  // namespace tim
