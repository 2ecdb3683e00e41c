#include "fold/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "random_profile.hpp"

namespace tim {
namespace {

std::uint32_t rounds(std::uint32_t size) {
    return static_cast<std::uint32_t>(std::bit_width(size - 1));
}

TEST(schedule, knows_the_tree_of_eight_and_of_seven) {
    using list = std::vector<std::uint32_t>;
    EXPECT_EQ(schedule(0, 8).children, (list{1, 2, 4}));
    EXPECT_EQ(schedule(0, 8).parent, std::nullopt);
    EXPECT_EQ(schedule(4, 8).children, (list{5, 6}));
    EXPECT_EQ(schedule(4, 8).parent, 0u);
    EXPECT_EQ(schedule(6, 8).children, (list{7}));
    EXPECT_EQ(schedule(6, 7).children, (list{}));
    EXPECT_EQ(schedule(7, 8).parent, 6u);
}

TEST(schedule, every_rank_is_a_child_of_its_parent_and_reaches_rank_0) {
    std::size_t cases = 0;
    for (std::uint32_t size = 1; size <= 300; ++size) {
        std::size_t children = 0;
        for (std::uint32_t rank = 0; rank < size; ++rank) {
            const fold_schedule part = schedule(rank, size);
            ASSERT_EQ(part.parent.has_value(), rank != 0);
            ASSERT_LE(part.children.size(), rounds(size));
            ASSERT_TRUE(std::is_sorted(part.children.begin(), part.children.end()));
            for (const std::uint32_t child : part.children) {
                ASSERT_LT(child, size);
                ASSERT_GT(child, rank);
                ASSERT_EQ(schedule(child, size).parent, rank);
            }
            children += part.children.size();
            std::uint32_t depth = 0;
            for (std::uint32_t at = rank; at != 0; ++depth) {
                const std::uint32_t parent = *schedule(at, size).parent;
                const auto siblings = schedule(parent, size).children;
                ASSERT_EQ(std::count(siblings.begin(), siblings.end(), at), 1);
                at = parent;
            }
            ASSERT_LE(depth, rounds(size));
            ++cases;
        }
        ASSERT_EQ(children, size - 1);
    }
    test::report_cases(cases);
}

/// In round k a rank takes from its k-th child: nobody may still be busy with an earlier round.
TEST(schedule, ends_within_the_rounds) {
    for (std::uint32_t size = 1; size <= 300; ++size) {
        std::vector<std::uint32_t> done(size, 0);  // the round after which a rank has all it takes
        for (std::uint32_t rank = size; rank-- > 0;) {
            for (const std::uint32_t child : schedule(rank, size).children) {
                done[rank] = std::max(done[rank], done[child]) + 1;
            }
        }
        EXPECT_EQ(done[0], rounds(size)) << size;
    }
}

TEST(schedule, does_not_overflow_near_the_greatest_size) {
    const fold_schedule root = schedule(0, UINT32_MAX);
    EXPECT_EQ(root.children.size(), 32u);
    EXPECT_EQ(root.children.back(), 0x80000000u);
    const fold_schedule last = schedule(0xfffffffe, UINT32_MAX);
    EXPECT_EQ(last.parent, 0xfffffffcu);
    EXPECT_TRUE(last.children.empty());
}

TEST(schedule, has_no_part_for_a_rank_outside) {
    EXPECT_TRUE(schedule(3, 3).children.empty());
    EXPECT_EQ(schedule(3, 3).parent, std::nullopt);
    EXPECT_TRUE(schedule(0, 0).children.empty());
}

}  // namespace
}  // namespace tim
