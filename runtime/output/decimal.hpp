// Doubles as decimal text.
//
// std::to_chars gives the same digits, but at 10,000 rows its general algorithms took a third of
// the time of writing all files (callgrind: 165 of 433 million instructions). What is written are
// times of whole nanoseconds and values of few digits, which need one multiplication; the rest goes
// to std::to_chars.

#pragma once

#include <cstddef>
#include <cstdint>

namespace tim {

/// Most decimals that write_fixed() writes.
constexpr std::int64_t greatest_precision = 60;

/// Characters that write_shortest() needs at most: 17 digits with a sign, a point and an exponent.
constexpr std::size_t shortest_size = 32;

/// Characters that write_fixed() needs at most: 309 digits, a sign, a point and the decimals.
constexpr std::size_t fixed_size = 512;

/// A number as JSON has it: with the fewest digits that read back as the same double, always with a
/// point or an exponent; `null` for what JSON has no number for (infinite, not a number). Returns
/// the end.
char* write_shortest(double value, char* to) noexcept;

/// `%.<precision>f`: rounded to nearest, of the double's exact value. `precision` is at least 0.
char* write_fixed(double value, int precision, char* to) noexcept;

}  // namespace tim
