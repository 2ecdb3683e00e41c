#include "output/record.hpp"

#include <gtest/gtest.h>

#include "random_profile.hpp"

namespace tim::test {
namespace {

std::vector<std::byte> bytes_of(const record& r) {
    std::vector<std::byte> bytes;
    serialise_record(r.measured, r.run, [&](std::span<const std::byte> piece) {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
    });
    return bytes;
}

record sample() {
    random_source random{3};
    record r;
    r.measured.mpi = true;
    r.measured.collapsed_ranks = false;
    for (int i = 0; i < 4; ++i)
        r.measured.profiles.push_back(
            random_profile(random, static_cast<std::uint32_t>(i), 4, 20, true));
    r.run.metadata = R"({"a": [1, "é"]})";
    r.run.settings = {{"precision", "3", "environment"}, {"width", "", "default"}};
    return r;
}

TEST(record, is_the_same_after_it_was_bytes) {
    const record r = sample();
    const record back = deserialise_record(bytes_of(r));
    EXPECT_EQ(back.measured.profiles, r.measured.profiles);
    EXPECT_EQ(back.measured.mpi, true);
    EXPECT_EQ(back.measured.collapsed_ranks, false);
    EXPECT_EQ(back.measured.collapsed_threads, true);
    EXPECT_EQ(back.run.metadata, r.run.metadata);
    EXPECT_EQ(back.run.settings, r.run.settings);
}

TEST(record, torn_bytes_are_refused) {
    const std::vector<std::byte> whole = bytes_of(sample());
    for (std::size_t size = 0; size < whole.size(); size += 1 + size / 7)
        EXPECT_THROW(deserialise_record(std::span{whole}.first(size)), malformed_profile) << size;
    std::vector<std::byte> more = whole;
    more.push_back(std::byte{0});
    EXPECT_THROW(deserialise_record(more), malformed_profile);
    more = whole;
    more[0] ^= std::byte{1};
    EXPECT_THROW(deserialise_record(more), malformed_profile);
}

TEST(record, of_this_process_has_every_setting_and_metadata) {
    const run_description run = describe_run();
    EXPECT_GT(run.settings.size(), 100U);
    EXPECT_NE(run.metadata.find("\"metadata\""), std::string::npos);
}

}  // namespace
}  // namespace tim::test
