#include "output/gpu_summary.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "output/histogram.hpp"
#include "output/over_ranks.hpp"
#include "output/table_rows.hpp"
#include "profile/merge.hpp"

namespace tim {
namespace {

constexpr key_kind number = key_kind::number;
constexpr key_kind text = key_kind::text;
constexpr key_kind rank = key_kind::rank;

/// Counts of the buckets of timemory/tools.h.
using histogram = std::map<std::int64_t, std::uint64_t>;

std::vector<bucket> buckets_of(const histogram& h) {
    std::vector<bucket> buckets;
    for (const auto& [at, count] : h) buckets.push_back({count, middle_of_bucket(at)});
    return buckets;
}

void add(statistics& to, std::uint64_t before, const statistics& more) {
    to.min = before == 0 ? more.min : std::min(to.min, more.min);
    to.max = before == 0 ? more.max : std::max(to.max, more.max);
    to.sum += more.sum;
    to.squares += more.squares;
}

template <class Row>
void most_time_first(std::vector<Row>& rows) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.time > b.time; });
}

class summariser {
public:
    explicit summariser(const profile& p) : p_(p) {}

    gpu_summary run() {
        operations();
        paths();
        launches();
        devices();
        memory();
        rest();
        return std::move(s_);
    }

private:
    struct of_name {
        gpu_operation row;
        statistics times, delays;
        histogram lengths;
    };

    void operations() {
        const table_rows times{p_, "gpu_operations", {{"operation", text}, {"kind", number}}};
        for (std::size_t row = 0; row < times.size(); ++row) {
            of_name& o = by_name_[times.text(row, 0)];
            const std::int64_t kind = times.key(row, 1);
            o.row.kind = kind >= 0 && kind < 4 ? static_cast<gpu_kind>(kind) : gpu_kind::kernel;
            add(o.times, o.row.count, times.values(row));
            o.row.count += times.count(row);
        }
        const table_rows delays{p_, "gpu_delays", {{"operation", text}}};
        for (std::size_t row = 0; row < delays.size(); ++row) {
            of_name& o = by_name_[delays.text(row, 0)];
            add(o.delays, o.row.delays, delays.values(row));
            o.row.delays += delays.count(row);
        }
        const table_rows bytes{p_, "gpu_bytes", {{"operation", text}}};
        for (std::size_t row = 0; row < bytes.size(); ++row)
            tim::add(by_name_[bytes.text(row, 0)].row.bytes, bytes.sum(row));
    }

    /// The paths of gpu_times end with the operation.
    void paths() {
        struct of_path {
            std::uint64_t count = 0;
            int128 time = 0;
            histogram lengths;
        };
        std::map<std::uint32_t, of_path> all;
        const table_rows rows{p_, "gpu_times", {{"path", key_kind::path}, {"bucket", number}}};
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const auto path = static_cast<std::uint32_t>(rows.key(row, 0));
            const std::int64_t bucket = rows.key(row, 1);
            of_path& o = all[path];
            o.count += rows.count(row);
            o.time += rows.values(row).sum;
            o.lengths[bucket] += rows.count(row);
            const auto known = by_name_.find(p_.shown_name(p_.paths[path]));
            if (known != by_name_.end()) known->second.lengths[bucket] += rows.count(row);
        }
        for (const auto& [path, o] : all)
            s_.paths.push_back({.text = text_of_path(p_, path),
                                .count = o.count,
                                .time = clamped(o.time),
                                .p99 = percentile(buckets_of(o.lengths), 0.99)});
        most_time_first(s_.paths);
        for (auto& [name, o] : by_name_) {
            gpu_operation& row = o.row;
            row.name = name;
            row.time = clamped(o.times.sum);
            row.mean = mean(o.times, row.count, number::integer);
            row.deviation = standard_deviation(o.times, row.count, number::integer);
            row.min = o.times.min;
            row.max = o.times.max;
            const std::vector<bucket> lengths = buckets_of(o.lengths);
            row.p50 = percentile(lengths, 0.5);
            row.p99 = percentile(lengths, 0.99);
            row.delay = mean(o.delays, row.delays, number::integer);
            row.most_delay = o.delays.max;
            s_.operations.push_back(row);
        }
        most_time_first(s_.operations);
    }

    void launches() {
        const table_rows rows{p_,
                              "gpu_launches",
                              {{"kernel", text},
                               {"grid_x", number},
                               {"grid_y", number},
                               {"grid_z", number},
                               {"block_x", number},
                               {"block_y", number},
                               {"block_z", number},
                               {"registers", number},
                               {"static_shared", number},
                               {"dynamic_shared", number}}};
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const auto key = [&](std::size_t i) { return rows.key(row, i); };
            s_.launches.push_back({.kernel = rows.text(row, 0),
                                   .grid = {key(1), key(2), key(3)},
                                   .block = {key(4), key(5), key(6)},
                                   .registers = key(7),
                                   .static_shared = key(8),
                                   .dynamic_shared = key(9),
                                   .count = rows.count(row),
                                   .time = rows.sum(row)});
        }
        most_time_first(s_.launches);
    }

    void devices() {
        std::map<std::pair<std::int64_t, std::int64_t>, gpu_device> all;
        const table_rows states{
            p_, "gpu_states", {{"rank", rank}, {"device", number}, {"state", text}}};
        for (std::size_t row = 0; row < states.size(); ++row) {
            gpu_device& d = all[{states.key(row, 0), states.key(row, 1)}];
            const std::string& state = states.text(row, 2);
            tim::add(state == "kernels"  ? d.kernels
                     : state == "copies" ? d.copies
                     : state == "idle"   ? d.idle
                                         : d.both,
                     states.sum(row));
        }
        const table_rows known{
            p_, "gpu_devices", {{"rank", rank}, {"device", number}, {"name", text}}};
        for (std::size_t row = 0; row < known.size(); ++row) {
            // All that the driver knows are told; those that were used are shown.
            const auto used = all.find({known.key(row, 0), known.key(row, 1)});
            if (used == all.end()) continue;
            used->second.name = known.text(row, 2);
            used->second.multiprocessors = known.values(row).max;
        }
        for (auto& [keys, d] : all) {
            std::tie(d.rank, d.device) = keys;
            s_.devices.push_back(d);
        }
    }

    void memory() {
        constexpr std::int64_t allocated = 0;
        constexpr std::int64_t freed = 1;
        std::map<std::tuple<std::int64_t, std::int64_t, std::string>, gpu_memory> all;
        const table_rows rows{
            p_,
            "gpu_memory",
            {{"rank", rank}, {"device", number}, {"memory", text}, {"what", number}}};
        for (std::size_t row = 0; row < rows.size(); ++row) {
            gpu_memory& m = all[{rows.key(row, 0), rows.key(row, 1), rows.text(row, 2)}];
            const std::int64_t what = rows.key(row, 3);
            if (what == allocated)
                tim::add(m.allocated, rows.sum(row));
            else if (what == freed)
                tim::add(m.freed, rows.sum(row));
            else
                m.peak = std::max(m.peak, rows.values(row).max);
        }
        for (auto& [keys, m] : all) {
            std::tie(m.rank, m.device, m.kind) = keys;
            s_.memory.push_back(m);
        }
    }

    void rest() {
        std::map<std::pair<std::string, bool>, gpu_unified> unified;
        const table_rows events{p_, "gpu_unified", {{"event", text}, {"bytes", number}}};
        for (std::size_t row = 0; row < events.size(); ++row) {
            gpu_unified& u = unified[{events.text(row, 0), events.key(row, 1) != 0}];
            u.events += events.count(row);
            tim::add(u.value, events.sum(row));
        }
        for (auto& [keys, u] : unified) {
            std::tie(u.event, u.is_bytes) = keys;
            s_.unified.push_back(u);
        }
        std::map<std::pair<std::string, bool>, gpu_overhead> overhead;
        const table_rows costs{p_, "gpu_overhead", {{"what", text}, {"by", number}}};
        for (std::size_t row = 0; row < costs.size(); ++row) {
            gpu_overhead& o = overhead[{costs.text(row, 0), costs.key(row, 1) == 0}];
            o.count += costs.count(row);
            tim::add(o.time, costs.sum(row));
        }
        for (auto& [keys, o] : overhead) {
            std::tie(o.what, o.ours) = keys;
            s_.overhead.push_back(o);
        }
        most_time_first(s_.overhead);
    }

    const profile& p_;
    gpu_summary s_;
    std::map<std::string, of_name, std::less<>> by_name_;
};

}  // namespace

double gpu_operation::bandwidth() const noexcept {
    return time > 0 ? static_cast<double>(bytes) / static_cast<double>(time) * 1e9 : 0;
}

std::uint64_t gpu_summary::count(gpu_kind kind) const noexcept {
    std::uint64_t all = 0;
    for (const gpu_operation& o : operations) all += o.kind == kind ? o.count : 0;
    return all;
}

std::int64_t gpu_summary::time(gpu_kind kind) const noexcept {
    int128 all = 0;
    for (const gpu_operation& o : operations) all += o.kind == kind ? o.time : 0;
    return clamped(all);
}

bool has_gpu(const profile& p) noexcept {
    return p.find_table("gpu_operations") != nullptr || p.find_table("gpu_memory") != nullptr;
}

bool has_gpu(const result& r) noexcept {
    return std::any_of(r.profiles.begin(), r.profiles.end(),
                       [](const profile& p) { return has_gpu(p); });
}

gpu_summary summarise_gpu(const result& r) {
    return summariser{merge_ranks(r.profiles)}.run();
}

}  // namespace tim
