#include "output/mpi_summary.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include "profile/merge.hpp"
#include "timemory/tools.h"

namespace tim {
namespace {

std::int64_t clamped(int128 value) noexcept {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    return value > most ? most : value < -most ? -most : static_cast<std::int64_t>(value);
}

void add(std::int64_t& to, std::int64_t value) noexcept {
    to = clamped(int128{to} + value);
}

/// A file may hold any number, and a peer that is none is negative.
bool is_rank(std::int64_t number) noexcept {
    return number >= 0 && number <= std::numeric_limits<std::uint32_t>::max();
}

double ratio(std::int64_t part, std::int64_t whole) noexcept {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

/// One quantity over the ranks of the job, of which those are told that have some, ascending.
class spread {
public:
    /// `index` is the place of `rank` among `ranks`.
    void add(const std::vector<mpi_rank>& ranks, std::size_t index, std::int64_t value) {
        if (index == index_) return tim::add(value_, value);
        flush(ranks);
        if (!missing_ && index != next_) missing_ = next_;
        next_ = index + 1;
        index_ = index;
        value_ = value;
    }
    /// Ranks that were not told have 0.
    over_ranks finish(const std::vector<mpi_rank>& ranks) {
        flush(ranks);
        if (!missing_ && next_ < ranks.size()) missing_ = next_;
        over_ranks o = so_far_;
        if (missing_ && (o.ranks == 0 || o.min >= 0)) {
            const std::int64_t rank = ranks[*missing_].rank;
            if (o.ranks == 0 || o.min > 0 || rank < o.min_rank) o.min_rank = rank;
            o.min = 0;
        }
        o.ranks = ranks.size();
        o.mean = ranks.empty() ? 0 : static_cast<double>(sum_) / static_cast<double>(o.ranks);
        return o;
    }
    [[nodiscard]] std::int64_t sum() const noexcept { return clamped(sum_ + pending()); }

private:
    static constexpr std::size_t none = SIZE_MAX;

    [[nodiscard]] int128 pending() const noexcept { return index_ == none ? 0 : value_; }
    void flush(const std::vector<mpi_rank>& ranks) {
        if (index_ == none) return;
        const std::int64_t rank = ranks[index_].rank;
        if (so_far_.ranks == 0 || value_ < so_far_.min) {
            so_far_.min = value_;
            so_far_.min_rank = rank;
        }
        if (so_far_.ranks == 0 || value_ > so_far_.max) {
            so_far_.max = value_;
            so_far_.max_rank = rank;
        }
        ++so_far_.ranks;
        sum_ += value_;
        index_ = none;
    }

    over_ranks so_far_;
    int128 sum_ = 0;
    std::int64_t value_ = 0;
    std::size_t index_ = none;
    std::size_t next_ = 0;
    std::optional<std::size_t> missing_;
};

/// A table of the profile, with the columns that are asked for. Empty where it is not there or has
/// others: a file may hold anything.
class rows_of {
public:
    struct wanted {
        std::string_view name;
        key_kind kind;
    };
    rows_of(const profile& p, std::string_view name, std::initializer_list<wanted> columns) {
        const keyed_table* const t = p.find_table(name);
        if (t == nullptr) return;
        for (const wanted& w : columns) {
            const std::size_t column = t->column(w.name);
            if (column == t->keys.size() || t->keys[column].kind != w.kind) return;
            columns_.push_back(column);
        }
        table_ = t;
    }
    [[nodiscard]] std::size_t size() const noexcept {
        return table_ == nullptr ? 0 : table_->rows();
    }
    /// Key of the column that was asked for as number `i`.
    [[nodiscard]] std::int64_t key(std::size_t row, std::size_t i) const {
        return table_->keys_of(row)[columns_[i]];
    }
    [[nodiscard]] const std::string& text(std::size_t row, std::size_t i) const {
        return table_->text(row, columns_[i]);
    }
    [[nodiscard]] std::size_t texts() const noexcept {
        return table_ == nullptr ? 0 : table_->texts.size();
    }
    [[nodiscard]] std::uint64_t count(std::size_t row) const { return table_->count[row]; }
    [[nodiscard]] const statistics& values(std::size_t row) const { return table_->values[row]; }
    [[nodiscard]] std::int64_t sum(std::size_t row) const { return clamped(values(row).sum); }

private:
    const keyed_table* table_ = nullptr;
    std::vector<std::size_t> columns_;
};

/// The greatest whose end is a number of 64 bits.
constexpr std::int64_t last_bucket = 240;

constexpr key_kind number = key_kind::number;
constexpr key_kind text = key_kind::text;
constexpr key_kind path = key_kind::path;
constexpr key_kind rank = key_kind::rank;

/// Buckets of a histogram, ascending.
struct bucket {
    std::uint64_t count = 0;
    double value = 0;  ///< what those in it are like
};

double middle_of(std::int64_t at) {
    const int b = static_cast<int>(std::clamp<std::int64_t>(at, 0, last_bucket));
    if (b < 8) return b;
    return (static_cast<double>(timemory_bucket_begin(b)) +
            static_cast<double>(timemory_bucket_begin(b + 1))) /
           2;
}

double percentile(std::span<const bucket> buckets, double part) {
    std::uint64_t all = 0;
    for (const bucket& b : buckets) all += b.count;
    const double wanted = part * static_cast<double>(all);
    std::uint64_t seen = 0;
    for (const bucket& b : buckets) {
        seen += b.count;
        if (static_cast<double>(seen) >= wanted) return b.value;
    }
    return 0;
}

/// All ranks in one profile.
profile together(std::span<const profile> profiles) {
    if (profiles.empty()) return empty_profile();
    if (profiles.size() == 1) return profiles.front();
    const std::size_t half = profiles.size() / 2;
    return merge(together(profiles.first(half)), together(profiles.subspan(half)), dimension::ranks,
                 std::numeric_limits<std::uint32_t>::max());
}

template <class Row>
void most_expensive_first(std::vector<Row>& rows) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.time > b.time; });
}

class summariser {
public:
    explicit summariser(const profile& p) : p_(p) { s_.world_size = p.world_size; }

    mpi_summary run() {
        find_ranks();
        run_times();
        times();
        traffic();
        call_paths();
        sizes();
        sites();
        communicators();
        s_.files = objects("mpi_files", "file");
        s_.windows = objects("mpi_windows", "window");
        efficiency();
        find_causes(s_, p_);
        return std::move(s_);
    }

private:
    void find_ranks() {
        std::vector<std::int64_t> seen;
        for (const char* name : {"mpi_run", "mpi_times", "mpi_traffic", "mpi_callsites"}) {
            const rows_of rows{p_, name, {{"rank", rank}}};
            for (std::size_t row = 0; row < rows.size(); ++row)
                if (seen.empty() || seen.back() != rows.key(row, 0))
                    seen.push_back(rows.key(row, 0));
        }
        std::sort(seen.begin(), seen.end());
        seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
        for (const std::int64_t r : seen) s_.ranks.push_back({.rank = r});
    }

    std::size_t index_of(std::int64_t wanted) const {
        // Rows come by rank, so it is the same as before or the next one.
        while (at_ < s_.ranks.size() && s_.ranks[at_].rank < wanted) ++at_;
        if (at_ < s_.ranks.size() && s_.ranks[at_].rank == wanted) return at_;
        const auto found =
            std::lower_bound(s_.ranks.begin(), s_.ranks.end(), wanted,
                             [](const mpi_rank& r, std::int64_t w) { return r.rank < w; });
        return at_ = static_cast<std::size_t>(found - s_.ranks.begin());
    }

    void run_times() {
        const rows_of rows{p_, "mpi_run", {{"rank", rank}, {"what", text}}};
        for (std::size_t row = 0; row < rows.size(); ++row) {
            if (rows.text(row, 1) != "application") continue;
            mpi_rank& r = s_.ranks[index_of(rows.key(row, 0))];
            add(r.application, rows.sum(row));
        }
        for (const mpi_rank& r : s_.ranks) {
            s_.run_time = std::max(s_.run_time, r.application);
            add(s_.application, r.application);
        }
    }

    void times() {
        const rows_of rows{
            p_, "mpi_times", {{"rank", rank}, {"call", text}, {"communicator", text}}};
        std::vector<mpi_call_row> calls(rows.texts());
        std::vector<spread> over(rows.texts());
        std::array<spread, mpi_activities> by_activity;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const std::size_t index = index_of(rows.key(row, 0));
            const auto call = static_cast<std::size_t>(rows.key(row, 1));
            const std::int64_t time = rows.sum(row);
            calls[call].call = rows.text(row, 1);
            calls[call].calls += rows.count(row);
            over[call].add(s_.ranks, index, time);
            const mpi_activity activity = activity_of(rows.text(row, 1));
            const auto a = static_cast<std::size_t>(activity);
            s_.activity_calls[a] += rows.count(row);
            mpi_rank& r = s_.ranks[index];
            add(r.by_activity[a], time);
            if (activity == mpi_activity::lifetime) continue;
            r.calls += rows.count(row);
            add(r.mpi, time);
            if (is_waiting(activity)) add(r.waiting, time);
            mpi_communicator& c = communicators_[rows.text(row, 2)];
            c.calls += rows.count(row);
            add(c.time, time);
        }
        for (std::size_t call = 0; call < calls.size(); ++call) {
            if (calls[call].calls == 0) continue;
            calls[call].time = over[call].sum();
            calls[call].ranks = over[call].finish(s_.ranks);
            s_.call_names.push_back(std::move(calls[call]));
        }
        most_expensive_first(s_.call_names);
        for (std::size_t index = 0; index < s_.ranks.size(); ++index) {
            const mpi_rank& r = s_.ranks[index];
            add(s_.mpi, r.mpi);
            s_.calls += r.calls;
            for (std::size_t a = 0; a < mpi_activities; ++a)
                by_activity[a].add(s_.ranks, index, r.by_activity[a]);
        }
        for (std::size_t a = 0; a < mpi_activities; ++a) {
            s_.activity_times[a] = by_activity[a].sum();
            s_.activities[a] = by_activity[a].finish(s_.ranks);
        }
    }

    void traffic() {
        const rows_of rows{
            p_,
            "mpi_traffic",
            {{"rank", rank}, {"communicator", text}, {"peer", number}, {"direction", number}}};
        // Both ends of a message say so. Where one of them was not recorded, the other counts.
        std::map<std::pair<std::int64_t, std::int64_t>, std::array<mpi_transfer, 2>> pairs;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const bool received = rows.key(row, 3) != 0;
            const std::int64_t here = rows.key(row, 0);
            const std::int64_t peer = rows.key(row, 2);
            mpi_rank& r = s_.ranks[index_of(here)];
            add(received ? r.received : r.sent, rows.sum(row));
            if (!received) {
                r.messages += rows.count(row);
                mpi_transfer& sent = communicators_[rows.text(row, 1)].sent;
                sent.messages += rows.count(row);
                add(sent.bytes, rows.sum(row));
            }
            if (!is_rank(here) || !is_rank(peer)) continue;
            mpi_transfer& t =
                pairs[received ? std::pair{peer, here} : std::pair{here, peer}][received ? 1 : 0];
            t.messages += rows.count(row);
            add(t.bytes, rows.sum(row));
        }
        for (const auto& [ends, both] : pairs) {
            const mpi_transfer& t = both[0].messages > 0 ? both[0] : both[1];
            s_.matrix.push_back({ends.first, ends.second, t.messages, t.bytes});
        }
    }

    void call_paths() {
        const rows_of latency{p_, "mpi_latency", {{"path", path}, {"bucket", number}}};
        const rows_of sizes{
            p_, "mpi_sizes", {{"path", path}, {"direction", number}, {"bucket", number}}};
        const rows_of peers{p_, "mpi_peers", {{"path", path}, {"peer", number}}};
        std::vector<bucket> buckets;
        std::size_t size_row = 0;
        std::size_t peer_row = 0;
        for (std::size_t row = 0; row < latency.size();) {
            mpi_call_path c;
            c.path = static_cast<std::uint32_t>(latency.key(row, 0));
            const auto here = [&c](const rows_of& rows, std::size_t i) {
                return i < rows.size() && rows.key(i, 0) == c.path;
            };
            const auto skip = [&c](const rows_of& rows, std::size_t& i) {
                while (i < rows.size() && rows.key(i, 0) < c.path) ++i;
            };
            buckets.clear();
            for (; here(latency, row); ++row)
                buckets.push_back({latency.count(row), middle_of(latency.key(row, 1))});
            c.latency = {percentile(buckets, 0.5), percentile(buckets, 0.9),
                         percentile(buckets, 0.99)};
            c.text = text_of_path(p_, c.path);
            c.call = p_.shown_name(p_.paths[c.path]);
            c.activity = activity_of(c.call);
            c.ranks = ranks_of(c.path);
            buckets.clear();
            for (skip(sizes, size_row); here(sizes, size_row); ++size_row) {
                mpi_transfer& t = c.moved[sizes.key(size_row, 1) != 0 ? 1 : 0];
                t.messages += sizes.count(size_row);
                add(t.bytes, sizes.sum(size_row));
                put(buckets, sizes, size_row);
            }
            // Of both directions together.
            std::sort(buckets.begin(), buckets.end(),
                      [](const bucket& a, const bucket& b) { return a.value < b.value; });
            c.median_size = percentile(buckets, 0.5);
            for (skip(peers, peer_row); here(peers, peer_row); ++peer_row) {
                c.calls += peers.count(peer_row);
                add(c.time, peers.sum(peer_row));
                if (is_rank(peers.key(peer_row, 1)))
                    c.peers.push_back({peers.key(peer_row, 1), peers.sum(peer_row)});
            }
            s_.paths.push_back(std::move(c));
        }
        most_expensive_first(s_.paths);
    }

    static void put(std::vector<bucket>& buckets, const rows_of& rows, std::size_t row) {
        buckets.push_back(
            {rows.count(row), mean(rows.values(row), rows.count(row), tim::number::integer)});
    }

    /// Of wall_clock, over the ranks that have the path.
    std::optional<over_ranks> ranks_of(std::uint32_t wanted) const {
        const component_columns* const wall = p_.find("wall_clock");
        if (wall == nullptr) return {};
        const auto found = std::lower_bound(wall->path.begin(), wall->path.end(), wanted);
        if (found == wall->path.end() || *found != wanted) return {};
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

    void sizes() {
        const rows_of rows{p_, "mpi_sizes", {{"direction", number}, {"bucket", number}}};
        std::map<std::int64_t, mpi_size_class> classes;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const auto least =
                static_cast<std::uint64_t>(std::max<std::int64_t>(rows.values(row).min, 0));
            const auto begin = static_cast<std::int64_t>(std::bit_floor(least));
            mpi_size_class& c = classes[begin];
            c.begin = begin;
            mpi_transfer& t = c.moved[rows.key(row, 0) != 0 ? 1 : 0];
            t.messages += rows.count(row);
            add(t.bytes, rows.sum(row));
        }
        for (const auto& [begin, c] : classes) s_.sizes.push_back(c);
    }

    void sites() {
        const rows_of rows{p_, "mpi_callsites", {{"rank", rank}, {"call", text}, {"site", text}}};
        struct site {
            mpi_call_row row;
            spread over;
        };
        std::map<std::pair<std::int64_t, std::int64_t>, site> all;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            site& here = all[{rows.key(row, 1), rows.key(row, 2)}];
            if (here.row.calls == 0) {
                here.row.call = rows.text(row, 1);
                here.row.site = rows.text(row, 2);
            }
            here.row.calls += rows.count(row);
            here.over.add(s_.ranks, index_of(rows.key(row, 0)), rows.sum(row));
        }
        for (auto& [keys, here] : all) {
            here.row.time = here.over.sum();
            here.row.ranks = here.over.finish(s_.ranks);
            s_.sites.push_back(std::move(here.row));
        }
        most_expensive_first(s_.sites);
    }

    void communicators() {
        const rows_of rows{p_, "mpi_communicators", {{"communicator", text}}};
        for (std::size_t row = 0; row < rows.size(); ++row)
            communicators_[rows.text(row, 0)].size = rows.values(row).max;
        for (auto& [name, c] : communicators_) {
            c.name = name;
            s_.communicators.push_back(std::move(c));
        }
        most_expensive_first(s_.communicators);
    }

    std::vector<mpi_object> objects(std::string_view table, std::string_view key) const {
        const rows_of rows{p_, table, {{key, text}, {"direction", number}}};
        std::map<std::string_view, mpi_object> all;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            mpi_object& o = all[rows.text(row, 0)];
            mpi_transfer& t = o.moved[rows.key(row, 1) != 0 ? 1 : 0];
            t.messages += rows.count(row);
            add(t.bytes, rows.sum(row));
        }
        std::vector<mpi_object> list;
        for (auto& [name, o] : all) {
            o.name = name;
            list.push_back(std::move(o));
        }
        std::stable_sort(list.begin(), list.end(), [](const mpi_object& a, const mpi_object& b) {
            return int128{a.moved[0].bytes} + a.moved[1].bytes >
                   int128{b.moved[0].bytes} + b.moved[1].bytes;
        });
        return list;
    }

    void efficiency() {
        std::int64_t greatest = 0;
        std::int64_t sum = 0;
        for (const mpi_rank& r : s_.ranks) {
            // Clocks of threads begin and end a little apart: a hundredth more is still all of it.
            if (r.application <= 0 ||
                static_cast<double>(r.mpi) > 1.01 * static_cast<double>(r.application))
                return;
            const std::int64_t useful = clamped(std::max<int128>(int128{r.application} - r.mpi, 0));
            greatest = std::max(greatest, useful);
            add(sum, useful);
        }
        if (greatest == 0) return;
        const double mean = static_cast<double>(sum) / static_cast<double>(s_.ranks.size());
        const auto run = static_cast<double>(s_.run_time);
        s_.efficiency = {.parallel = mean / run,
                         .load_balance = mean / static_cast<double>(greatest),
                         .communication = static_cast<double>(greatest) / run};
    }

    const profile& p_;
    mpi_summary s_;
    mutable std::size_t at_ = 0;
    std::map<std::string, mpi_communicator> communicators_;
};

}  // namespace

std::string text_of_path(const profile& p, std::uint32_t index) {
    std::vector<std::string_view> names;
    for (; index != 0; index = p.paths[index].parent)
        if (p.paths[index].kind != path_kind::thread) names.push_back(p.shown_name(p.paths[index]));
    std::string joined;
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
        if (!joined.empty()) joined += '/';
        joined += *name;
    }
    return joined.empty() ? "(path not known)" : joined;
}

double mpi_rank::share() const noexcept {
    return ratio(mpi, application);
}

double mpi_summary::share() const noexcept {
    return ratio(mpi, application);
}

bool has_mpi(const profile& p) noexcept {
    return p.find_table("mpi_times") != nullptr || p.find_table("mpi_run") != nullptr;
}

bool has_mpi(const result& r) noexcept {
    return std::any_of(r.profiles.begin(), r.profiles.end(),
                       [](const profile& p) { return has_mpi(p); });
}

mpi_summary summarise_mpi(const result& r) {
    if (r.profiles.size() == 1) return summariser{r.profiles.front()}.run();
    const profile all = together(r.profiles);
    return summariser{all}.run();
}

}  // namespace tim
