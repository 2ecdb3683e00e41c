// What the sub-commands of `timemory` do, one file each; main.cpp declares the command line.

#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profile/profile.hpp"

namespace tim::cli {

/// What `timemory` exits with. `timemory run` exits with what its command does.
enum exit_code : int {
    ok = 0,
    failed = 1,  ///< nothing was found, or something that was found is broken
    wrong_usage = 2,
    cannot_execute = 126,  ///< `timemory run`, as env(1)
    not_found = 127,
};

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

struct recover_request {
    std::vector<std::string> inputs;   ///< jobs: folders of results, files, numbers; empty: all
    std::vector<std::string> folders;  ///< of arenas; empty: where they are by default
    std::string output;                ///< folder; empty: the job's
    bool completed = false;            ///< without the regions that were open
    bool list = false;                 ///< only show the jobs
    bool keep = false;                 ///< do not remove the arenas
    bool running = false;              ///< processes that are running too
    std::FILE* announce = stdout;      ///< gets the tables and the names of the files
};

exit_code recover(const recover_request& request);

struct run_request {
    std::vector<std::string> command;  ///< and its arguments
    bool merge = false;
    bool quiet = false;  ///< without the table of what the command took
    bool mpi = false;    ///< with the wrappers of MPI calls preloaded
    bool gpu = false;    ///< with GPU activity
    std::string output;  ///< folder of the results; empty: as without us
};

/// Returns what the command exits with; one that a signal ended ends this process by it too.
int run(const run_request& request);

struct top_request {
    std::string what;                  ///< process, folder of results or job; empty: the only one
    std::vector<std::string> folders;  ///< of arenas; empty: where they are by default
    std::string component = "wall_clock";
    double interval = 1;    ///< seconds
    std::size_t rows = 20;  ///< at most
    bool once = false;
    bool json = false;
};

exit_code top(const top_request& request);

/// What of a result is shown.
struct selection {
    std::string components;   ///< only these; empty: all
    std::string filter;       ///< regular expression of regions; empty: all
    std::string ranks;        ///< `0,2-3`; empty: all
    std::string threads;      ///< the same
    std::uint32_t depth = 0;  ///< levels; 0: all
};

struct report_request {
    std::vector<std::string> inputs;
    selection shown;
    std::string format = "text";          ///< one of report_formats()
    std::vector<std::string> parameters;  ///< NAME=VALUE, for Extra-P
    bool mpi = false;                     ///< the summary of MPI; `format` is one of mpi_formats()
    bool gpu = false;                     ///< the summary of GPUs; `format` is text or json
    std::string sort;    ///< what siblings are ordered by; empty: as they were first met
    std::string output;  ///< folder of all files; empty: the standard output
};

exit_code report(const report_request& request);
std::vector<std::string> report_formats();
std::vector<std::string> mpi_formats();

struct diff_request {
    std::string before;
    std::string now;
    selection shown;
    std::string format = "text";
};

exit_code diff(const diff_request& request);

struct avail_request {
    std::string pattern;  ///< regular expression; empty: all
    bool components = false;
    bool settings = false;
    bool json = false;
};

exit_code avail(const avail_request& request);

/// To the standard output; main() says where that failed.
void print(std::string_view text);

/// What is selected of a result. Empty, or what is wrong.
std::string select(result& r, const selection& wanted);

/// Of one setting, by its name or its option; empty: of all.
exit_code show_settings(const std::string& wanted);

/// A job's number, as --list and messages give it: hexadecimal. Empty if the text is none.
std::optional<std::uint64_t> job_number(std::string_view text);

}  // namespace tim::cli
