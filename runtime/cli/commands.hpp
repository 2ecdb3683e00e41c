// The sub-commands of `timemory`, one file each.

#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tim::cli {

/// What `timemory` exits with. `timemory run` exits with what its command does.
enum exit_code : int {
    ok = 0,
    failed = 1,  ///< nothing was found, or something that was found is broken
    wrong_usage = 2,
    cannot_execute = 126,  ///< `timemory run`, as env(1)
    not_found = 127,
};

/// Each adds one sub-command. Where it is the one that was asked for, parsing the command line runs
/// it and puts its exit code into `status`, which must live as long as `app`. The settings are in
/// force by then, the options of the command line included.
void add_merge(CLI::App& app, int& status);
void add_recover(CLI::App& app, int& status);
void add_settings(CLI::App& app, int& status);
void add_top(CLI::App& app, int& status);
/// `command` is the command that is to be run and its arguments, filled before parsing.
void add_run(CLI::App& app, int& status, const std::vector<std::string>& command);

/// One paragraph of `--help`: its title, and the lines as they are.
std::string examples(std::initializer_list<std::string_view> lines);

struct merge_request {
    std::vector<std::string> inputs;  ///< files, and folders whose files are meant
    std::string output;               ///< folder; empty: the first input
    std::string components;           ///< only these; empty: all
    std::string job;                  ///< hexadecimal; empty: the only one
    std::string profile;              ///< where the merged profile is written; empty: nowhere
    std::FILE* announce = stdout;     ///< gets the tables and the names of the files
};

/// Merges the serialised profiles and writes the outputs as the settings say. Errors are one line
/// each on stderr.
exit_code merge_profiles(const merge_request& request);

/// `timemory recover FOLDER` for each, with the tables on `announce`.
void recover_from(const std::vector<std::string>& folders, std::FILE* announce);

/// A job's number, as --list and messages give it: hexadecimal. Empty if the text is none.
std::optional<std::uint64_t> job_number(std::string_view text);

/// The serialised profiles in a folder, in the order of their names.
std::vector<std::string> profiles_in(const std::string& folder);

}  // namespace tim::cli
