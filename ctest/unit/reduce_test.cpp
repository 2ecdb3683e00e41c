// The fold over ranks with threads as ranks and mailboxes as MPI.

#include "fold/reduce.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "profile/merge.hpp"

namespace tim {
namespace {

using namespace std::chrono_literals;

/// A job of threads. A send is matched by a receive that is posted, and never otherwise, as with
/// MPI_Issend; a notice waits for its receive, and its sender does not.
class job {
public:
    explicit job(std::uint32_t size) : size_(size) {}

    /// What goes wrong.
    std::set<std::uint32_t> absent;  ///< never come to the barrier
    std::set<std::uint32_t> lost;    ///< pass the barrier and do nothing then
    std::map<std::uint32_t, std::chrono::milliseconds> late;  ///< come to the barrier late
    std::set<std::uint32_t> broken;   ///< every message to or from them is an error
    std::set<std::uint32_t> garbled;  ///< what they send arrives with its last byte changed
    std::set<std::uint32_t> full;     ///< can't write what is left to them
    std::set<std::uint32_t> killed;   ///< are gone after the fold, before anything is written

    struct request {
        std::uint32_t from = 0, to = 0, tag = 0;
        std::byte* into = nullptr;
        const std::byte* data = nullptr;
        std::size_t bytes = 0;
        bool barrier = false, notice = false, done = false, failed = false;
    };

    std::vector<reduce_outcome> run(const std::vector<profile>& profiles,
                                    const reduce_options& options);

    std::mutex mutex;
    std::map<request_handle, request> requests;
    std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::vector<std::byte>>
        notices;  ///< that nobody has received yet, by from, to and tag
    request_handle next = 1;
    std::uint32_t arrived = 0;

    /// After run(): the ranks whose profile is on a disk, as they know it.
    std::set<std::uint32_t> sure;

    [[nodiscard]] std::uint32_t size() const { return size_; }

private:
    std::uint32_t size_;
};

thread_local job* my_job = nullptr;
thread_local std::uint32_t my_rank = 0;

request_handle begin(job::request r) {
    const std::lock_guard lock(my_job->mutex);
    if (!r.barrier && (my_job->broken.contains(r.from) || my_job->broken.contains(r.to))) return 0;
    const request_handle handle = my_job->next++;
    if (const auto waiting = my_job->notices.find({r.from, r.to, r.tag});
        r.into != nullptr && waiting != my_job->notices.end()) {
        std::ranges::copy(waiting->second, r.into);
        r.done = true;
        my_job->notices.erase(waiting);
    }
    for (auto& [other, o] : my_job->requests) {
        if (r.barrier || o.barrier || o.done || o.from != r.from || o.to != r.to ||
            o.tag != r.tag || r.done || (o.data == nullptr) == (r.data == nullptr))
            continue;
        job::request& send = o.data ? o : r;
        job::request& receive = o.data ? r : o;
        if (send.bytes > receive.bytes) {
            send.failed = receive.failed = true;
        } else {
            std::memcpy(receive.into, send.data, send.bytes);
            if (my_job->garbled.contains(send.from) && send.tag == 2)
                receive.into[send.bytes - 1] ^= std::byte{1};
        }
        o.done = r.done = true;
        break;
    }
    if (r.barrier) ++my_job->arrived;
    if (r.notice && !r.done) {
        my_job->notices[{r.from, r.to, r.tag}] = {r.data, r.data + r.bytes};
        r.done = true;
    }
    my_job->requests[handle] = r;
    return handle;
}

int test(request_handle handle) {
    const std::lock_guard lock(my_job->mutex);
    const auto it = my_job->requests.find(handle);
    if (it == my_job->requests.end()) return -1;
    const job::request r = it->second;
    const bool done = r.barrier ? my_job->arrived == my_job->size() : r.done;
    if (!done) return 0;
    my_job->requests.erase(it);
    return r.failed ? -1 : 1;
}

int cancel(request_handle handle) {
    const std::lock_guard lock(my_job->mutex);
    const auto it = my_job->requests.find(handle);
    if (it == my_job->requests.end()) return 0;
    const job::request r = it->second;
    my_job->requests.erase(it);
    return !r.barrier && r.done && !r.failed ? 1 : 0;
}

const communicator fake{
    .version = communicator_version,
    .state = [] { return 1; },
    .call_at_finalize = [](void (*)()) { return 0; },
    .initialise = [](int) { return -1; },
    .finalise = [] { return -1; },
    .rank = [] { return my_rank; },
    .size = [] { return my_job->size(); },
    .begin_barrier = [] { return begin({.barrier = true}); },
    .begin_send =
        [](std::uint32_t to, std::uint32_t tag, const void* data, std::size_t bytes) {
            return begin({.from = my_rank,
                          .to = to,
                          .tag = tag,
                          .data = static_cast<const std::byte*>(data),
                          .bytes = bytes});
        },
    .begin_notice =
        [](std::uint32_t to, std::uint32_t tag, const void* data, std::size_t bytes) {
            return begin({.from = my_rank,
                          .to = to,
                          .tag = tag,
                          .data = static_cast<const std::byte*>(data),
                          .bytes = bytes,
                          .notice = true});
        },
    .begin_receive =
        [](std::uint32_t from, std::uint32_t tag, void* data, std::size_t bytes) {
            return begin({.from = from,
                          .to = my_rank,
                          .tag = tag,
                          .into = static_cast<std::byte*>(data),
                          .bytes = bytes});
        },
    .test = test,
    .cancel = cancel,
};

std::vector<reduce_outcome> job::run(const std::vector<profile>& profiles,
                                     const reduce_options& options) {
    std::vector<reduce_outcome> outcomes(size_);
    std::vector<std::thread> ranks;
    for (std::uint32_t r = 0; r < size_; ++r)
        ranks.emplace_back([&, r] {
            my_job = this;
            my_rank = r;
            if (absent.contains(r)) return;
            if (lost.contains(r)) {
                begin({.barrier = true});
                return;
            }
            if (const auto it = late.find(r); it != late.end())
                std::this_thread::sleep_for(it->second);
            outcomes[r] = reduce(profiles[r], fake, options);
            if (killed.contains(r)) return;
            const bool mine = !outcomes[r].results.empty() || !outcomes[r].undelivered.empty();
            if (confirm(outcomes[r], fake, !mine || !full.contains(r))) {
                const std::lock_guard lock(mutex);
                sure.insert(r);
            }
        });
    for (std::thread& t : ranks) t.join();
    return outcomes;
}

/// The sealed profile of a rank: two paths that all ranks have, one that only this rank has, one
/// that only every third rank has, and values that differ by rank.
profile sample(std::uint32_t rank, std::uint32_t size) {
    profile p;
    p.ranks = {{rank, rank}};
    p.world_size = size;
    p.job = 42;
    p.first_pid = 1000 + rank;
    p.threads = 1 + rank % 3;
    p.names = {"", "main", "step", "own" + std::to_string(rank), "third"};
    const std::vector<std::pair<std::uint32_t, std::uint32_t>> shape = {
        {0, 0}, {0, 1}, {1, 2}, {1, 3}, {0, 4}};
    const std::size_t paths = rank % 3 == 0 ? 5 : 4;
    for (std::uint32_t i = 0; i < paths; ++i) {
        const auto [parent, name] = shape[i];
        const path_kind kind = i == 0 ? path_kind::root : path_kind::region;
        p.paths.push_back(
            {.parent = parent,
             .name = name,
             .kind = kind,
             .hash = path_hash(i == 0 ? 0 : p.paths[parent].hash, kind, p.names[name]),
             .first_rank = rank,
             .order = i});
    }
    p.names.resize(paths);
    component_columns c;
    c.what.id = c.what.label = "wall_clock";
    c.what.kind = quantity::time;
    c.fields.resize(1);
    for (std::uint32_t i = 1; i < paths; ++i) {
        const std::int64_t value = 1000 * i + (rank * 7919) % 101;
        c.path.push_back(i);
        c.laps.push_back(2);
        c.fields[0].value.push_back(value + 1);
        c.fields[0].laps.push_back({.sum = value + 1,
                                    .squares = static_cast<uint128>(value * value + 1),
                                    .min = 1,
                                    .max = value});
        c.fields[0].ranks.emplace_back();
    }
    p.components.push_back(std::move(c));
    if (rank % 2 == 1) p.losses["pops without push"] = rank;
    return seal(canonical(std::move(p), dimension::laps), rank, size);
}

std::vector<profile> samples(std::uint32_t size) {
    std::vector<profile> all;
    for (std::uint32_t r = 0; r < size; ++r) all.push_back(sample(r, size));
    return all;
}

/// What the fold must give: the profiles merged one after the other.
profile merged(const std::vector<profile>& all, const std::set<std::uint32_t>& without = {}) {
    std::optional<profile> sum;
    for (std::uint32_t r = 0; r < all.size(); ++r)
        if (!without.contains(r))
            sum = sum ? merge(*sum, all[r], dimension::ranks, 1000000) : all[r];
    return *sum;
}

void expect_same_bytes(const profile& a, const profile& b) {
    EXPECT_EQ(a, b);
    EXPECT_EQ(serialise(a), serialise(b));
}

/// Every rank's profile is in exactly one place: the result, or what some rank keeps.
void expect_no_rank_twice_or_nowhere(const std::vector<reduce_outcome>& outcomes,
                                     const std::set<std::uint32_t>& gone) {
    std::vector<int> seen(outcomes.size());
    for (const reduce_outcome& o : outcomes)
        for (const auto* profiles : {&o.results, &o.undelivered})
            for (const profile& p : *profiles)
                for (const rank_range& r : p.ranks)
                    for (std::uint32_t rank = r.first; rank <= r.last; ++rank) ++seen[rank];
    for (std::uint32_t r = 0; r < seen.size(); ++r)
        EXPECT_EQ(seen[r], gone.contains(r) ? 0 : 1) << "rank " << r;
}

TEST(reduce, collapsed_equals_direct_merging_for_1_to_17_ranks) {
    for (std::uint32_t size = 1; size <= 17; ++size) {
        SCOPED_TRACE(size);
        const std::vector<profile> all = samples(size);
        const auto outcomes = job(size).run(all, {});
        ASSERT_EQ(outcomes[0].results.size(), 1U);
        expect_same_bytes(outcomes[0].results[0], merged(all));
        EXPECT_EQ(outcomes[0].results[0].ranks, (std::vector<rank_range>{{0, size - 1}}));
        for (std::uint32_t r = 0; r < size; ++r) {
            EXPECT_EQ(outcomes[r].missing, 0U);
            EXPECT_TRUE(outcomes[r].undelivered.empty());
            EXPECT_EQ(outcomes[r].reason, "");
            EXPECT_EQ(outcomes[r].results.empty(), r != 0);
        }
    }
}

TEST(reduce, uncollapsed_gives_every_rank_ascending) {
    for (const std::uint32_t size : {1U, 2U, 3U, 7U, 16U, 17U}) {
        SCOPED_TRACE(size);
        const std::vector<profile> all = samples(size);
        const auto outcomes = job(size).run(all, {.collapse_ranks = false});
        ASSERT_EQ(outcomes[0].results.size(), size);
        for (std::uint32_t r = 0; r < size; ++r) {
            expect_same_bytes(outcomes[0].results[r], all[r]);
            EXPECT_TRUE(outcomes[r].undelivered.empty());
        }
        EXPECT_EQ(outcomes[0].missing, 0U);
    }
}

TEST(reduce, groups_of_consecutive_ranks_are_kept_apart) {
    for (const std::uint32_t size : {1U, 2U, 5U, 7U, 16U, 17U}) {
        for (const std::uint32_t groups : {2U, 3U, 4U, 20U}) {
            SCOPED_TRACE(std::to_string(size) + " ranks, " + std::to_string(groups) + " groups");
            const std::vector<profile> all = samples(size);
            const auto outcomes = job(size).run(all, {.groups = groups});
            const std::uint32_t width =
                (size + std::min(groups, size) - 1) / std::min(groups, size);
            const auto& results = outcomes[0].results;
            ASSERT_EQ(results.size(), (size + width - 1) / width);
            for (std::uint32_t g = 0; g < results.size(); ++g) {
                const std::uint32_t first = g * width;
                const std::uint32_t end = std::min(first + width, size);
                expect_same_bytes(results[g], merged({all.begin() + first, all.begin() + end}));
            }
            EXPECT_EQ(outcomes[0].missing, 0U);
            for (const auto& o : outcomes) EXPECT_TRUE(o.undelivered.empty());
        }
    }
}

TEST(reduce, a_rank_that_never_comes_leaves_every_profile_where_it_is) {
    for (const std::uint32_t gone : {0U, 1U, 4U}) {
        SCOPED_TRACE(gone);
        const std::vector<profile> all = samples(5);
        job j(5);
        j.absent = {gone};
        const auto outcomes = j.run(all, {.timeout = 80ms});
        for (std::uint32_t r = 0; r < 5; ++r) {
            if (r == gone) continue;
            EXPECT_TRUE(outcomes[r].results.empty());
            ASSERT_EQ(outcomes[r].undelivered.size(), 1U);
            expect_same_bytes(outcomes[r].undelivered[0], all[r]);
            EXPECT_EQ(outcomes[r].reason, "not all ranks of the job reached the end within 0.06 s");
        }
        if (gone != 0) {
            EXPECT_EQ(outcomes[0].missing, 4U);
        }
    }
}

TEST(reduce, late_ranks_are_waited_for) {
    const std::vector<profile> all = samples(9);
    job j(9);
    j.late = {{0, 30ms}, {3, 120ms}, {8, 60ms}};
    const auto outcomes = j.run(all, {});
    ASSERT_EQ(outcomes[0].results.size(), 1U);
    expect_same_bytes(outcomes[0].results[0], merged(all));
    EXPECT_EQ(outcomes[0].missing, 0U);
}

TEST(reduce, a_leaf_that_is_lost_takes_nothing_with_it) {
    const std::vector<profile> all = samples(11);
    job j(11);
    j.lost = {5, 7};  // leaves of the tree, below 4 and 6
    const auto outcomes = j.run(all, {.timeout = 2000ms});
    ASSERT_EQ(outcomes[0].results.size(), 1U);
    expect_same_bytes(outcomes[0].results[0], merged(all, {5, 7}));
    EXPECT_EQ(outcomes[0].results[0].ranks, (std::vector<rank_range>{{0, 4}, {6, 6}, {8, 10}}));
    EXPECT_EQ(outcomes[0].missing, 2U);
    expect_no_rank_twice_or_nowhere(outcomes, j.lost);
}

TEST(reduce, the_ranks_below_a_lost_one_keep_their_profiles) {
    const std::vector<profile> all = samples(16);
    job j(16);
    j.lost = {4};  // 5, 6 and 7 send through it, 7 through 6
    const auto outcomes = j.run(all, {.timeout = 2000ms});
    ASSERT_EQ(outcomes[0].results.size(), 1U);
    expect_same_bytes(outcomes[0].results[0], merged(all, {4, 5, 6, 7}));
    EXPECT_EQ(outcomes[0].missing, 4U);
    ASSERT_EQ(outcomes[5].undelivered.size(), 1U);
    expect_same_bytes(outcomes[5].undelivered[0], all[5]);
    EXPECT_EQ(outcomes[5].reason, "rank 4 did not take it within 0.5 s");
    ASSERT_EQ(outcomes[6].undelivered.size(), 1U);
    expect_same_bytes(outcomes[6].undelivered[0], merge(all[6], all[7], dimension::ranks, 1000000));
    expect_no_rank_twice_or_nowhere(outcomes, j.lost);
}

TEST(reduce, rank_0_lost_after_the_barrier_leaves_subtrees_complete) {
    const std::vector<profile> all = samples(8);
    job j(8);
    j.lost = {0};
    const auto outcomes = j.run(all, {.timeout = 400ms});
    for (const std::uint32_t r : {1U, 2U, 4U}) ASSERT_EQ(outcomes[r].undelivered.size(), 1U);
    EXPECT_EQ(outcomes[4].undelivered[0].ranks, (std::vector<rank_range>{{4, 7}}));
    expect_no_rank_twice_or_nowhere(outcomes, j.lost);
}

TEST(reduce, uncollapsed_a_lost_rank_takes_nothing_with_it) {
    const std::vector<profile> all = samples(7);
    job j(7);
    j.lost = {1, 4};
    const auto outcomes = j.run(all, {.collapse_ranks = false, .timeout = 400ms});
    ASSERT_EQ(outcomes[0].results.size(), 5U);
    std::vector<std::uint32_t> ranks;
    for (const profile& p : outcomes[0].results) ranks.push_back(p.ranks[0].first);
    EXPECT_EQ(ranks, (std::vector<std::uint32_t>{0, 2, 3, 5, 6}));
    EXPECT_EQ(outcomes[0].missing, 2U);
    expect_no_rank_twice_or_nowhere(outcomes, j.lost);
}

TEST(reduce, errors_of_mpi_are_absences) {
    const std::vector<profile> all = samples(8);
    job j(8);
    j.broken = {6};
    const auto outcomes = j.run(all, {.timeout = 400ms});
    ASSERT_EQ(outcomes[0].results.size(), 1U);
    expect_same_bytes(outcomes[0].results[0], merged(all, {6, 7}));
    EXPECT_EQ(outcomes[0].missing, 2U);
    expect_no_rank_twice_or_nowhere(outcomes, {});
}

TEST(reduce, what_arrives_damaged_is_left_out_and_counted) {
    const std::vector<profile> all = samples(4);
    job j(4);
    j.garbled = {3};
    const auto outcomes = j.run(all, {});
    ASSERT_EQ(outcomes[0].results.size(), 1U);
    expect_same_bytes(outcomes[0].results[0], merged(all, {3}));
    EXPECT_EQ(outcomes[0].missing, 1U);
}

std::set<std::uint32_t> all_but(std::uint32_t size, const std::set<std::uint32_t>& without) {
    std::set<std::uint32_t> ranks;
    for (std::uint32_t r = 0; r < size; ++r)
        if (!without.contains(r)) ranks.insert(r);
    return ranks;
}

TEST(confirm, all_are_sure_when_rank_0_has_written) {
    for (std::uint32_t size = 1; size <= 17; ++size)
        for (const bool collapsed : {true, false}) {
            SCOPED_TRACE(size);
            job j(size);
            j.run(samples(size), {.collapse_ranks = collapsed});
            EXPECT_EQ(j.sure, all_but(size, {}));
        }
}

TEST(confirm, none_is_sure_when_rank_0_could_not_write) {
    for (const bool collapsed : {true, false}) {
        job j(9);
        j.full = {0};
        j.run(samples(9), {.collapse_ranks = collapsed});
        EXPECT_EQ(j.sure, all_but(9, all_but(9, {})));
    }
}

TEST(confirm, none_is_sure_when_rank_0_dies_before_it_has_written) {
    job j(9);
    j.killed = {0};
    j.run(samples(9), {.timeout = 3000ms});
    EXPECT_EQ(j.sure, (std::set<std::uint32_t>{}));
}

TEST(confirm, a_rank_whose_profile_came_damaged_is_not_sure) {
    job j(4);
    j.garbled = {3};  // 3 sends through 2
    j.run(samples(4), {});
    EXPECT_EQ(j.sure, (std::set<std::uint32_t>{0, 1, 2}));
}

TEST(confirm, what_is_left_to_a_rank_counts_as_what_it_could_write_of_it) {
    for (const bool full : {false, true}) {
        job j(16);
        j.lost = {4};  // 5, 6 and 7 send through it, 7 through 6
        if (full) j.full = {6};
        j.run(samples(16), {.timeout = 2000ms});
        EXPECT_EQ(j.sure, all_but(16, full ? std::set{4U, 6U, 7U} : std::set{4U}));
    }
}

TEST(confirm, without_the_barrier_each_rank_answers_for_itself) {
    job j(5);
    j.absent = {1};
    j.full = {3};
    j.run(samples(5), {.timeout = 80ms});
    EXPECT_EQ(j.sure, all_but(5, {1, 3}));
}

TEST(reduce, max_paths_holds_at_every_rank) {
    const std::vector<profile> all = samples(16);
    const auto outcomes = job(16).run(all, {.max_paths = 8});
    ASSERT_EQ(outcomes[0].results.size(), 1U);
    const profile& p = outcomes[0].results[0];
    EXPECT_LE(p.paths.size(), 8U + 3U);  // and <capped> under the paths it belonged to
    EXPECT_GT(p.losses.at("capped paths"), 0U);
    const component_columns& c = *p.find("wall_clock");
    std::uint64_t laps = 0;
    for (const std::uint64_t n : c.laps) laps += n;
    EXPECT_EQ(laps, 16U * 2 * 3 + 6 * 2);  // three paths on every rank, a fourth on six
}

}  // namespace
}  // namespace tim
