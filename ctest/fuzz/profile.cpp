// Serialised profiles. A wrong checksum would end each input at once, so it is made right first.

#include "profile/profile.hpp"

#include <xxhash.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    // The layout is described in serialise.cpp.
    constexpr std::size_t length_offset = 16;
    constexpr std::size_t checksum_offset = 24;
    constexpr std::size_t body_offset = 32;
    std::vector<std::byte> input(size);
    if (size > 0) std::memcpy(input.data(), bytes, size);
    // The first bit of the last byte says whether the header is made right.
    if (size >= body_offset && (bytes[size - 1] & 1) == 0) {
        const std::uint64_t length = size;
        const std::uint64_t checksum = XXH3_64bits(bytes + body_offset, size - body_offset);
        const std::uint32_t version[] = {tim::serialised_version, 0};
        std::memcpy(input.data(), "TIMEPROF", 8);
        std::memcpy(input.data() + 8, version, sizeof version);
        std::memcpy(input.data() + length_offset, &length, sizeof length);
        std::memcpy(input.data() + checksum_offset, &checksum, sizeof checksum);
    }
    try {
        const tim::profile p = tim::deserialise(input);
        // What is accepted is canonical: written again it is the same.
        if (tim::serialise(p) != input) std::abort();
    } catch (const tim::malformed_profile&) {
    }
    return 0;
}
