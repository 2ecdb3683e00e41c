#include "output/mpi_summary.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <string_view>
#include <utility>

#include "output/table_rows.hpp"
#include "profile/merge.hpp"

namespace tim {
namespace {

double ratio(std::int64_t part, std::int64_t whole) noexcept {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

constexpr key_kind number = key_kind::number;
constexpr key_kind text = key_kind::text;
constexpr key_kind rank = key_kind::rank;

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
        s_.paths = mpi_call_paths(p_);
        most_expensive_first(s_.paths);
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
            const table_rows rows{p_, name, {{"rank", rank}}};
            for (std::size_t row = 0; row < rows.size(); ++row)
                if (seen.empty() || seen.back() != rows.key(row, 0))
                    seen.push_back(rows.key(row, 0));
        }
        std::sort(seen.begin(), seen.end());
        seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
        for (const std::int64_t r : seen) s_.ranks.push_back({.rank = r});
        numbers_ = std::move(seen);
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
        const table_rows rows{p_, "mpi_run", {{"rank", rank}, {"what", text}}};
        for (std::size_t row = 0; row < rows.size(); ++row) {
            mpi_rank& r = s_.ranks[index_of(rows.key(row, 0))];
            if (rows.text(row, 1) == "application") add(r.application, rows.sum(row));
            if (rows.text(row, 1) == "no core") add(r.no_core, rows.sum(row));
        }
        for (const mpi_rank& r : s_.ranks) {
            s_.run_time = std::max(s_.run_time, r.application);
            add(s_.application, r.application);
            add(s_.no_core, r.no_core);
        }
    }

    void times() {
        const table_rows rows{
            p_, "mpi_times", {{"rank", rank}, {"call", text}, {"communicator", text}}};
        std::vector<mpi_call_row> calls(rows.texts());
        std::vector<rank_spread> over(rows.texts());
        std::array<rank_spread, mpi_activities> by_activity;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const std::size_t index = index_of(rows.key(row, 0));
            const auto call = static_cast<std::size_t>(rows.key(row, 1));
            const std::int64_t time = rows.sum(row);
            calls[call].call = rows.text(row, 1);
            calls[call].calls += rows.count(row);
            over[call].add(numbers_, index, time);
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
            calls[call].ranks = over[call].finish(numbers_);
            s_.call_names.push_back(std::move(calls[call]));
        }
        most_expensive_first(s_.call_names);
        for (std::size_t index = 0; index < s_.ranks.size(); ++index) {
            const mpi_rank& r = s_.ranks[index];
            add(s_.mpi, r.mpi);
            s_.calls += r.calls;
            for (std::size_t a = 0; a < mpi_activities; ++a)
                by_activity[a].add(numbers_, index, r.by_activity[a]);
        }
        for (std::size_t a = 0; a < mpi_activities; ++a) {
            s_.activity_times[a] = by_activity[a].sum();
            s_.activities[a] = by_activity[a].finish(numbers_);
        }
    }

    void traffic() {
        const table_rows rows{
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

    void sizes() {
        const table_rows rows{p_, "mpi_sizes", {{"direction", number}, {"bucket", number}}};
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
        const table_rows rows{
            p_, "mpi_callsites", {{"rank", rank}, {"call", text}, {"site", text}}};
        struct site {
            mpi_call_row row;
            rank_spread over;
        };
        std::map<std::pair<std::int64_t, std::int64_t>, site> all;
        auto next = all.end();
        for (std::size_t row = 0; row < rows.size(); ++row) {
            // Mostly ranks call from the same places, and their rows come in the same order.
            const std::pair keys{rows.key(row, 1), rows.key(row, 2)};
            if (next == all.end() || next->first != keys) next = all.try_emplace(keys).first;
            site& here = next++->second;
            if (here.row.calls == 0) {
                here.row.call = rows.text(row, 1);
                here.row.site = rows.text(row, 2);
            }
            here.row.calls += rows.count(row);
            here.over.add(numbers_, index_of(rows.key(row, 0)), rows.sum(row));
        }
        for (auto& [keys, here] : all) {
            here.row.time = here.over.sum();
            here.row.ranks = here.over.finish(numbers_);
            s_.sites.push_back(std::move(here.row));
        }
        most_expensive_first(s_.sites);
    }

    void communicators() {
        const table_rows rows{p_, "mpi_communicators", {{"communicator", text}}};
        for (std::size_t row = 0; row < rows.size(); ++row)
            communicators_[rows.text(row, 0)].size = rows.values(row).max;
        for (auto& [name, c] : communicators_) {
            c.name = name;
            s_.communicators.push_back(std::move(c));
        }
        most_expensive_first(s_.communicators);
    }

    std::vector<mpi_object> objects(std::string_view table, std::string_view key) const {
        const table_rows rows{p_, table, {{key, text}, {"direction", number}}};
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
    std::vector<std::int64_t> numbers_;  ///< of the ranks, ascending
    mutable std::size_t at_ = 0;
    std::map<std::string, mpi_communicator> communicators_;
};

}  // namespace

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
    const profile all = merge_ranks(r.profiles);
    return summariser{all}.run();
}

}  // namespace tim
