#include "profile/profile.hpp"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace tim {
namespace {

struct uint256 {
    uint128 high = 0;
    uint128 low = 0;
};

uint256 multiply(uint128 a, uint128 b) noexcept {
    constexpr auto half = [](uint128 v) { return v & ~std::uint64_t{0}; };
    const uint128 low = half(a) * half(b);
    const uint128 left = (a >> 64) * half(b);
    const uint128 right = half(a) * (b >> 64);
    const uint128 middle = (low >> 64) + half(left) + half(right);
    return {(a >> 64) * (b >> 64) + (left >> 64) + (right >> 64) + (middle >> 64),
            (middle << 64) | half(low)};
}

double to_double(const uint256& v) noexcept {
    return std::ldexp(static_cast<double>(v.high), 128) + static_cast<double>(v.low);
}

uint128 magnitude(int128 v) noexcept {
    return v < 0 ? -static_cast<uint128>(v) : static_cast<uint128>(v);
}

std::int64_t to_int64(double v) noexcept {
    constexpr double limit = 9223372036854775808.0;  // 2^63
    if (std::isnan(v)) return 0;
    if (v >= limit) return std::numeric_limits<std::int64_t>::max();
    if (v < -limit) return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(v);
}

}  // namespace

// hash = XXH3_64(name, seed = XXH3_64(header)), where header is 17 bytes, little-endian: the
// parent's hash (8), the kind (1) and the length of the name (8). No copy of the name is needed.
std::uint64_t path_hash(std::uint64_t parent, path_kind kind, std::string_view name) noexcept {
    unsigned char header[17];
    for (int i = 0; i < 8; ++i) {
        header[i] = static_cast<unsigned char>(parent >> (8 * i));
        header[9 + i] = static_cast<unsigned char>(std::uint64_t{name.size()} >> (8 * i));
    }
    header[8] = static_cast<unsigned char>(kind);
    return XXH3_64bits_withSeed(name.data(), name.size(), XXH3_64bits(header, sizeof header));
}

namespace {
constexpr std::size_t lap_digits = 8;
}

std::string lap_name(std::uint32_t lap, std::string_view region) {
    std::string name(lap_digits + 1, ':');
    for (std::size_t i = lap_digits; i-- > 0; lap >>= 4) name[i] = "0123456789abcdef"[lap & 15];
    return name.append(region);
}

std::string_view profile::shown_name(const path& p) const {
    const std::string_view whole = name(p);
    return p.kind == path_kind::lap ? whole.substr(std::min(whole.size(), lap_digits + 1)) : whole;
}

const component_columns* profile::find(std::string_view component_id) const noexcept {
    for (const component_columns& c : components) {
        if (c.what.id == component_id) return &c;
    }
    return nullptr;
}

const keyed_table* profile::find_table(std::string_view table_name) const noexcept {
    for (const keyed_table& t : tables) {
        if (t.name == table_name) return &t;
    }
    return nullptr;
}

double real_of(int128 raw) noexcept {
    return std::bit_cast<double>(static_cast<std::uint64_t>(raw));
}

int128 raw_of(double value) noexcept {
    return static_cast<int128>(std::bit_cast<std::uint64_t>(value));
}

std::int64_t ratio_value(const component_columns& c, std::size_t row) noexcept {
    if (!c.what.ratio) return 0;
    const int128 above = c.fields[0].value[row];
    const int128 below = c.fields[1].value[row];
    if (c.what.type == number::real) {
        const auto scale = static_cast<double>(c.what.quotient_scale());
        return real_of(below) > 0 ? to_int64(scale * real_of(above) / real_of(below)) : 0;
    }
    if (below <= 0) return 0;
    const std::int64_t scale = c.what.quotient_scale();
    const uint128 exact =
        std::numeric_limits<uint128>::max() / 2 / static_cast<std::uint64_t>(scale);
    if (magnitude(above) > exact) {
        return to_int64(static_cast<double>(scale) * static_cast<double>(above) /
                        static_cast<double>(below));
    }
    const int128 quotient = scale * above / below;
    if (magnitude(quotient) < uint128{1} << 63) return static_cast<std::int64_t>(quotient);
    return quotient < 0 ? std::numeric_limits<std::int64_t>::min()
                        : std::numeric_limits<std::int64_t>::max();
}

double mean(const statistics& s, std::uint64_t count, number type) noexcept {
    if (count == 0) return 0;
    const double n = static_cast<double>(count);
    if (type == number::real) return real_of(s.sum) / n;
    // Whole part and rest apart: the mean of equal values is that value.
    const auto divisor = static_cast<int128>(count);
    const int128 whole = s.sum / divisor;
    return static_cast<double>(whole) + static_cast<double>(s.sum % divisor) / n;
}

// variance = (n × squares − sum²) / n². Both products are computed in 256 bits, so their difference
// is exact; only the square root and the division are rounded.
double standard_deviation(const statistics& s, std::uint64_t count, number type) noexcept {
    if (count == 0) return 0;
    const double n = static_cast<double>(count);
    if (type == number::real) {
        if (s.min == s.max) return 0;  // rounding would leave a little
        const double average = real_of(s.sum) / n;
        return std::sqrt(
            std::max(0.0, real_of(static_cast<int128>(s.squares)) / n - average * average));
    }
    const uint256 scaled = multiply(s.squares, count);
    const uint256 squared = multiply(magnitude(s.sum), magnitude(s.sum));
    // Only a damaged profile, or the row of a <capped> path, can have a sum that is too great.
    if (scaled.high < squared.high || (scaled.high == squared.high && scaled.low <= squared.low)) {
        return 0;
    }
    const uint128 borrow = scaled.low < squared.low ? 1 : 0;
    return std::sqrt(to_double({scaled.high - squared.high - borrow, scaled.low - squared.low})) /
           n;
}

profile empty_profile() {
    profile p;
    p.paths.push_back({.hash = path_hash(0, path_kind::root, {})});
    p.names.emplace_back();
    return p;
}

}  // namespace tim
