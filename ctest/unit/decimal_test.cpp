// Doubles as text, against std::to_chars.

#include "output/decimal.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace tim {
namespace {

std::string shortest(double value) {
    std::array<char, shortest_size> text;
    return {text.data(), write_shortest(value, text.data())};
}

std::string fixed(double value, int precision) {
    std::array<char, fixed_size> text;
    return {text.data(), write_fixed(value, precision, text.data())};
}

/// The digits from the first to the last that is not 0, without exponent and point.
std::string digits_of(std::string text) {
    if (const auto exponent = text.find('e'); exponent != std::string::npos) text.resize(exponent);
    std::erase_if(text, [](char c) { return c < '0' || c > '9'; });
    text.erase(0, text.find_first_not_of('0'));
    text.erase(text.find_last_not_of('0') + 1);
    return text;
}

/// Times of whole nanoseconds and parts of them, near ties too, and any bits at all.
std::vector<double> values() {
    std::vector<double> all{0.0,
                            -0.0,
                            1.0,
                            0.5,
                            0.1,
                            2.5,
                            1e-12,
                            999.999999999999,
                            1000.0,
                            123456789.0,
                            1e15,
                            1e17,
                            1e300,
                            5e-324,
                            std::numeric_limits<double>::max(),
                            std::numeric_limits<double>::min()};
    std::mt19937_64 random{2026};
    for (int i = 0; i < 100'000; ++i) {
        const auto whole = static_cast<double>(random() >> (random() % 60));
        for (const double value :
             {whole / 1e9, whole / 1e9 / 3, whole / 1e6 + 0.5, whole / 2e6,
              std::nextafter(whole / 2e6, 0.0), std::bit_cast<double>(random())})
            all.push_back(i % 2 == 0 ? value : -value);
    }
    return all;
}

TEST(decimal, the_shortest_text_reads_back_and_has_no_digit_too_many) {
    std::uint64_t finite = 0;
    for (const double value : values()) {
        const std::string text = shortest(value);
        if (!std::isfinite(value)) {
            EXPECT_EQ(text, "null");
            continue;
        }
        ++finite;
        double back = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), back);
        ASSERT_EQ(end.ptr, text.data() + text.size()) << text;
        ASSERT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(value)) << text;
        std::array<char, shortest_size> expected;
        char* stop = std::to_chars(expected.data(), expected.data() + expected.size(), value).ptr;
        ASSERT_EQ(digits_of(text).size(), digits_of(std::string(expected.data(), stop)).size())
            << text;
        ASSERT_NE(text.find_first_of(".e"), std::string::npos) << text;
    }
    EXPECT_GT(finite, 500'000U);
    EXPECT_EQ(shortest(0.0), "0.0");
    EXPECT_EQ(shortest(-2.0), "-2.0");
    EXPECT_EQ(shortest(16e-9), "0.000000016");
    EXPECT_EQ(shortest(1e300), "1e+300");
    EXPECT_EQ(shortest(std::numeric_limits<double>::infinity()), "null");
}

TEST(decimal, fixed_text_is_that_of_to_chars) {
    std::uint64_t compared = 0;
    for (const double value : values())
        for (const int precision : {0, 1, 3, 6, 12, 13}) {
            std::array<char, fixed_size> expected;
            char* end = std::to_chars(expected.data(), expected.data() + expected.size(), value,
                                      std::chars_format::fixed, precision)
                            .ptr;
            ASSERT_EQ(fixed(value, precision), std::string(expected.data(), end));
            ++compared;
        }
    EXPECT_GT(compared, 3'000'000U);
    EXPECT_EQ(fixed(0.0000005, 6), "0.000000");  // the double is below the half
    EXPECT_EQ(fixed(2.5, 0), "2");               // a tie goes to the even digit
}

}  // namespace
}  // namespace tim
