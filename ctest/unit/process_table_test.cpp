// Where the processes of a job ran, and how they ended, through the fold.

#include "profile/process_table.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <tuple>
#include <vector>

#include "profile/merge.hpp"

namespace tim {
namespace {

constexpr std::uint32_t no_limit = UINT32_MAX;

profile of_rank(std::uint32_t rank, std::uint32_t size, const char* host, const char* end,
                std::uint32_t threads = 1) {
    profile p = empty_profile();
    p.threads = threads;
    describe_process(p, host, end);
    return seal(std::move(p), rank, size);
}

profile folded(const std::vector<profile>& ranks) {
    profile all = ranks[0];
    for (std::size_t i = 1; i < ranks.size(); ++i)
        all = merge(all, deserialise(serialise(ranks[i])), dimension::ranks, no_limit);
    return all;
}

using row = std::tuple<std::string, std::string, std::string, std::uint32_t>;

std::vector<row> rows_of(std::span<const profile> profiles) {
    std::vector<row> rows;
    for (const process_group& g : process_groups(profiles))
        rows.emplace_back(g.host, ranks_text(g), g.end, g.threads);
    return rows;
}

TEST(process_table, ranks_of_equal_processes_are_a_range) {
    std::vector<profile> ranks;
    for (std::uint32_t rank = 0; rank < 8; ++rank)
        ranks.push_back(of_rank(rank, 8, rank < 4 ? "b" : "a", rank == 5 ? "killed" : "ended",
                                rank == 0 ? 3 : 1));
    const std::vector<row> expected{{"b", "0", "ended", 3},
                                    {"b", "1-3", "ended", 1},
                                    {"a", "3 of 4-7", "ended", 1},
                                    {"a", "5", "killed", 1}};
    EXPECT_EQ(rows_of(std::array{folded(ranks)}), expected);
    EXPECT_EQ(rows_of(ranks), expected);  // kept apart
}

TEST(process_table, does_not_grow_with_the_ranks) {
    std::vector<profile> ranks;
    for (std::uint32_t rank = 0; rank < 1000; ++rank)
        ranks.push_back(of_rank(rank, 1000, rank % 2 == 0 ? "even" : "odd", "ended"));
    const profile all = folded(ranks);
    EXPECT_EQ(all.find_table(process_table_name)->rows(), 2U);
    EXPECT_EQ(rows_of(std::array{all}), (std::vector<row>{{"even", "500 of 0-998", "ended", 1},
                                                          {"odd", "500 of 1-999", "ended", 1}}));
}

TEST(process_table, several_processes_of_a_rank) {
    profile p = empty_profile();
    describe_process(p, "a", "ended");
    p = merge(p, p, dimension::threads, no_limit);
    p = seal(std::move(p), 3, 4);
    const process_group g = process_groups(std::array{p}).at(0);
    EXPECT_EQ(g.processes, 2U);
    EXPECT_EQ(ranks_text(g), "3");
    EXPECT_EQ(p.find_table(process_table_name)->values[0].sum, 6);
}

TEST(process_table, is_described_anew) {
    profile p = empty_profile();
    describe_process(p, "a", "running");
    describe_process(p, "a", "ended");
    EXPECT_EQ(rows_of(std::array{seal(p, 0, 1)}), (std::vector<row>{{"a", "0", "ended", 0}}));
}

}  // namespace
}  // namespace tim
