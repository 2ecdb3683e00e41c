// The life of the library in a process: initialise, record, finalize; and what ends where.

#pragma once

#include <string>
#include <string_view>

#include "profile/profile.hpp"
#include "record/recorder.hpp"
#include "settings/settings.hpp"

namespace tim {

/// Reads the environment, calibrates the clock, opens the arena and starts recording; once.
/// `program` names the output folder; empty: the program's own name. A later call with a name only
/// changes that folder's name. Where only tools begin it, in a program that may know nothing of us,
/// what would go to stdout goes to stderr.
enum class beginner { program, tool };
void initialise(std::string_view program, beginner by = beginner::program);
bool is_initialised() noexcept;  ///< and not finalized
bool is_fresh() noexcept;        ///< never initialised

/// The folder of a program's results where no setting says another: `timemory-<program>-output`.
std::string output_folder(std::string_view program);

/// Reads the environment if that was not done yet.
void ensure_settings();

/// Ends recording. Writes the results, or under MPI leaves that to MPI_Finalize. Never waits for
/// another rank.
void finalize() noexcept;

/// See timemory_before_abort().
void before_abort() noexcept;

/// Writes what was recorded so far into `folder` (empty: the setting) and goes on. Collective under
/// MPI. Returns an empty string or what went wrong.
std::string report(std::string_view folder);

/// This process is one of several that write into one folder without MPI: see
/// timemory_mark_child().
void mark_child() noexcept;

/// The settings in force, with the names that files written now would have.
settings file_settings();

/// The profile of this process so far.
profile local_profile();

/// The recorder of this thread if regions are recorded; null after counting what is lost otherwise.
recorder* recorder_or_loss() noexcept;

/// Puts the settings that every edge reads into force: after each change of a setting.
void apply_settings();

void pause() noexcept;
void resume() noexcept;

/// What `tool` measures by the settings: "trace", "profiler" or "mpip"; empty for another name. The
/// first of its settings that is not empty counts, see first_given(), and the default components
/// come last.
std::string tool_components(std::string_view tool);

/// The components of traces; empty: those of the settings.
void set_trace_components(std::string_view list);

/// The default components, a stack of lists. An empty optional in front: what the settings say.
void set_default_components(std::string_view list);
void add_default_components(std::string_view list);
void remove_default_components(std::string_view list);
void push_default_components(std::string_view list);
bool pop_default_components();
const bundle& default_bundle();

/// See timemory_before_results().
bool call_before_results(void (*function)(int last)) noexcept;

/// Looks for an MPI that was initialised meanwhile.
void notice_mpi() noexcept;

}  // namespace tim
