// The complete record of a job: everything that outputs are made of.

#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "profile/profile.hpp"

namespace tim {

struct setting_value {
    std::string name;
    std::string value;
    std::string origin;  ///< what gave it the value, as setting_origin_of() says it
    bool operator==(const setting_value&) const = default;
};

/// What is known of a run besides what was measured.
struct run_description {
    std::string metadata;  ///< as metadata.json has it
    std::vector<setting_value> settings;
};

struct record {
    result measured;
    run_description run;
};

/// This process, with the settings that are in force in it.
run_description describe_run();

/// A record as bytes, for another process of this version on this machine. `put` takes them in
/// pieces: they are never whole in memory.
void serialise_record(const result& measured, const run_description& run,
                      const std::function<void(std::span<const std::byte>)>& put);

/// Trusts nothing, as deserialise(). Throws malformed_profile.
record deserialise_record(std::span<const std::byte> bytes);

}  // namespace tim
