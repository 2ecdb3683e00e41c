// The sub-commands of `timemory`, one file each.

#pragma once

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <string>
#include <string_view>

namespace tim::cli {

/// What `timemory` exits with. `timemory run` exits with what its command does.
enum exit_code : int {
    ok = 0,
    failed = 1,  ///< nothing was found, or something that was found is broken
    wrong_usage = 2,
};

/// Each adds one sub-command. Where it is the one that was asked for, parsing the command line runs
/// it and puts its exit code into `status`, which must live as long as `app`. The settings are in
/// force by then, the options of the command line included.
void add_settings(CLI::App& app, int& status);

/// One paragraph of `--help`: its title, and the lines as they are.
std::string examples(std::initializer_list<std::string_view> lines);

}  // namespace tim::cli
