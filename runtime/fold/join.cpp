#include "fold/join.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include "fold/reduce.hpp"
#include "profile/merge.hpp"

namespace tim {
namespace {

using ranges = std::vector<rank_range>;

std::uint64_t count(std::span<const rank_range> ranks) {
    std::uint64_t n = 0;
    for (const rank_range& r : ranks) n += std::uint64_t{r.last} - r.first + 1;
    return n;
}

/// The ranks of `a` that are in `b`, or those that are not. Both are ascending.
ranges common(std::span<const rank_range> a, std::span<const rank_range> b) {
    ranges both;
    for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
        const std::uint32_t first = std::max(a[i].first, b[k].first);
        const std::uint32_t last = std::min(a[i].last, b[k].last);
        if (first <= last) both.push_back({first, last});
        if (a[i].last < b[k].last)
            ++i;
        else
            ++k;
    }
    return both;
}

ranges without(std::span<const rank_range> a, std::span<const rank_range> b) {
    ranges rest;
    for (rank_range r : a) {
        bool open = true;
        for (const rank_range& gone : common({&r, 1}, b)) {
            if (r.first < gone.first) rest.push_back({r.first, gone.first - 1});
            open = gone.last < r.last;
            if (open) r.first = gone.last + 1;
        }
        if (open) rest.push_back(r);
    }
    return rest;
}

/// Adds ranks that are not in `all` yet.
void add(ranges& all, std::span<const rank_range> more) {
    for (const rank_range& r : more) {
        const auto by_first = [](const rank_range& x, const rank_range& y) {
            return x.first < y.first;
        };
        auto at = all.insert(std::upper_bound(all.begin(), all.end(), r, by_first), r);
        if (at != all.begin() && std::prev(at)->last + 1ull == at->first) {
            std::prev(at)->last = at->last;
            at = std::prev(all.erase(at));
        }
        if (const auto next = std::next(at); next != all.end() && at->last + 1ull == next->first) {
            at->last = next->last;
            all.erase(next);
        }
    }
}

auto order_of(std::span<const rank_range> ranks) {
    return ranks.empty() ? std::pair(UINT32_MAX, std::uint64_t{0})
                         : std::pair(ranks.front().first, count(ranks));
}

class planner {
public:
    planner(std::span<const piece> pieces, const join_options& options)
        : pieces_(pieces), options_(options) {}

    join_plan make() {
        drop_copies();
        give_ranks();
        if (!plan_.refusal.empty()) return std::move(plan_);
        select();
        const rank_range all{0, plan_.world_size - 1};
        if (plan_.world_size > 0) plan_.missing = without({&all, 1}, taken_);
        form_groups();
        return std::move(plan_);
    }

private:
    using member = join_plan::member;

    const piece& of(const member& m) const { return pieces_[m.piece]; }

    static auto process_of(const piece& p) { return std::tie(p.started, p.first_pid); }

    /// Of pieces of the same ranks and process only one stays.
    void drop_copies() {
        std::vector<std::size_t> order(pieces_.size());
        std::iota(order.begin(), order.end(), 0);
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            const piece& x = pieces_[a];
            const piece& y = pieces_[b];
            const auto key = [](const piece& p) {
                return std::tuple(order_of(p.ranks), process_of(p), UINT64_MAX - p.laps, p.content);
            };
            return std::tuple(key(x), std::string_view(x.file)) <
                   std::tuple(key(y), std::string_view(y.file));
        });
        for (const std::size_t i : order) {
            const piece& p = pieces_[i];
            const piece* before = members_.empty() ? nullptr : &of(members_.back());
            const bool again = before != nullptr && before->ranks == p.ranks &&
                               process_of(*before) == process_of(p);
            if (!again) {
                members_.push_back({i, p.ranks});
            } else if (before->content != p.content) {
                plan_.remarks.push_back(fmt::format(
                    "'{}' is left out: '{}' holds the same {} with more laps ({}, {})", p.file,
                    before->file, p.ranks.empty() ? "process" : "ranks", before->laps, p.laps));
            }
        }
    }

    void give_ranks() {
        std::uint64_t size = 0;
        for (const member& m : members_) {
            if (m.ranks.empty()) continue;
            size = std::max<std::uint64_t>(
                {size, of(m).world_size, std::uint64_t{m.ranks.back().last} + 1});
        }
        // They stand in the order in which they began: see drop_copies().
        for (member& m : members_) {
            if (!m.ranks.empty()) continue;
            if (size >= UINT32_MAX) {
                plan_.refusal = "there are more ranks than a job can have";
                return;
            }
            const auto rank = static_cast<std::uint32_t>(size++);
            m.ranks = {{rank, rank}};
        }
        plan_.world_size = static_cast<std::uint32_t>(std::min<std::uint64_t>(size, UINT32_MAX));
        group_size_ = group_size(options_.collapse_ranks, options_.groups,
                                 std::max(plan_.world_size, std::uint32_t{1}));
    }

    [[nodiscard]] bool within_a_group(const member& m) const {
        return m.ranks.front().first / group_size_ == m.ranks.back().last / group_size_;
    }

    void select() {
        std::stable_sort(members_.begin(), members_.end(), [&](const member& a, const member& b) {
            const auto key = [&](const member& m) {
                const bool single = count(m.ranks) == 1;
                return std::tuple(!within_a_group(m), UINT64_MAX - count(m.ranks),
                                  m.ranks.front().first, single ? of(m).started : 0,
                                  single ? of(m).first_pid : UINT64_MAX - of(m).laps);
            };
            return key(a) < key(b);
        });
        std::vector<const piece*> repeated;
        for (const member& m : members_) {
            const ranges twice = common(m.ranks, taken_);
            if (twice.empty()) {
                if (!check(m)) return;
                add(taken_, m.ranks);
                chosen_.push_back(m);
            } else if (is_process_of(m)) {
                if (!check(m)) return;
                chosen_.push_back(m);
            } else if (twice == m.ranks || without(m.ranks, taken_).empty()) {
                repeated.push_back(&of(m));
            } else {
                plan_.remarks.push_back(fmt::format(
                    "'{}' is left out with its ranks {}: its ranks {} are in another file too",
                    of(m).file, ranks_text(without(m.ranks, taken_)), ranks_text(twice)));
            }
        }
        if (!repeated.empty())
            plan_.remarks.push_back(fmt::format(
                "'{}'{} left out: other files hold the same ranks together with more",
                repeated.front()->file,
                repeated.size() == 1 ? " is"
                                     : fmt::format(" and {} more are", repeated.size() - 1)));
        say_processes();
    }

    /// Whether a member is one more process of the one rank that was taken last.
    [[nodiscard]] bool is_process_of(const member& m) const {
        return count(m.ranks) == 1 && !chosen_.empty() && chosen_.back().ranks == m.ranks;
    }

    /// Whether a member can be used as the options say; if not, `refusal` says why.
    bool check(const member& m) {
        const piece& p = of(m);
        const bool several = count(m.ranks) > 1;
        if (!within_a_group(m))
            plan_.refusal = fmt::format(
                "'{}' holds the ranks {} folded into one, which cannot be undone: set {}", p.file,
                ranks_text(m.ranks),
                options_.collapse_ranks ? "TIMEMORY_NODE_COUNT to 0 or what the job had"
                                        : "TIMEMORY_COLLAPSE_PROCESSES to on");
        else if (options_.collapse_threads && several && p.threads_apart)
            plan_.refusal = fmt::format(
                "'{}' holds the ranks {} folded into one with their threads apart: set "
                "TIMEMORY_COLLAPSE_THREADS to off",
                p.file, ranks_text(m.ranks));
        else if (!options_.collapse_threads && p.has_rows && !p.threads_apart)
            plan_.refusal = fmt::format(
                "'{}' holds its threads folded into one, which cannot be undone: set "
                "TIMEMORY_COLLAPSE_THREADS to on",
                p.file);
        return plan_.refusal.empty();
    }

    void say_processes() {
        ranges with_several;
        std::size_t processes = 0;
        for (std::size_t i = 1; i < chosen_.size(); ++i) {
            if (chosen_[i].ranks != chosen_[i - 1].ranks) continue;
            ++processes;
            if (common(chosen_[i].ranks, with_several).empty()) {
                ++processes;
                add(with_several, chosen_[i].ranks);
            }
        }
        if (processes > 0)
            plan_.remarks.push_back(
                fmt::format("{} processes are folded into the ranks that they belong to: {}",
                            processes, ranks_text(with_several)));
    }

    void form_groups() {
        if (!plan_.refusal.empty()) return;
        std::stable_sort(chosen_.begin(), chosen_.end(), [](const member& a, const member& b) {
            return a.ranks.front().first < b.ranks.front().first;
        });
        for (member& m : chosen_) {
            const std::uint32_t group = m.ranks.front().first / group_size_;
            if (plan_.groups.empty() ||
                plan_.groups.back().front().ranks.front().first / group_size_ != group)
                plan_.groups.emplace_back();
            plan_.groups.back().push_back(std::move(m));
        }
    }

    std::span<const piece> pieces_;
    join_options options_;
    join_plan plan_;
    std::vector<member> members_;
    std::vector<member> chosen_;
    ranges taken_;
    std::uint32_t group_size_ = 1;
};

bool has_threads(const profile& p) {
    return std::any_of(p.paths.begin(), p.paths.end(),
                       [](const path& here) { return here.kind == path_kind::thread; });
}

/// Numbers the threads of a profile from `first` on, so that they stay apart from those of another
/// process of the rank. Returns the number after the last.
std::uint32_t renumber_threads(profile& p, std::uint32_t first) {
    std::uint32_t next = first;
    for (path& here : p.paths) {
        if (here.kind != path_kind::thread) continue;
        const std::string_view name = p.name(here);
        std::uint32_t number = 0;
        std::from_chars(name.data(), name.data() + name.size(), number);
        number += first;
        next = std::max(next, number + 1);
        here.name = static_cast<std::uint32_t>(p.names.size());
        p.names.push_back(std::to_string(number));
    }
    p = canonical(p, dimension::processes);
    return next;
}

}  // namespace

std::string ranks_text(std::span<const rank_range> ranks) {
    std::string text;
    for (const rank_range& r : ranks)
        text += fmt::format("{}{}{}", text.empty() ? "" : ", ", r.first,
                            r.last > r.first ? fmt::format("-{}", r.last) : "");
    return text;
}

piece describe(const profile& p, std::string file) {
    piece known{.file = std::move(file),
                .ranks = p.ranks,
                .world_size = p.world_size,
                .job = p.job,
                .started = p.started,
                .first_pid = p.first_pid,
                .has_rows = !p.components.empty(),
                .threads_apart = has_threads(p)};
    for (const component_columns& c : p.components)
        for (const std::uint64_t laps : c.laps) known.laps += laps;
    const std::vector<std::byte> bytes = serialise(p);
    known.content = XXH3_64bits(bytes.data(), bytes.size());
    return known;
}

join_plan plan_join(std::span<const piece> pieces, const join_options& options) {
    return planner(pieces, options).make();
}

std::vector<profile> join(const join_plan& plan, std::span<const piece> pieces,
                          const join_options& options,
                          const std::function<profile(const piece&)>& read) {
    std::vector<profile> joined;
    for (const auto& group : plan.groups) {
        std::optional<profile> whole;
        for (std::size_t i = 0; i < group.size();) {
            const ranges& ranks = group[i].ranks;
            std::optional<profile> of_ranks;
            std::uint32_t threads = 0;  // numbers given
            for (; i < group.size() && group[i].ranks == ranks; ++i) {
                profile p = read(pieces[group[i].piece]);
                if (options.collapse_threads && has_threads(p))
                    p = collapse_threads(p, options.max_paths);
                if (p.ranks.empty()) p = seal(std::move(p), ranks[0].first, plan.world_size);
                p.world_size = plan.world_size;
                if (!of_ranks && (i + 1 == group.size() || group[i + 1].ranks != ranks)) {
                    of_ranks = std::move(p);
                    continue;
                }
                threads = renumber_threads(p, threads);
                const std::uint32_t all = p.threads + (of_ranks ? of_ranks->threads : 0);
                of_ranks =
                    of_ranks
                        ? canonical(merge(*of_ranks, p, dimension::processes, options.max_paths),
                                    dimension::processes)
                        : std::move(p);
                of_ranks->threads = all;
            }
            whole = whole ? merge(*whole, *of_ranks, dimension::ranks, options.max_paths)
                          : std::move(*of_ranks);
        }
        joined.push_back(std::move(*whole));
    }
    return joined;
}

}  // namespace tim
