#include "output/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace tim {
namespace {

/// Powers of ten that are exact as doubles and as integers.
constexpr std::array<std::uint64_t, 13> powers{1,
                                               10,
                                               100,
                                               1'000,
                                               10'000,
                                               100'000,
                                               1'000'000,
                                               10'000'000,
                                               100'000'000,
                                               1'000'000'000,
                                               10'000'000'000,
                                               100'000'000'000,
                                               1'000'000'000'000};

/// `number` / 10^`decimals`, with all of the decimals.
char* write_scaled(std::uint64_t number, std::size_t decimals, char* to) {
    to = std::to_chars(to, to + 20, number / powers[decimals]).ptr;
    if (decimals == 0) return to;
    // A 1 before them, where the point will be, keeps the zeros that they begin with.
    char* const end = std::to_chars(to, to + 20, powers[decimals] + number % powers[decimals]).ptr;
    *to = '.';
    return end;
}

/// `magnitude` without the zeros that may end it, if it is a number of `decimals` decimals with at
/// most 15 digits. Of those no two are the same double: so if the division, rounded once, tells
/// that one is this double, its digits are the fewest.
template <std::size_t decimals>
char* try_decimals(double magnitude, char* to) {
    constexpr auto scale = static_cast<double>(powers[decimals]);
    const double scaled = magnitude * scale;
    if (!(scaled < 1e15)) return nullptr;
    const auto number = static_cast<std::uint64_t>(std::llround(scaled));
    if (static_cast<double>(number) / scale != magnitude) return nullptr;
    char* end = write_scaled(number, decimals, to);
    while (end[-1] == '0' && end[-2] != '.') --end;
    return end;
}

}  // namespace

char* write_shortest(double value, char* to) noexcept {
    if (!std::isfinite(value)) {
        constexpr std::string_view nothing = "null";
        return std::copy(nothing.begin(), nothing.end(), to);
    }
    if (std::signbit(value)) *to++ = '-';
    const double magnitude = std::abs(value);
    for (const auto attempt : {try_decimals<3>, try_decimals<9>, try_decimals<12>})
        if (char* const end = attempt(magnitude, to)) return end;
    char* end = std::to_chars(to, to + shortest_size - 3, magnitude).ptr;
    // A reader that tells integers from reals must find a real.
    if (std::none_of(to, end, [](char c) { return c == '.' || c == 'e'; })) {
        *end++ = '.';
        *end++ = '0';
    }
    return end;
}

char* write_fixed(double value, int precision, char* to) noexcept {
    const auto decimals = static_cast<std::size_t>(precision);
    if (decimals < powers.size()) {
        // The product is off by at most 2^-53 of itself, below 1e-6 here, so that it rounds as the
        // exact value does unless it is that near to a half.
        const double scaled = std::abs(value) * static_cast<double>(powers[decimals]);
        const double whole = std::floor(scaled);
        const double fraction = scaled - whole;
        if (scaled < 1e9 && std::abs(fraction - 0.5) > 1e-6) {
            if (std::signbit(value)) *to++ = '-';
            const auto number = static_cast<std::uint64_t>(whole) + (fraction > 0.5 ? 1 : 0);
            return write_scaled(number, decimals, to);
        }
    }
    return std::to_chars(to, to + fixed_size, value, std::chars_format::fixed, precision).ptr;
}

}  // namespace tim
