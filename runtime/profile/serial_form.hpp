// The serialised form of a profile, version 5. Little-endian, no padding, no alignment. `text` is a
// u32 length and so many bytes; `x[n]` is a column of n values.
//
//      0  magic "TIMEPROF" (8 bytes), u32 version, u32 0
//     16  u64 length of all, u64 checksum: XXH3-64 of everything from offset 32 on
//     32  u64 job, u64 first_pid, u64 started, u32 world_size, u32 threads
//         measuring: u64 regions, u64 nanoseconds, u64 memory
//         u32 number of rank ranges R, of names N, of paths P, of components, of losses, of tables
//         ranges:    u32 first[R], u32 last[R]
//         names:     u32 length[N], then their bytes, one after the other
//         paths:     u32 parent[P], u32 name[P], u32 first_rank[P], u32 order[P], u64 hash[P],
//                    u8 kind[P]
//         each component:
//                    text id, label, description, unit; u32 number of aliases, text each;
//                    i32 enum_value, u8 kind, type, over_laps, over_threads, over_ranks,
//                    per_thread, ratio, has_sum; f64 unit_value; u32 number of elements, each:
//                    text label, description, unit; u8 kind; f64 unit_value
//                    u32 number of rows M
//                    u32 path[M], u64 laps[M], and for each field:
//                    i128 value[M]
//                    over laps:  i128 sum[M], u128 squares[M], i64 min[M], i64 max[M]
//                    over ranks: u64 ranks[M], i128 sum[M], u128 squares[M], i64 min[M],
//                                i64 max[M], u32 min_rank[M], u32 max_rank[M]
//         each loss: text cause, u64 count
//         each table:
//                    text name, description; u8 quantity; u32 number of keys K, each: text name,
//                    u8 kind; u32 number of texts, text each; u32 number of rows M; for each key
//                    i64 key[M]; u64 count[M], i128 sum[M], u128 squares[M], i64 min[M], i64 max[M]
//
// Only canonical profiles are accepted, so that equal profiles are the same bytes, and the reverse.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tim::serial_form {

inline constexpr std::string_view magic = "TIMEPROF";
inline constexpr std::size_t length_offset = 16;
inline constexpr std::size_t checksum_offset = 24;
inline constexpr std::uint64_t body_offset = 32;

}  // namespace tim::serial_form
