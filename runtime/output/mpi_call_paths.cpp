// The call paths of MPI: what each of them took and moved, of three tables and of wall_clock over
// ranks.

#include <algorithm>
#include <span>
#include <utility>

#include "output/histogram.hpp"
#include "output/mpi_summary.hpp"
#include "output/table_rows.hpp"

namespace tim {
namespace {

/// A call that takes so many times as long as the median one waits for something that most calls
/// don't wait for.
constexpr double usual = 10;

percentiles percentiles_of(std::span<const bucket> buckets) {
    return {percentile(buckets, 0.5), percentile(buckets, 0.9), percentile(buckets, 0.99)};
}

/// What the calls took that are not much longer than the median one.
double usual_time(std::span<const bucket> latencies, double median, std::int64_t of_all) {
    double time = 0;
    bool all = true;
    for (const bucket& b : latencies) {
        const bool is_usual = b.value <= usual * median;
        all = all && is_usual;
        if (is_usual) time += static_cast<double>(b.count) * b.value;
    }
    const auto most = static_cast<double>(of_all);
    return all ? most : std::min(time, most);
}

/// Of wall_clock, over the ranks that have the path.
std::optional<over_ranks> ranks_of(const profile& p, std::uint32_t wanted) {
    const component_columns* const wall = p.find("wall_clock");
    if (wall == nullptr) return {};
    const auto found = std::lower_bound(wall->path.begin(), wall->path.end(), wanted);
    if (found == wall->path.end() || *found != wanted || wall->fields.empty()) return {};
    const rank_statistics& r =
        wall->fields[0].ranks[static_cast<std::size_t>(found - wall->path.begin())];
    if (r.ranks == 0) return {};
    return over_ranks{.ranks = r.ranks,
                      .mean = mean(r.values, r.ranks, tim::number::integer),
                      .min = r.values.min,
                      .max = r.values.max,
                      .min_rank = r.min_rank,
                      .max_rank = r.max_rank};
}

/// The rows of one path after another: all tables have them ascending.
class rows_by_path {
public:
    explicit rows_by_path(const table_rows& rows) : rows_(rows) {}
    /// Calls `take(row)` for each row of the path; the first key that was asked for is the path.
    template <class Take>
    void of(std::int64_t wanted, Take take) {
        while (at_ < rows_.size() && rows_.key(at_, 0) < wanted) ++at_;
        for (; at_ < rows_.size() && rows_.key(at_, 0) == wanted; ++at_) take(at_);
    }

private:
    const table_rows& rows_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<mpi_call_path> mpi_call_paths(const profile& p) {
    using enum key_kind;
    const table_rows latency{p, "mpi_latency", {{"path", path}, {"bucket", number}}};
    const table_rows sizes{
        p, "mpi_sizes", {{"path", path}, {"direction", number}, {"bucket", number}}};
    const table_rows peers{p, "mpi_peers", {{"path", path}, {"peer", number}}};
    rows_by_path latencies_of{latency};
    rows_by_path sizes_of{sizes};
    rows_by_path peers_of{peers};
    std::vector<mpi_call_path> paths;
    std::vector<bucket> buckets;
    for (std::size_t row = 0; row < latency.size(); ++row) {
        const std::int64_t here = latency.key(row, 0);
        if (row > 0 && latency.key(row - 1, 0) == here) continue;
        mpi_call_path c;
        c.path = static_cast<std::uint32_t>(here);
        c.text = text_of_path(p, c.path);
        c.call = p.shown_name(p.paths[c.path]);
        c.activity = activity_of(c.call);
        c.ranks = ranks_of(p, c.path);
        buckets.clear();
        latencies_of.of(here, [&](std::size_t i) {
            buckets.push_back({latency.count(i), middle_of_bucket(latency.key(i, 1))});
        });
        c.latency = percentiles_of(buckets);
        peers_of.of(here, [&](std::size_t i) {
            c.calls += peers.count(i);
            add(c.time, peers.sum(i));
            if (is_rank(peers.key(i, 1))) c.peers.push_back({peers.key(i, 1), peers.sum(i)});
        });
        c.usual_time = usual_time(buckets, c.latency.p50, c.time);
        buckets.clear();
        sizes_of.of(here, [&](std::size_t i) {
            mpi_transfer& t = c.moved[sizes.key(i, 1) != 0 ? 1 : 0];
            t.messages += sizes.count(i);
            add(t.bytes, sizes.sum(i));
            buckets.push_back(
                {sizes.count(i), mean(sizes.values(i), sizes.count(i), tim::number::integer)});
        });
        // Of both directions together.
        std::sort(buckets.begin(), buckets.end(),
                  [](const bucket& a, const bucket& b) { return a.value < b.value; });
        c.median_size = percentile(buckets, 0.5);
        paths.push_back(std::move(c));
    }
    return paths;
}

}  // namespace tim
