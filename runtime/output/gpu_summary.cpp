#include "output/gpu_summary.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "output/mpi_summary.hpp"
#include "output/over_ranks.hpp"
#include "profile/merge.hpp"
#include "timemory/tools.h"

namespace tim {
namespace {

/// A row of a table of the profile, by the names of its keys.
class row_of {
public:
    row_of(const keyed_table& t, std::size_t row) : t_(t), row_(row) {}
    /// 0 where there is no such key: a file may hold anything.
    [[nodiscard]] std::int64_t key(std::string_view name) const {
        const std::size_t column = t_.column(name);
        return column < t_.keys.size() ? t_.keys_of(row_)[column] : 0;
    }
    [[nodiscard]] std::string text(std::string_view name) const {
        const std::size_t column = t_.column(name);
        const bool known = column < t_.keys.size() && t_.keys[column].kind == key_kind::text;
        return known ? t_.text(row_, column) : std::string{};
    }
    [[nodiscard]] std::uint64_t count() const { return t_.count[row_]; }
    [[nodiscard]] const statistics& values() const { return t_.values[row_]; }
    [[nodiscard]] std::int64_t sum() const { return clamped(values().sum); }

private:
    const keyed_table& t_;
    std::size_t row_;
};

template <class Work>
void for_each_row(const profile& p, std::string_view table, Work&& work) {
    if (const keyed_table* t = p.find_table(table))
        for (std::size_t row = 0; row < t->rows(); ++row) work(row_of{*t, row});
}

/// Counts of the buckets of timemory/tools.h.
using histogram = std::map<std::int64_t, std::uint64_t>;

double percentile(const histogram& buckets, double part) {
    std::uint64_t all = 0;
    for (const auto& [bucket, count] : buckets) all += count;
    std::uint64_t seen = 0;
    for (const auto& [bucket, count] : buckets) {
        seen += count;
        if (static_cast<double>(seen) < part * static_cast<double>(all)) continue;
        constexpr std::int64_t last = 240;  // whose end is a number of 64 bits
        const int b = static_cast<int>(std::clamp<std::int64_t>(bucket, 0, last));
        if (b < 8) return b;
        return (static_cast<double>(timemory_bucket_begin(b)) +
                static_cast<double>(timemory_bucket_begin(b + 1))) /
               2;
    }
    return 0;
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
        for_each_row(p_, "gpu_operations", [&](const row_of& r) {
            of_name& o = by_name_[r.text("operation")];
            const std::int64_t kind = r.key("kind");
            o.row.kind = kind >= 0 && kind < 4 ? static_cast<gpu_kind>(kind) : gpu_kind::kernel;
            add(o.times, o.row.count, r.values());
            o.row.count += r.count();
        });
        for_each_row(p_, "gpu_delays", [&](const row_of& r) {
            of_name& o = by_name_[r.text("operation")];
            add(o.delays, o.row.delays, r.values());
            o.row.delays += r.count();
        });
        for_each_row(p_, "gpu_bytes", [&](const row_of& r) {
            std::int64_t& bytes = by_name_[r.text("operation")].row.bytes;
            bytes = clamped(int128{bytes} + r.values().sum);
        });
    }

    /// The paths of gpu_times end with the operation.
    void paths() {
        struct of_path {
            std::uint64_t count = 0;
            int128 time = 0;
            histogram lengths;
        };
        std::map<std::uint32_t, of_path> all;
        for_each_row(p_, "gpu_times", [&](const row_of& r) {
            const auto path = static_cast<std::uint32_t>(r.key("path"));
            if (path >= p_.paths.size()) return;
            of_path& o = all[path];
            o.count += r.count();
            o.time += r.values().sum;
            o.lengths[r.key("bucket")] += r.count();
            const auto known = by_name_.find(p_.shown_name(p_.paths[path]));
            if (known != by_name_.end()) known->second.lengths[r.key("bucket")] += r.count();
        });
        for (const auto& [path, o] : all)
            s_.paths.push_back({.text = text_of_path(p_, path),
                                .count = o.count,
                                .time = clamped(o.time),
                                .p99 = percentile(o.lengths, 0.99)});
        most_time_first(s_.paths);
        for (auto& [name, o] : by_name_) {
            gpu_operation& row = o.row;
            row.name = name;
            row.time = clamped(o.times.sum);
            row.mean = mean(o.times, row.count, number::integer);
            row.deviation = standard_deviation(o.times, row.count, number::integer);
            row.min = o.times.min;
            row.max = o.times.max;
            row.p50 = percentile(o.lengths, 0.5);
            row.p99 = percentile(o.lengths, 0.99);
            row.delay = mean(o.delays, row.delays, number::integer);
            row.most_delay = o.delays.max;
            s_.operations.push_back(row);
        }
        most_time_first(s_.operations);
    }

    void launches() {
        for_each_row(p_, "gpu_launches", [&](const row_of& r) {
            s_.launches.push_back({.kernel = r.text("kernel"),
                                   .grid = {r.key("grid_x"), r.key("grid_y"), r.key("grid_z")},
                                   .block = {r.key("block_x"), r.key("block_y"), r.key("block_z")},
                                   .registers = r.key("registers"),
                                   .static_shared = r.key("static_shared"),
                                   .dynamic_shared = r.key("dynamic_shared"),
                                   .count = r.count(),
                                   .time = r.sum()});
        });
        most_time_first(s_.launches);
    }

    void devices() {
        std::map<std::pair<std::int64_t, std::int64_t>, gpu_device> all;
        const auto device_of = [&](const row_of& r) -> gpu_device& {
            gpu_device& d = all[{r.key("rank"), r.key("device")}];
            d.rank = r.key("rank");
            d.device = r.key("device");
            return d;
        };
        for_each_row(p_, "gpu_states", [&](const row_of& r) {
            gpu_device& d = device_of(r);
            const std::string state = r.text("state");
            (state == "kernels"  ? d.kernels
             : state == "copies" ? d.copies
             : state == "idle"   ? d.idle
                                 : d.both) += r.sum();
        });
        for_each_row(p_, "gpu_devices", [&](const row_of& r) {
            // All that the driver knows are told; those that were used are shown.
            if (!all.contains({r.key("rank"), r.key("device")})) return;
            gpu_device& d = device_of(r);
            d.name = r.text("name");
            d.multiprocessors = r.values().max;
        });
        for (const auto& [key, d] : all) s_.devices.push_back(d);
    }

    void memory() {
        constexpr std::int64_t allocated = 0;
        constexpr std::int64_t freed = 1;
        std::map<std::tuple<std::int64_t, std::int64_t, std::string>, gpu_memory> all;
        for_each_row(p_, "gpu_memory", [&](const row_of& r) {
            gpu_memory& m = all[{r.key("rank"), r.key("device"), r.text("memory")}];
            const std::int64_t what = r.key("what");
            if (what == allocated)
                m.allocated += r.sum();
            else if (what == freed)
                m.freed += r.sum();
            else
                m.peak = std::max(m.peak, r.values().max);
        });
        for (auto& [key, m] : all) {
            std::tie(m.rank, m.device, m.kind) = key;
            s_.memory.push_back(m);
        }
    }

    void rest() {
        std::map<std::pair<std::string, bool>, gpu_unified> unified;
        for_each_row(p_, "gpu_unified", [&](const row_of& r) {
            gpu_unified& u = unified[{r.text("event"), r.key("bytes") != 0}];
            u.events += r.count();
            u.value = clamped(int128{u.value} + r.values().sum);
        });
        for (auto& [key, u] : unified) {
            std::tie(u.event, u.is_bytes) = key;
            s_.unified.push_back(u);
        }
        std::map<std::pair<std::string, bool>, gpu_overhead> overhead;
        for_each_row(p_, "gpu_overhead", [&](const row_of& r) {
            gpu_overhead& o = overhead[{r.text("what"), r.key("by") == 0}];
            o.count += r.count();
            o.time = clamped(int128{o.time} + r.values().sum);
        });
        for (auto& [key, o] : overhead) {
            std::tie(o.what, o.ours) = key;
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
    std::optional<profile> all;
    for (const profile& p : r.profiles)
        all = all ? merge(*all, p, dimension::ranks, std::numeric_limits<std::uint32_t>::max()) : p;
    return summariser{all ? *all : empty_profile()}.run();
}

}  // namespace tim
