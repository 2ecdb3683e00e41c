// Where outputs go: what stands for the run in the names that a user gives them.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "settings/settings.hpp"

namespace tim {

/// What is known of the process when its outputs are named.
struct run_facts {
    std::uint32_t rank = 0;
    std::uint32_t size = 1;
    std::vector<std::string> arguments;  ///< the command line, argv[0] first
};

/// The command line as the program gave it to timemory_init(). Before that, and without it, what
/// the system says.
void note_command_line(std::vector<std::string> arguments);
std::vector<std::string> command_line();

/// Whether a name tells processes apart, with `%p` or `%pid%`, or ranks, with `%r` or `%rank%`.
bool names_process(std::string_view text);
bool names_rank(std::string_view text);

/// Replaces `%pid%` `%p` `%job%` `%j` `%rank%` `%r` `%size%` `%s` `%m` `%tag%` `%arg0%` (to
/// `%argN%`) `%argv%` `%argt%` `%args%`, and `%tag_hash%` and so on; docs/outputs/names.md says
/// what each stands for. Everything else with a `%` stays as it is.
std::string substituted(std::string_view text, const run_facts& facts);

/// Settings as the writers need them: names without substitutions, `output_path` with the folder of
/// `time_output`, and `input_path` and `input_prefix` as they are without an assignment.
settings placed(settings s, const run_facts& facts);

/// When the library was loaded, as strftime says it in local time.
std::string launch_time(const std::string& format);

/// Hexadecimal MD5 of `text`: a short name for a command line, not a protection of anything.
std::string md5(std::string_view text);

}  // namespace tim
