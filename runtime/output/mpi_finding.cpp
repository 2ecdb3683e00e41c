// What is wrong with the MPI of a job: the causes that can be told from who waits where.
//
// A rank that is late does not wait: where others wait, it is the one that waits least. So each
// call path of MPI is asked who is late there, what that cost the others, and the same cause of
// several paths is added up. What of a call no rank escapes is the price of calling it, which is
// too high where calls are too many or messages too small. Ranks that have no core are late, too,
// and are waited for in whatever call the others are: that is told from how long they had none.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "output/mpi_summary.hpp"
#include "output/printable.hpp"
#include "output/quantities.hpp"
#include "output/table_rows.hpp"

namespace tim {
namespace {

/// Less than this part of the ranks' application time is not worth a change of the program, and
/// runs differ by as much from each other.
constexpr double worth_naming = 0.05;

/// A rank is late if it waits less than this part of what the ranks wait on average: ranks that
/// only differ by chance are closer to each other.
constexpr double late_waits_less = 0.5;

/// One peer has to be in most of the time at a path for that to be its doing.
constexpr double most_of_the_time = 0.6;

/// Messages up to this size take as long as empty ones: latencies of a microsecond and more against
/// bandwidths of gigabytes a second.
constexpr double tiny_message = 256;

/// So many messages or barriers that their number is the cause: per rank...
constexpr std::uint64_t many_calls = 1000;

/// ...and a typical call, in nanoseconds, that takes longer than this waits for somebody; it is not
/// the number of calls that costs the time.
constexpr double waits_for_somebody = 5e6;

/// A rank is late for want of a core if that explains so much of what it takes longer outside MPI.
constexpr double most_of_the_delay = 0.5;

/// A region keeps the late rank if it takes so much longer there than the mean; of nested regions
/// with nearly the same excess, the innermost is meant.
constexpr double nearly = 0.9;

bool is_mpi(std::string_view name) {
    return name.starts_with("MPI_");
}

/// A region that a rank spends more time in than the others.
struct excess {
    std::uint32_t path = 0;
    std::int64_t time = 0;  ///< more than the mean over all ranks
    double times_mean = 0;
};

class finder {
public:
    finder(mpi_summary& s, const profile& p) : s_(s), p_(p) { find_excesses(); }

    void run() {
        if (s_.application <= 0 || s_.ranks.size() < 2) return;
        for (const mpi_call_path& c : s_.paths) look_at(c);
        const bool late = std::any_of(found_.begin(), found_.end(), [&](const auto& f) {
            return ratio(f.second.lost) >= worth_naming;
        });
        if (!late) uneven_work();
        for (const auto& [what, f] : found_) {
            if (ratio(f.lost) < worth_naming) continue;
            s_.findings.push_back(describe(what.first, what.second, f));
        }
        std::stable_sort(
            s_.findings.begin(), s_.findings.end(),
            [](const mpi_finding& a, const mpi_finding& b) { return a.time > b.time; });
    }

private:
    struct found {
        double lost = 0;
        double most = 0;  ///< lost at `where` alone
        const mpi_call_path* where = nullptr;
    };

    [[nodiscard]] double ratio(double time) const {
        return time / static_cast<double>(s_.application);
    }

    /// Of each rank, the region where it takes most longer than the mean.
    void find_excesses() {
        const component_columns* const wall = p_.find("wall_clock");
        if (wall == nullptr || s_.ranks.empty()) return;
        const auto ranks = static_cast<double>(s_.ranks.size());
        for (std::size_t row = 0; row < wall->path.size(); ++row) {
            const rank_statistics& r = wall->fields[0].ranks[row];
            const path& p = p_.paths[wall->path[row]];
            if (r.ranks == 0 || is_mpi(p_.shown_name(p)) || p.kind == path_kind::capped) continue;
            const double mean = static_cast<double>(r.values.sum) / ranks;
            const excess here{wall->path[row], clamped(static_cast<double>(r.values.max) - mean),
                              mean > 0 ? static_cast<double>(r.values.max) / mean : 0};
            // Rows stand parents first: of equal ones, the innermost stays.
            const auto [known, fresh] = excesses_.try_emplace(r.max_rank, here);
            if (fresh) continue;
            const auto before = static_cast<double>(known->second.time);
            const auto now = static_cast<double>(here.time);
            if (now > before || (now >= nearly * before && is_below(here.path, known->second.path)))
                known->second = here;
        }
    }

    [[nodiscard]] bool is_below(std::uint32_t path, std::uint32_t above) const {
        while (path > above) path = p_.paths[path].parent;
        return path == above;
    }

    [[nodiscard]] const mpi_rank* rank_of(std::int64_t rank) const {
        const auto r =
            std::lower_bound(s_.ranks.begin(), s_.ranks.end(), rank,
                             [](const mpi_rank& a, std::int64_t b) { return a.rank < b; });
        return r != s_.ranks.end() && r->rank == rank ? &*r : nullptr;
    }

    /// A rank that is in MPI as long as the others waits itself: it is not the one who is late.
    [[nodiscard]] bool is_late(std::int64_t rank) const {
        const mpi_rank* const r = rank_of(rank);
        if (r == nullptr) return false;
        const double others = (static_cast<double>(s_.mpi) - static_cast<double>(r->mpi)) /
                              static_cast<double>(s_.ranks.size() - 1);
        return static_cast<double>(r->mpi) < late_waits_less * others;
    }

    void blame(mpi_cause cause, std::int64_t rank, const mpi_call_path& where, double lost) {
        if (lost <= 0) return;
        found& f = found_[{cause, rank}];
        f.lost += lost;
        if (f.where != nullptr && f.most >= lost) return;
        f.most = lost;
        f.where = &where;
    }

    void look_at(const mpi_call_path& c) {
        switch (c.activity) {
            case mpi_activity::send:
                if (!too_small(c)) late_receiver(c);
                break;
            case mpi_activity::receive:
            case mpi_activity::probe:
                too_small(c);
                late_sender(c);
                break;
            case mpi_activity::wait:
            case mpi_activity::test:
                late_sender(c);
                break;
            case mpi_activity::barrier:
                last_to_come(c, mpi_cause::load_imbalance);
                too_often(c);
                break;
            case mpi_activity::to_root:
                root(c);
                break;
            case mpi_activity::from_root:
                last_to_come(c, mpi_cause::late_sender);
                break;
            case mpi_activity::to_all:
                last_to_come(c, mpi_cause::load_imbalance);
                break;
            case mpi_activity::other:
                too_small(c);
                break;
            case mpi_activity::window:
            case mpi_activity::file:
            case mpi_activity::lifetime:
                break;
        }
    }

    /// Time that is lost waiting for `rank`, which is late, at a path where peers are known: also
    /// that for ranks which are waiting themselves, since it was passed on to them.
    [[nodiscard]] double passed_on(const mpi_call_path& c, std::int64_t rank) const {
        double lost = 0;
        for (const peer_time& p : c.peers)
            if (p.peer == rank || !is_late(p.peer)) lost += static_cast<double>(p.time);
        return lost;
    }

    [[nodiscard]] static const peer_time* main_peer(const mpi_call_path& c) {
        const auto most =
            std::max_element(c.peers.begin(), c.peers.end(),
                             [](const auto& a, const auto& b) { return a.time < b.time; });
        return most == c.peers.end() ? nullptr : &*most;
    }

    [[nodiscard]] static bool knows_peers(const mpi_call_path& c) {
        double known = 0;
        for (const peer_time& p : c.peers) known += static_cast<double>(p.time);
        return known >= most_of_the_time * static_cast<double>(c.time);
    }

    void late_sender(const mpi_call_path& c) {
        if (!knows_peers(c)) return last_to_come(c, mpi_cause::late_sender);
        const peer_time* late = nullptr;
        for (const peer_time& p : c.peers)
            if (is_late(p.peer) && (late == nullptr || p.time > late->time)) late = &p;
        if (late != nullptr) blame(mpi_cause::late_sender, late->peer, c, passed_on(c, late->peer));
    }

    /// Several that send to one which takes them one after another; or one to one that is late.
    void late_receiver(const mpi_call_path& c) {
        const peer_time* const peer = main_peer(c);
        if (peer == nullptr ||
            static_cast<double>(peer->time) < most_of_the_time * static_cast<double>(c.time))
            return;
        const bool many = c.ranks && c.ranks->ranks > 1;
        if (many)
            blame(mpi_cause::serialised_root, peer->peer, c, static_cast<double>(peer->time));
        else if (is_late(peer->peer))
            blame(mpi_cause::late_receiver, peer->peer, c, static_cast<double>(peer->time));
    }

    /// All but the last rank wait; the last one does not.
    void last_to_come(const mpi_call_path& c, mpi_cause cause) {
        if (!c.ranks || c.ranks->ranks < 2) return;
        const over_ranks& r = *c.ranks;
        if (static_cast<double>(r.min) >= late_waits_less * r.mean) return;
        blame(cause, r.min_rank, c,
              static_cast<double>(r.ranks) * (r.mean - static_cast<double>(r.min)));
    }

    /// Gathers and reductions: the others wait for the root, or the root for one of them.
    void root(const mpi_call_path& c) {
        if (!c.ranks || c.ranks->ranks < 2) return;
        const over_ranks& r = *c.ranks;
        const peer_time* const peer = main_peer(c);
        const double others = (r.mean * static_cast<double>(r.ranks) - static_cast<double>(r.max)) /
                              static_cast<double>(r.ranks - 1);
        const bool root_waits =
            peer == nullptr ||
            (r.max_rank == peer->peer && others < late_waits_less * static_cast<double>(r.max));
        if (!root_waits)
            return blame(mpi_cause::serialised_root, peer->peer, c,
                         static_cast<double>(r.ranks) * (r.mean - static_cast<double>(r.min)));
        // Who does not wait for it is not told by this call.
        const auto least = std::min_element(s_.ranks.begin(), s_.ranks.end(),
                                            [](auto& a, auto& b) { return a.mpi < b.mpi; });
        if (is_late(least->rank))
            blame(mpi_cause::load_imbalance, least->rank, c, static_cast<double>(r.max));
    }

    [[nodiscard]] std::uint64_t ranks_at(const mpi_call_path& c) const {
        return c.ranks ? c.ranks->ranks : s_.ranks.size();
    }

    /// What is lost at a path because its calls are many: the price of them, and of longer waits
    /// what a lack of cores explains, which with fewer calls would meet fewer of them. 0 if other
    /// things cost so much more that the number of calls is not worth a change.
    [[nodiscard]] double price(const mpi_call_path& c) const {
        const auto time = static_cast<double>(c.time);
        const double nobody_escapes =
            c.ranks ? static_cast<double>(c.ranks->ranks) * static_cast<double>(c.ranks->min)
                    : time;
        const double usual = std::min(c.usual_time, nobody_escapes);
        // While one rank has no core, it and all the others may wait for that.
        const double excused = std::min(
            time - usual, static_cast<double>(s_.ranks.size()) * static_cast<double>(s_.no_core));
        const double otherwise = static_cast<double>(s_.application) - excused;
        return usual < worth_naming * otherwise ? 0 : usual + excused;
    }

    void too_often(const mpi_call_path& c) {
        if (c.calls < many_calls * ranks_at(c) || c.latency.p50 > waits_for_somebody) return;
        blame(mpi_cause::barrier_storm, c.ranks ? c.ranks->max_rank : s_.ranks.front().rank, c,
              price(c));
    }

    /// Whether a path has so many and so small messages that their number is what costs; then it is
    /// noted.
    bool too_small(const mpi_call_path& c) {
        if (c.moved[0].messages + c.moved[1].messages == 0 || c.calls < many_calls * ranks_at(c) ||
            c.median_size > tiny_message || c.latency.p50 > waits_for_somebody)
            return false;
        const auto most = std::max_element(s_.ranks.begin(), s_.ranks.end(), [](auto& a, auto& b) {
            return a.messages < b.messages;
        });
        blame(mpi_cause::tiny_messages, most->rank, c, price(c));
        return true;
    }

    [[nodiscard]] static double useful(const mpi_rank& r) {
        return static_cast<double>(r.application) - static_cast<double>(r.mpi);
    }
    /// Of all ranks.
    [[nodiscard]] double mean_useful() const {
        return (static_cast<double>(s_.application) - static_cast<double>(s_.mpi)) /
               static_cast<double>(s_.ranks.size());
    }

    /// Where waiting shows nobody, as at the end of the program: who has most to do.
    void uneven_work() {
        const auto most = std::max_element(s_.ranks.begin(), s_.ranks.end(),
                                           [](auto& a, auto& b) { return useful(a) < useful(b); });
        // What a lack of cores may explain is not told from work here, where nobody waits for it.
        if (static_cast<double>(most->no_core) >=
            most_of_the_delay * (useful(*most) - mean_useful()))
            return;
        found_[{mpi_cause::load_imbalance, most->rank}] = {
            .lost = (useful(*most) - mean_useful()) * static_cast<double>(s_.ranks.size())};
    }

    /// How much longer than the mean a rank had no core, if that is why it is late; else 0.
    [[nodiscard]] std::int64_t late_without_core(std::int64_t rank) const {
        const mpi_rank* const r = rank_of(rank);
        if (r == nullptr) return 0;
        const double longer =
            static_cast<double>(r->no_core) -
            static_cast<double>(s_.no_core) / static_cast<double>(s_.ranks.size());
        const double late = useful(*r) - mean_useful();
        return late > 0 && longer >= most_of_the_delay * late && costs_much(longer)
                   ? clamped(longer)
                   : 0;
    }

    /// Whether it is worth naming that one rank takes so much longer.
    [[nodiscard]] bool costs_much(double longer) const {
        return ratio(longer * static_cast<double>(s_.ranks.size())) >= worth_naming;
    }

    [[nodiscard]] mpi_finding describe(mpi_cause cause, std::int64_t rank, const found& f) const {
        mpi_finding d;
        d.cause = cause;
        d.rank = rank;
        d.time = clamped(f.lost);
        d.share = ratio(f.lost);
        if (f.where != nullptr) {
            d.path = f.where->text;
            d.calls = f.where->calls;
            d.size = f.where->median_size;
        }
        // Where all ranks are the cause, none of them is kept by a region.
        if (cause == mpi_cause::tiny_messages || cause == mpi_cause::barrier_storm) return d;
        d.no_core = late_without_core(rank);
        if (d.no_core > 0) return d;
        const auto e = excesses_.find(rank);
        if (e != excesses_.end() && costs_much(static_cast<double>(e->second.time))) {
            d.region = text_of_path(p_, e->second.path);
            d.excess = e->second.time;
            d.times_mean = e->second.times_mean;
        }
        return d;
    }

    mpi_summary& s_;
    const profile& p_;
    std::map<std::int64_t, excess> excesses_;
    std::map<std::pair<mpi_cause, std::int64_t>, found> found_;
};

}  // namespace

std::string mpi_finding::sentence() const {
    const auto printable = [](std::string_view name) {
        std::string text;
        append_printable(name, text);
        return text;
    };
    const std::string where = printable(path);
    const std::string lost =
        fmt::format("{} ({:.1f} % of all ranks' time)", shown_time(time), 100 * share);
    const std::string without_core =
        fmt::format("had no core for {} longer than the mean", shown_time(no_core));
    const std::string kept = no_core > 0 ? fmt::format(" It {}.", without_core)
                             : region.empty()
                                 ? ""
                                 : fmt::format(" It takes {} longer than the mean in {}.",
                                               shown_time(excess), printable(region));
    switch (cause) {
        case mpi_cause::late_sender:
            return fmt::format("Late sender: {} is spent in {} waiting for rank {}.{}", lost, where,
                               rank, kept);
        case mpi_cause::late_receiver:
            return fmt::format("Late receiver: {} is spent in {} waiting until rank {} receives.{}",
                               lost, where, rank, kept);
        case mpi_cause::load_imbalance: {
            const std::string who =
                no_core > 0      ? fmt::format("rank {} {}", rank, without_core)
                : region.empty() ? fmt::format("rank {} has more to do than the others", rank)
                                 : fmt::format("rank {} takes {:.2f} times the mean in {}", rank,
                                               times_mean, printable(region));
            return path.empty()
                       ? fmt::format("Load imbalance: {}; that costs {}.", who, lost)
                       : fmt::format("Load imbalance: {}; {} is spent in {} waiting for it.", who,
                                     lost, where);
        }
        case mpi_cause::serialised_root:
            return fmt::format(
                "Serialised root: {} is spent in {} waiting for rank {}, which takes the others "
                "one after another.{}",
                lost, where, rank, kept);
        case mpi_cause::tiny_messages:
            return fmt::format(
                "Tiny messages: {} is spent on {} calls with messages of about {} in {}; rank {} "
                "sends most.",
                lost, calls, shown_bytes(size), where, rank);
        case mpi_cause::barrier_storm:
            return fmt::format("Barrier storm: {} is spent on {} calls of {}; rank {} longest.",
                               lost, calls, where, rank);
    }
    return {};
}

void find_causes(mpi_summary& s, const profile& p) {
    finder{s, p}.run();
}

}  // namespace tim
