// Settings: what a user can choose, from files, the environment, the command line and code.
//
// Order: default, configuration files, environment, then the command line and code, of which the
// later assignment wins. A value that does not parse leaves the setting as it was and is an error
// that names the setting, the value and what is accepted.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tim {

enum class setting_type : std::uint8_t { boolean, int16, int32, int64, uint16, uint64, size, text };

/// Where the value in force came from; a later kind wins over an earlier one, and the last two are
/// equals.
enum class setting_origin : std::uint8_t { standard, file, environment, command_line, code };

/// One row of the table, as every generated view of it sees it. The texts end with a zero.
struct setting_info {
    std::string_view name;         ///< `flat_profile`
    std::string_view environment;  ///< `TIMEMORY_FLAT_PROFILE`
    setting_type type;
    std::string_view standard;  ///< default, as text
    std::string_view group;
    std::string_view command_line;  ///< `-C --config`; empty if only `--args` reaches it
    std::string_view choices;       ///< `op|ai`: accepted besides the default; empty for anything
    std::string_view description;
};

/// The rows of settings.def, in its order.
std::span<const setting_info> setting_table() noexcept;

/// The type as C++ names it, as the help shows it: `unsigned short`, `std::string`.
std::string_view type_name(setting_type type) noexcept;

/// Every setting as a value: what writers and the fold are given.
struct settings {
    using boolean = bool;
    using int16 = std::int64_t;
    using int32 = std::int64_t;
    using int64 = std::int64_t;
    using uint16 = std::int64_t;
    using uint64 = std::int64_t;
    using size = std::int64_t;
    using text = std::string;
#define SETTING(type, name, suffix, standard, group, command_line, choices, description) \
    type name = standard;
#include "settings/settings.def"
#undef SETTING
};

/// The settings in force, as a copy. Thread-safe; takes a lock: not for the way in and out of a
/// region.
settings current_settings();

/// The value of one setting as text; empty optional if there is no such setting.
std::optional<std::string> get_setting(std::string_view name);

/// Assigns a setting. `name` is the setting's name or its environment variable; `where` is the
/// place in a file (`job.cfg:12`). Returns an empty string, or one line that says what is wrong
/// (unknown name with the nearest one, or the value and what is accepted).
std::string set_setting(std::string_view name, std::string_view value, setting_origin from,
                        std::string_view where = {});

/// Takes back what files, or the environment, have assigned: for when suppress_config or
/// suppress_parsing is only known after they were read.
void forget_settings(setting_origin from);

/// Assigns nothing: says what is wrong with a value, as set_setting() would, or gives it in the
/// form that get_setting() has it.
std::string check_setting(std::string_view name, std::string_view value, std::string& normal);

/// Where the value in force came from: `default`, `job.cfg:12`, `environment`, `command line` or
/// `code`; empty if there is no such setting.
std::string setting_origin_of(std::string_view name);

/// A table of every setting with its value in force and where it came from, for people.
std::string explain_settings();

/// Reads the configuration files and the environment, once; each value that does not parse, and
/// each TIMEMORY_ variable that names no setting, gives one line on stderr.
void read_environment();

/// Reads the files of the setting `config_file` that were not read yet, unless `suppress_config` is
/// on. For when one of the two was assigned later.
void read_config_files();

/// The setting that `option` means: its name, its environment variable, or one of its long options,
/// with or without the dashes (`--timemory-flat-profile`, `flat-profile`); empty if none.
std::string_view setting_of_option(std::string_view option);

/// A TIMEMORY_ variable that is no setting (TIMEMORY_PRINT_MIN, TIMEMORY_PEAK_RSS_ENABLED): from
/// the environment, else from a configuration file.
std::optional<std::string> find_variable(std::string_view name);

/// "on" for true and so on: parses a boolean. Accepted: on, off, true, false, yes, no, y, n, t, f,
/// 1, 0 and all-digit numbers, in any case.
std::optional<bool> parse_boolean(std::string_view text) noexcept;

}  // namespace tim
