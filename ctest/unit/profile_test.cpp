#include "profile/profile.hpp"

#include <gtest/gtest.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <string>

#include "random_profile.hpp"

namespace tim {
namespace {

using test::random_source;

TEST(path_hash, is_xxh3_of_the_documented_bytes) {
    const std::uint64_t parent = 0x0102030405060708;
    const std::string name = "main loop";
    const std::array<unsigned char, 17> header = {8, 7, 6, 5, 4, 3, 2, 1, 2,
                                                  9, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_EQ(
        path_hash(parent, path_kind::region, name),
        XXH3_64bits_withSeed(name.data(), name.size(), XXH3_64bits(header.data(), header.size())));
}

TEST(path_hash, never_changes) {
    const std::uint64_t root = path_hash(0, path_kind::root, "");
    EXPECT_EQ(root, 0x5f461161ea0ecff1u);
    EXPECT_EQ(path_hash(root, path_kind::region, "main"), 0x616a2f1efa462168u);
}

TEST(path_hash, depends_on_parent_kind_and_name) {
    std::set<std::uint64_t> hashes;
    std::size_t cases = 0;
    for (const std::uint64_t parent : {0ull, 1ull, 1ull << 63}) {
        for (const path_kind kind : {path_kind::thread, path_kind::region, path_kind::capped}) {
            for (const char* name : {"", "a", "b", "ab", "0", "<capped>"}) {
                hashes.insert(path_hash(parent, kind, name));
                ++cases;
            }
        }
    }
    EXPECT_EQ(hashes.size(), cases);
    test::report_cases(cases);
}

TEST(profile, finds_components_by_id) {
    random_source random(1);
    profile p = test::random_profile(random, 0, 1, 200, true);
    ASSERT_FALSE(p.components.empty());
    for (const component_columns& c : p.components) EXPECT_EQ(p.find(c.what.id), &c);
    EXPECT_EQ(p.find("no_such_component"), nullptr);
}

TEST(real_numbers, keep_their_bits_in_the_storage_of_integers) {
    for (const double v :
         {0.0, -0.0, 1.5, -1.5, 1e308, -1e-308, std::numeric_limits<double>::infinity()}) {
        const double back = real_of(raw_of(v));
        EXPECT_EQ(back, v);
        EXPECT_EQ(std::signbit(back), std::signbit(v));
        EXPECT_TRUE(raw_of(v) >> 64 == 0);
        // statistics::min and max are 64 bits wide
        EXPECT_EQ(real_of(static_cast<std::int64_t>(raw_of(v))), v);
    }
}

component_columns ratio_row(int128 above, int128 below, number type = number::integer) {
    component_columns c;
    c.what = test::describe("cpu_util");
    c.what.ratio = true;
    c.what.type = type;
    c.path = {1};
    c.laps = {1};
    c.fields.resize(3);
    c.fields[0].value = {above};
    c.fields[1].value = {below};
    c.fields[2].value = {0};
    return c;
}

TEST(ratio_value, is_in_parts_per_million) {
    EXPECT_EQ(ratio_value(ratio_row(1, 2), 0), 500000);
    EXPECT_EQ(ratio_value(ratio_row(8, 2), 0), 4000000);
    EXPECT_EQ(ratio_value(ratio_row(-1, 4), 0), -250000);
    EXPECT_EQ(ratio_value(ratio_row(0, 7), 0), 0);
    EXPECT_EQ(ratio_value(ratio_row(raw_of(0.25), raw_of(0.5), number::real), 0), 500000);
}

TEST(ratio_value, is_zero_where_there_is_nothing_to_divide_by) {
    EXPECT_EQ(ratio_value(ratio_row(5, 0), 0), 0);
    EXPECT_EQ(ratio_value(ratio_row(5, -1), 0), 0);
    EXPECT_EQ(ratio_value(ratio_row(raw_of(5), raw_of(0), number::real), 0), 0);
    EXPECT_EQ(ratio_value(ratio_row(raw_of(5), raw_of(NAN), number::real), 0), 0);
    component_columns no_ratio = ratio_row(1, 2);
    no_ratio.what.ratio = false;
    EXPECT_EQ(ratio_value(no_ratio, 0), 0);
}

TEST(ratio_value, does_not_overflow) {
    const int128 greatest = std::numeric_limits<int128>::max();
    const int128 least = std::numeric_limits<int128>::min();
    EXPECT_EQ(ratio_value(ratio_row(greatest, 1), 0), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(ratio_value(ratio_row(least, 1), 0), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(ratio_value(ratio_row(greatest, greatest / 2), 0), 2000000);
    EXPECT_EQ(ratio_value(ratio_row(raw_of(1e300), raw_of(1), number::real), 0),
              std::numeric_limits<std::int64_t>::max());
}

statistics of(const std::vector<std::int64_t>& values) {
    statistics s;
    s.min = s.max = values.at(0);
    for (const std::int64_t v : values) {
        s.sum += v;
        s.squares += static_cast<uint128>(int128{v} * v);
        s.min = std::min(s.min, v);
        s.max = std::max(s.max, v);
    }
    return s;
}

TEST(statistics, of_a_small_set) {
    const statistics s = of({2, 4, 4, 4, 5, 5, 7, 9});
    EXPECT_EQ(mean(s, 8, number::integer), 5.0);
    EXPECT_EQ(standard_deviation(s, 8, number::integer), 2.0);
    EXPECT_EQ(mean(statistics{}, 0, number::integer), 0.0);
    EXPECT_EQ(standard_deviation(statistics{}, 0, number::integer), 0.0);
}

TEST(statistics, equal_values_deviate_by_exactly_nothing) {
    std::size_t cases = 0;
    random_source random(5);
    for (int i = 0; i < 2000; ++i) {
        const auto value = static_cast<std::int64_t>(random.below(1ull << (1 + random.below(52))));
        const std::int64_t sign = random.one_in(2) ? -1 : 1;
        const std::uint64_t n = 1 + random.below(1ull << (1 + random.below(22)));
        statistics s;
        s.sum = int128{sign * value} * static_cast<int128>(n);
        s.squares = static_cast<uint128>(int128{value} * value) * n;
        s.min = s.max = sign * value;
        ASSERT_EQ(standard_deviation(s, n, number::integer), 0.0) << value << " × " << n;
        ASSERT_EQ(mean(s, n, number::integer), static_cast<double>(sign * value));
        ++cases;
    }
    test::report_cases(cases);
}

TEST(statistics, a_small_deviation_of_great_values_is_exact) {
    // Doubles cancel here: the squares differ in the 30th decimal.
    const std::int64_t great = 1000000000000000;
    EXPECT_EQ(standard_deviation(of({great, great + 1}), 2, number::integer), 0.5);
    EXPECT_EQ(
        standard_deviation(of({-great, -great - 296, -great + 296, -great}), 4, number::integer),
        std::sqrt(2.0 * 296 * 296 / 4));
}

TEST(statistics, the_greatest_values_do_not_overflow) {
    const std::int64_t least = std::numeric_limits<std::int64_t>::min();
    const std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
    const double expected = 9223372036854775807.5;  // half the distance
    EXPECT_DOUBLE_EQ(standard_deviation(of({least, greatest}), 2, number::integer), expected);
    EXPECT_EQ(mean(of({least, greatest}), 2, number::integer), -0.5);
    // 2^60 values of 0 and 2^60 of 4 ns
    statistics many;
    many.sum = int128{4} << 60;
    many.squares = uint128{16} << 60;
    many.max = 4;
    EXPECT_EQ(standard_deviation(many, 1ull << 61, number::integer), 2.0);
}

TEST(statistics, sums_that_fit_no_values_give_zero_and_not_nan) {
    statistics s;
    s.sum = 100;
    s.squares = 1;
    EXPECT_EQ(standard_deviation(s, 1, number::integer), 0.0);
    s.sum = std::numeric_limits<int128>::min();
    EXPECT_EQ(standard_deviation(s, UINT64_MAX, number::integer), 0.0);
}

TEST(statistics, agree_with_two_passes_over_the_values) {
    std::size_t cases = 0;
    random_source random(9);
    for (int round = 0; round < 500; ++round) {
        std::vector<std::int64_t> values(1 + random.below(50));
        for (std::int64_t& v : values) v = static_cast<std::int64_t>(random.below(1000000007)) - 7;
        long double average = 0;
        for (const std::int64_t v : values) average += static_cast<long double>(v);
        average /= static_cast<long double>(values.size());
        long double squares = 0;
        for (const std::int64_t v : values) {
            const long double off = static_cast<long double>(v) - average;
            squares += off * off;
        }
        const long double expected = std::sqrt(squares / static_cast<long double>(values.size()));
        const double got = standard_deviation(of(values), values.size(), number::integer);
        ASSERT_NEAR(got, static_cast<double>(expected), 1e-6);
        ASSERT_NEAR(mean(of(values), values.size(), number::integer), static_cast<double>(average),
                    1e-6);
        ++cases;
    }
    test::report_cases(cases);
}

TEST(statistics, of_reals) {
    statistics s;
    s.sum = raw_of(0.5 + 1.5);
    s.squares = static_cast<uint128>(raw_of(0.25 + 2.25));
    s.min = static_cast<std::int64_t>(raw_of(0.5));
    s.max = static_cast<std::int64_t>(raw_of(1.5));
    EXPECT_EQ(mean(s, 2, number::real), 1.0);
    EXPECT_EQ(standard_deviation(s, 2, number::real), 0.5);
    statistics equal;
    equal.sum = raw_of(0.1 + 0.1 + 0.1);
    equal.squares = static_cast<uint128>(raw_of(0.1 * 0.1 * 3));
    equal.min = equal.max = static_cast<std::int64_t>(raw_of(0.1));
    EXPECT_EQ(standard_deviation(equal, 3, number::real), 0.0);
}

}  // namespace
}  // namespace tim
