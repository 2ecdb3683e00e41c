#include <gtest/gtest.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "profile/profile.hpp"
#include "random_profile.hpp"

namespace tim {
namespace {

using test::random_profile;
using test::random_source;

constexpr std::size_t body = 32;
constexpr std::size_t world_size_at = 56;
constexpr std::size_t counts_at = 88;  // of ranges, names, paths, components, losses, tables
constexpr std::size_t ranges_at = 112;

template <class T>
void put(std::vector<std::byte>& bytes, std::size_t at, T value) {
    ASSERT_LE(at + sizeof value, bytes.size());
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <class T>
T get(const std::vector<std::byte>& bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

/// Makes the length and the checksum right again, so that the checks behind them are reached.
void forge(std::vector<std::byte>& bytes) {
    put(bytes, 16, std::uint64_t{bytes.size()});
    put(bytes, 24, std::uint64_t{XXH3_64bits(bytes.data() + body, bytes.size() - body)});
}

/// The message with which the bytes are refused; empty if they are not.
std::string refusal(std::span<const std::byte> bytes) {
    try {
        deserialise(bytes);
    } catch (const malformed_profile& e) {
        return e.what();
    }
    return {};
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// Root, a, a/b, c with one component of two rows, by hand.
profile small() {
    profile p;
    p.names = {"", "a", "b", "c"};
    p.paths = {{.kind = path_kind::root},
               {.parent = 0, .name = 1, .kind = path_kind::region, .order = 1},
               {.parent = 1, .name = 2, .kind = path_kind::region, .order = 2},
               {.parent = 0, .name = 3, .kind = path_kind::region, .order = 3}};
    component_columns c;
    c.what = test::describe("wall_clock");
    random_source random(3);
    test::add_random_row(c, 1, 2, random);
    test::add_random_row(c, 3, 1, random);
    p.components = {c};
    p.losses = {{"regions left open", 2}};
    keyed_table t{.name = "traffic",
                  .description = "Bytes of a message",
                  .kind = quantity::memory,
                  .keys = {{"path", key_kind::path}, {"call", key_kind::text}},
                  .texts = {"MPI_Recv", "MPI_Send"},
                  .key = {1, 1, 2, 0},
                  .count = {2, 1},
                  .values = {{.sum = 10, .squares = 52, .min = 4, .max = 6},
                             {.sum = 3, .squares = 9, .min = 3, .max = 3}}};
    p.tables = {t};
    return seal(canonical(std::move(p), dimension::threads), 5, 8);
}

TEST(serialise, round_trip_is_exact) {
    std::size_t cases = 0;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        random_source random(seed);
        const auto rank = static_cast<std::uint32_t>(random.below(100));
        const profile p = random_profile(random, rank, 100, 60, true);
        const std::vector<std::byte> bytes = serialise(p);
        const profile back = deserialise(bytes);
        ASSERT_TRUE(back == p) << "seed " << seed;
        ASSERT_TRUE(serialise(back) == bytes) << "seed " << seed;
        ++cases;
    }
    test::report_cases(cases);
}

TEST(serialise, profiles_that_differ_have_different_bytes) {
    const profile p = small();
    const std::vector<std::byte> bytes = serialise(p);
    EXPECT_TRUE(serialise(small()) == bytes);
    profile q = p;
    q.first_pid += 1;
    EXPECT_FALSE(serialise(q) == bytes);
    q = p;
    q.components[0].fields[0].ranks[1].max_rank += 1;
    EXPECT_FALSE(serialise(q) == bytes);
    q = p;
    q.losses["regions left open"] += 1;
    EXPECT_FALSE(serialise(q) == bytes);
}

TEST(serialise, keeps_every_member) {
    profile p = small();
    p.job = 0x1122334455667788;
    p.first_pid = 4711;
    p.started = 0x99aabbccddeeff00;
    p.threads = 9;
    p.ranks = {{0, 3}, {5, 5}, {UINT32_MAX, UINT32_MAX}};
    component_description& what = p.components[0].what;
    what = {.id = "wall_clock",
            .label = "wall",
            .description = "Real-clock timer",
            .aliases = {"real_clock", "virtual_clock"},
            .enum_value = -7,
            .kind = quantity::percent,
            .unit = "\xff\x01 sec",
            .unit_value = 1e9,
            .type = number::real,
            .over_laps = combine::maximum,
            .over_threads = combine::sum,
            .over_ranks = combine::maximum,
            .per_thread = true,
            .ratio = false,
            .has_sum = false,
            .elements = {{.label = "only one",
                          .description = "Of a list",
                          .kind = quantity::rate,
                          .unit = "MB/sec",
                          .unit_value = 2.5}}};
    statistics& s = p.components[0].fields[0].laps[0];
    s.sum = std::numeric_limits<int128>::min();
    s.squares = std::numeric_limits<uint128>::max();
    s.min = std::numeric_limits<std::int64_t>::min();
    s.max = std::numeric_limits<std::int64_t>::max();
    EXPECT_TRUE(deserialise(serialise(p)) == p);
}

TEST(serialise, an_empty_profile_is_one) {
    EXPECT_TRUE(deserialise(serialise(profile{})) == profile{});
    const profile root = canonical(profile{}, dimension::threads);
    EXPECT_EQ(root.paths.size(), 1u);
    EXPECT_TRUE(deserialise(serialise(root)) == root);
}

TEST(serialise, layout_of_version_5_is_fixed) {
    const std::vector<std::byte> bytes = serialise(small());
    EXPECT_EQ(std::memcmp(bytes.data(), "TIMEPROF", 8), 0);
    EXPECT_EQ(get<std::uint32_t>(bytes, 8), 5u);
    EXPECT_EQ(get<std::uint64_t>(bytes, 16), bytes.size());
    EXPECT_EQ(get<std::uint32_t>(bytes, world_size_at), 8u);
    EXPECT_EQ(get<std::uint32_t>(bytes, counts_at), 1u);       // rank ranges
    EXPECT_EQ(get<std::uint32_t>(bytes, counts_at + 4), 4u);   // names
    EXPECT_EQ(get<std::uint32_t>(bytes, counts_at + 8), 4u);   // paths
    EXPECT_EQ(get<std::uint32_t>(bytes, counts_at + 12), 1u);  // components
    EXPECT_EQ(get<std::uint32_t>(bytes, counts_at + 16), 1u);  // losses
    EXPECT_EQ(get<std::uint32_t>(bytes, counts_at + 20), 1u);  // tables
    EXPECT_EQ(get<std::uint32_t>(bytes, ranges_at), 5u);
    EXPECT_EQ(get<std::uint32_t>(bytes, ranges_at + 4), 5u);
    EXPECT_EQ(get<std::uint32_t>(bytes, ranges_at + 8 + 4), 1u);  // length of the name "a"
    EXPECT_EQ(static_cast<char>(bytes[ranges_at + 8 + 16]), 'a');
}

TEST(deserialise, refuses_what_ends_at_any_byte_before_the_end) {
    const std::vector<std::byte> bytes = serialise(small());
    ASSERT_EQ(refusal(bytes), "");
    std::size_t cases = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        // A copy of exactly that size, so that a sanitizer sees a read beyond the end.
        std::vector<std::byte> cut(bytes.begin(),
                                   bytes.begin() + static_cast<std::ptrdiff_t>(size));
        ASSERT_TRUE(contains(refusal(cut), "at offset")) << size;
        if (size >= body) {
            forge(cut);
            ASSERT_TRUE(contains(refusal(cut), "at offset")) << size << ", forged";
        }
        ++cases;
    }
    test::report_cases(cases);
}

TEST(deserialise, refuses_bytes_after_the_end) {
    std::vector<std::byte> bytes = serialise(small());
    bytes.push_back(std::byte{0});
    EXPECT_TRUE(contains(refusal(bytes), "at offset 16"));
    forge(bytes);
    EXPECT_TRUE(contains(refusal(bytes), "1 bytes too many"));
}

TEST(deserialise, refuses_every_flipped_bit) {
    const std::vector<std::byte> bytes = serialise(small());
    std::size_t cases = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::vector<std::byte> flipped = bytes;
            flipped[at] ^= static_cast<std::byte>(1 << bit);
            ASSERT_TRUE(contains(refusal(flipped), "at offset")) << at << ", bit " << bit;
            ++cases;
        }
    }
    test::report_cases(cases);
}

/// With the checksum made right, what is damaged is refused or is the one form of another profile.
TEST(deserialise, survives_damage_that_the_checksum_does_not_show) {
    std::size_t refused = 0;
    std::size_t taken = 0;
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        random_source random(seed);
        std::vector<std::byte> bytes = serialise(random_profile(random, 1, 4, 12, true));
        for (std::uint64_t i = 1 + random.below(4); i != 0; --i) {
            // Half of the damage where the counts and the paths are.
            const std::size_t end =
                random.one_in(2) ? bytes.size() : std::min<std::size_t>(bytes.size(), 300);
            bytes[body + random.below(end - body)] = static_cast<std::byte>(random.below(256));
        }
        forge(bytes);
        std::optional<profile> p;
        try {
            p = deserialise(bytes);
        } catch (const malformed_profile& e) {
            ASSERT_TRUE(contains(e.what(), "at offset"));
            ++refused;
            continue;
        }
        ASSERT_TRUE(serialise(*p) == bytes) << "seed " << seed;
        // What is taken can be worked with.
        const profile both = merge(*p, small(), dimension::ranks, test::no_limit);
        ASSERT_TRUE(deserialise(serialise(both)) == both) << "seed " << seed;
        ++taken;
    }
    EXPECT_GT(refused, 1000u);
    EXPECT_GT(taken, 500u);
    test::report_cases(refused + taken);
}

TEST(deserialise, great_counts_are_refused_before_anything_is_allocated) {
    std::size_t cases = 0;
    for (std::size_t at = counts_at; at < ranges_at; at += 4) {
        for (const std::uint32_t count : {1000u, 0x10000000u, UINT32_MAX}) {
            std::vector<std::byte> bytes = serialise(small());
            put(bytes, at, count);
            forge(bytes);
            EXPECT_TRUE(contains(refusal(bytes), "at offset")) << at << ": " << count;
            ++cases;
        }
    }
    std::vector<std::byte> bytes = serialise(small());
    put(bytes, ranges_at + 8 + 4, UINT32_MAX);  // length of a name
    forge(bytes);
    EXPECT_TRUE(contains(refusal(bytes), "do not fit"));
    test::report_cases(cases);
}

TEST(deserialise, says_what_is_wrong_with_the_header) {
    const std::vector<std::byte> good = serialise(small());
    std::vector<std::byte> bytes = good;
    bytes[0] = std::byte{'X'};
    EXPECT_TRUE(contains(refusal(bytes), "magic is missing at offset 0"));
    bytes = good;
    put(bytes, 8, std::uint32_t{2});
    EXPECT_EQ(refusal(bytes), "malformed profile: version 2, and only 5 is known, at offset 8");
    bytes = good;
    bytes.back() ^= std::byte{1};
    EXPECT_TRUE(contains(refusal(bytes), "checksum")) << refusal(bytes);
    EXPECT_TRUE(contains(refusal({}), "at offset 0"));
}

/// Each way not to be canonical, one by one.
TEST(deserialise, refuses_what_is_not_canonical) {
    const profile good = small();
    ASSERT_EQ(refusal(serialise(good)), "");
    const auto refused = [&](auto change, std::string_view because) {
        profile p = good;
        change(p);
        const std::string message = refusal(serialise(p));
        EXPECT_TRUE(contains(message, because)) << because << ": '" << message << "'";
    };
    const auto rehash = [](profile& p) {
        for (path& here : p.paths) {
            const std::uint64_t above =
                here.kind == path_kind::root ? 0 : p.paths[here.parent].hash;
            here.hash = path_hash(above, here.kind, p.name(here));
        }
    };
    refused([](profile& p) { p.ranks = {{3, 2}}; }, "rank range that ends first");
    refused([](profile& p) { p.ranks = {{1, 2}, {3, 4}}; }, "not apart");
    refused([](profile& p) { p.ranks = {{4, 6}, {1, 2}}; }, "not apart");
    refused([](profile& p) { p.names[2] = "a"; }, "there before");
    refused([](profile& p) { std::swap(p.names[1], p.names[2]); }, "hash");
    refused(
        [&](profile& p) {
            std::swap(p.paths[1].name, p.paths[2].name);
            rehash(p);
        },
        "too early");
    refused([](profile& p) { p.names.push_back("unused"); }, "no path uses");
    refused([](profile& p) { p.paths[3].name = 9; }, "name that is not there");
    refused([](profile& p) { p.paths[1].parent = 1; }, "does not come first");
    refused([](profile& p) { p.paths[3].hash += 1; }, "hash");
    refused([](profile& p) { p.paths[0].kind = path_kind::region; }, "not the root");
    refused([](profile& p) { p.names[0] = "x"; }, "not the root");
    refused(
        [&](profile& p) {
            p.paths[2].kind = path_kind::root;
            p.paths[2].hash = path_hash(p.paths[1].hash, path_kind::root, p.name(p.paths[2]));
        },
        "second root");
    refused([](profile& p) { p.paths[1].kind = static_cast<path_kind>(5); }, "unknown kind");
    refused(
        [](profile& p) {
            p.paths[1].order = 3;
            p.paths[3].order = 1;
        },
        "siblings out of order");
    refused(
        [&](profile& p) {
            p.paths[2].parent = 0;
            p.paths[3].parent = 1;
            rehash(p);
        },
        "depth-first");
    refused([](profile& p) { p.paths.clear(); }, "without paths");
    refused([](profile& p) { p.components.push_back(p.components[0]); }, "not ascending");
    refused(
        [](profile& p) {
            component_columns rowless;
            rowless.what = test::describe("cpu_clock");
            rowless.fields.resize(1);
            p.components.insert(p.components.begin(), rowless);
        },
        "without rows");
    refused([](profile& p) { p.components[0].path = {1, 1}; }, "rows out of order");
    refused([](profile& p) { p.components[0].path = {3, 1}; }, "rows out of order");
    refused([](profile& p) { p.components[0].path = {1, 4}; }, "path that is not there");
    refused([](profile& p) { p.components[0].what.kind = static_cast<quantity>(6); },
            "quantity is 6");
    refused([](profile& p) { p.components[0].what.type = static_cast<number>(2); }, "is 2");
    refused([](profile& p) { p.components[0].what.over_ranks = static_cast<combine>(2); },
            "rule over ranks is 2");
    refused([](profile& p) { p.components[0].fields[0].ranks[1].ranks = 2; }, "more ranks");
}

}  // namespace
}  // namespace tim
