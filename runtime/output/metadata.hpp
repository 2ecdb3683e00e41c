// metadata.json: what ran, where, with which settings, and what was written; and what the user
// adds.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "output/writers.hpp"

namespace tim {

/// The files that were written, by the label of their component.
struct written_files {
    std::map<std::string, std::vector<std::string>> text;
    std::map<std::string, std::vector<std::string>> json;
    measuring_cost own_cost;  ///< of the result that is in them
};

/// Adds a member to `info`, or replaces one of an earlier call: `value` is JSON, or else text.
/// Thread-safe.
void add_metadata(std::string_view label, std::string_view value);

/// `{"timemory":{"metadata":{"info":…,"settings":…,"output":…,"own_cost":…,
/// "environment":…}}}`, which can be
/// given to TIMEMORY_CONFIG_FILE. Of the environment only TIMEMORY_ and OMP_ variables: others may
/// be secret.
std::string metadata_document(const written_files& files);

/// From now on metadata_document() is of another run, whose document this is, with the files that
/// are written now.
void set_recorded_metadata(const std::string& document);

/// When metadata.json and functions.json are written: -1 never, 0 (the default) beside other files,
/// 1 also without any. `file_output` off wins.
void set_write_metadata(int mode) noexcept;
int write_metadata_mode() noexcept;

}  // namespace tim
