// What is left of a job in files is joined into exactly what the fold would have given.

#include "fold/join.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "fold/reduce.hpp"
#include "fold/schedule.hpp"
#include "random_profile.hpp"

namespace tim {
namespace {

using test::no_limit;
using test::random_source;

/// The fold along the real schedule, where what a rank of `cut` sends does not arrive: it leaves
/// what it has. Rank 0 leaves the partial result. Every profile is in its serialised form, as on
/// the wire and in files.
class cut_fold {
public:
    cut_fold(const std::vector<profile>& ranks, const std::vector<bool>& cut, std::uint32_t group)
        : ranks_(ranks), cut_(cut), group_(group) {}

    /// What the files hold.
    std::vector<profile> left() {
        for (std::uint32_t leader = 0; leader < ranks_.size(); leader += group_) {
            profile folded = fold(leader, 0);
            left_.push_back(std::move(folded));  // rank 0 has it, or it was cut: a file either way
        }
        return std::move(left_);
    }

private:
    profile fold(std::uint32_t leader, std::uint32_t within) {
        const auto rest = static_cast<std::uint32_t>(ranks_.size()) - leader;
        profile folded = ranks_[leader + within];
        for (const std::uint32_t child : schedule(within, std::min(group_, rest)).children) {
            profile theirs = fold(leader, child);
            if (cut_[leader + child])
                left_.push_back(std::move(theirs));
            else
                folded = merge(folded, deserialise(serialise(theirs)), dimension::ranks, no_limit);
        }
        return folded;
    }

    const std::vector<profile>& ranks_;
    const std::vector<bool>& cut_;
    std::uint32_t group_;
    std::vector<profile> left_;
};

std::vector<profile> joined(const std::vector<profile>& left, const join_options& options) {
    std::vector<piece> pieces;
    for (std::size_t i = 0; i < left.size(); ++i)
        pieces.push_back(describe(left[i], std::to_string(i)));
    const join_plan plan = plan_join(pieces, options);
    EXPECT_EQ(plan.refusal, "");
    EXPECT_TRUE(plan.remarks.empty()) << plan.remarks.front();
    EXPECT_TRUE(plan.missing.empty()) << ranks_text(plan.missing);
    return join(plan, pieces, options,
                [&](const piece& p) { return left[static_cast<std::size_t>(&p - pieces.data())]; });
}

bool same_bytes(const std::vector<profile>& a, const std::vector<profile>& b) {
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(),
        [](const profile& x, const profile& y) { return serialise(x) == serialise(y); });
}

std::vector<profile> random_ranks(random_source& random, std::uint32_t size) {
    std::vector<profile> ranks;
    for (std::uint32_t rank = 0; rank < size; ++rank) {
        ranks.push_back(test::random_profile(random, rank, size, 12, false));
        ranks.back().started = 1 + random.below(1000);
    }
    return ranks;
}

constexpr join_options unlimited{.max_paths = no_limit};

TEST(join, gives_the_collective_result_whatever_ranks_were_missing) {
    std::size_t cases = 0;
    for (std::uint32_t size = 1; size <= 16; ++size) {
        random_source random(size);
        const std::vector<profile> ranks = random_ranks(random, size);
        const std::vector<bool> none(size, false);
        const std::vector<profile> whole = cut_fold(ranks, none, size).left();
        ASSERT_EQ(whole.size(), 1u);
        const std::size_t subsets = size <= 6 ? std::size_t{1} << size : 100;
        for (std::size_t subset = 0; subset < subsets; ++subset) {
            std::vector<bool> cut(size);
            for (std::uint32_t rank = 0; rank < size; ++rank)
                cut[rank] = size <= 6 ? (subset >> rank & 1) != 0 : random.one_in(2);
            std::vector<profile> left = cut_fold(ranks, cut, size).left();
            // The order of the files does not matter.
            for (std::size_t i = left.size(); i > 1; --i)
                std::swap(left[i - 1], left[random.below(i)]);
            ASSERT_TRUE(same_bytes(joined(left, unlimited), whole)) << size << " " << subset;
            ++cases;
        }
    }
    test::report_cases(cases);
}

TEST(join, gives_the_groups_of_node_count_and_the_ranks_apart) {
    std::size_t cases = 0;
    for (std::uint32_t size = 1; size <= 16; ++size) {
        random_source random(100 + size);
        const std::vector<profile> ranks = random_ranks(random, size);
        for (std::uint32_t groups = 1; groups <= size; ++groups) {
            const std::uint32_t each = group_size(true, groups, size);
            const std::vector<bool> none(size, false);
            const std::vector<profile> whole = cut_fold(ranks, none, each).left();
            std::vector<bool> cut(size);
            for (std::uint32_t rank = 0; rank < size; ++rank) cut[rank] = random.one_in(2);
            join_options options = unlimited;
            options.groups = groups;
            ASSERT_TRUE(same_bytes(joined(cut_fold(ranks, cut, each).left(), options), whole));
            // From ranks that were kept apart, too.
            ASSERT_TRUE(same_bytes(joined(ranks, options), whole));
            ++cases;
        }
        join_options apart = unlimited;
        apart.collapse_ranks = false;
        ASSERT_TRUE(same_bytes(joined(ranks, apart), ranks));
    }
    test::report_cases(cases);
}

TEST(join, folds_threads_that_were_kept_apart) {
    for (std::uint32_t size = 1; size <= 8; ++size) {
        random_source random(200 + size);
        std::vector<profile> apart;
        std::vector<profile> folded;
        for (std::uint32_t rank = 0; rank < size; ++rank) {
            const profile p =
                canonical(test::random_raw(random, rank, 12, false, 3), dimension::threads);
            apart.push_back(seal(p, rank, size));
            folded.push_back(seal(collapse_threads(p, no_limit), rank, size));
        }
        const std::vector<bool> none(size, false);
        EXPECT_TRUE(same_bytes(joined(apart, unlimited), cut_fold(folded, none, size).left()));
        join_options as_they_are = unlimited;
        as_they_are.collapse_threads = false;
        EXPECT_TRUE(same_bytes(joined(apart, as_they_are), cut_fold(apart, none, size).left()));
    }
}

/// A profile of `laps` laps of `/work`; a process without a rank where `rank` is negative.
profile working(int rank, std::uint32_t size, std::uint64_t laps, std::uint64_t pid,
                std::uint64_t started = 1) {
    random_source random(pid);
    profile raw;
    raw.names = {"", "work"};
    raw.paths = {{}, {.parent = 0, .name = 1, .kind = path_kind::region}};
    component_columns c;
    c.what = test::describe("wall_clock");
    test::add_random_row(c, 1, laps, random);
    raw.components.push_back(std::move(c));
    raw.job = 5;
    raw.first_pid = pid;
    raw.started = started;
    raw.threads = 1;
    profile p = canonical(raw, dimension::threads);
    return rank < 0 ? p : seal(std::move(p), static_cast<std::uint32_t>(rank), size);
}

struct outcome {
    join_plan plan;
    std::vector<profile> profiles;
};

outcome outcome_of(const std::vector<profile>& left, const join_options& options = unlimited) {
    std::vector<piece> pieces;
    for (std::size_t i = 0; i < left.size(); ++i)
        pieces.push_back(describe(left[i], "file" + std::to_string(i)));
    outcome o{.plan = plan_join(pieces, options), .profiles = {}};
    o.profiles = join(o.plan, pieces, options, [&](const piece& p) {
        return left[static_cast<std::size_t>(&p - pieces.data())];
    });
    return o;
}

std::uint64_t laps_of(const profile& p) {
    return p.components.at(0).laps.at(0);
}

TEST(join, takes_the_same_profile_once_and_says_nothing) {
    const outcome o =
        outcome_of({working(0, 2, 3, 10), working(1, 2, 4, 11), working(0, 2, 3, 10)});
    EXPECT_TRUE(o.plan.remarks.empty());
    EXPECT_EQ(laps_of(o.profiles.at(0)), 7u);
}

TEST(join, takes_of_two_that_differ_the_one_with_more_laps) {
    const outcome o = outcome_of({working(0, 1, 3, 10), working(0, 1, 5, 10)});
    ASSERT_EQ(o.plan.remarks.size(), 1u);
    EXPECT_EQ(o.plan.remarks[0],
              "'file0' is left out: 'file1' holds the same ranks with more laps (5, 3)");
    EXPECT_EQ(laps_of(o.profiles.at(0)), 5u);
}

TEST(join, names_the_ranks_that_are_missing) {
    const outcome o = outcome_of({working(1, 9, 1, 10), working(5, 9, 1, 11)});
    EXPECT_EQ(ranks_text(o.plan.missing), "0, 2-4, 6-8");
    EXPECT_EQ(laps_of(o.profiles.at(0)), 2u);
    EXPECT_EQ(o.profiles[0].world_size, 9u);
}

TEST(join, leaves_out_what_is_in_a_partial_result_already) {
    const profile zero = working(0, 2, 3, 10);
    const profile one = working(1, 2, 4, 11);
    const outcome o = outcome_of({one, merge(zero, one, dimension::ranks, no_limit)});
    ASSERT_EQ(o.plan.remarks.size(), 1u);
    EXPECT_EQ(o.plan.remarks[0],
              "'file0' is left out: other files hold the same ranks together with more");
    EXPECT_EQ(laps_of(o.profiles.at(0)), 7u);
}

TEST(join, refuses_to_take_ranks_and_threads_apart) {
    const profile both =
        merge(working(0, 2, 3, 10), working(1, 2, 4, 11), dimension::ranks, no_limit);
    join_options options = unlimited;
    options.collapse_ranks = false;
    EXPECT_EQ(outcome_of({both}, options).plan.refusal,
              "'file0' holds the ranks 0-1 folded into one, which cannot be undone: set "
              "TIMEMORY_COLLAPSE_PROCESSES to on");
    options = unlimited;
    options.collapse_threads = false;
    EXPECT_EQ(outcome_of({both}, options).plan.refusal,
              "'file0' holds its threads folded into one, which cannot be undone: set "
              "TIMEMORY_COLLAPSE_THREADS to on");
    // Where the ranks are there one by one, too, those are taken.
    options = unlimited;
    options.collapse_ranks = false;
    const outcome o = outcome_of({both, working(0, 2, 3, 10), working(1, 2, 4, 11)}, options);
    EXPECT_EQ(o.plan.refusal, "");
    ASSERT_EQ(o.profiles.size(), 2u);
    EXPECT_EQ(laps_of(o.profiles[1]), 4u);
}

TEST(join, makes_ranks_of_processes_in_the_order_in_which_they_began) {
    // Numbers of processes come again: the one that began first has the greatest.
    join_options apart = unlimited;
    apart.collapse_ranks = false;
    const outcome o = outcome_of(
        {working(-1, 1, 1, 7, 300), working(-1, 1, 2, 9, 100), working(-1, 1, 3, 8, 200)}, apart);
    ASSERT_EQ(o.profiles.size(), 3u);
    EXPECT_EQ(laps_of(o.profiles[0]), 2u);
    EXPECT_EQ(laps_of(o.profiles[1]), 3u);
    EXPECT_EQ(laps_of(o.profiles[2]), 1u);
    EXPECT_EQ(o.profiles[2].ranks, (std::vector<rank_range>{{2, 2}}));
    EXPECT_EQ(o.profiles[2].world_size, 3u);
}

TEST(join, folds_the_processes_of_a_rank_into_one_value_of_that_rank) {
    const std::vector<profile> left = {working(0, 2, 3, 10, 50), working(1, 2, 4, 11, 51),
                                       working(1, 2, 6, 12, 52)};
    const outcome o = outcome_of(left);
    ASSERT_EQ(o.plan.remarks.size(), 1u);
    EXPECT_EQ(o.plan.remarks[0], "2 processes are folded into the ranks that they belong to: 1");
    const profile& p = o.profiles.at(0);
    EXPECT_EQ(laps_of(p), 13u);
    const field_columns& wall = p.components[0].fields[0];
    EXPECT_EQ(wall.ranks[0].ranks, 2u);
    const int128 of_one =
        left[1].components[0].fields[0].value[0] + left[2].components[0].fields[0].value[0];
    EXPECT_EQ(wall.value[0], left[0].components[0].fields[0].value[0] + of_one);
    EXPECT_EQ(wall.ranks[0].values.max, std::max(of_one, left[0].components[0].fields[0].value[0]));
    EXPECT_TRUE(deserialise(serialise(p)) == p);
}

}  // namespace
}  // namespace tim
