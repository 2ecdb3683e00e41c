// The places that MPI calls came from, by function, file and line.
//
// They are recorded as modules and offsets. What is there is read from the debug information by
// another program, `timemory-sites`, so that no libdw comes into the measured one; and at the end
// of the job, while its modules are still those that ran.

#pragma once

#include <functional>
#include <future>
#include <map>
#include <string>

#include "profile/profile.hpp"

namespace tim {

/// What is shown of a frame of a call site, by what was recorded.
using frame_names = std::map<std::string, std::string, std::less<>>;

/// Begins to look up the frames of a profile, beside the caller. Nothing where there are none.
std::future<frame_names> look_up_call_sites(const profile& p) noexcept;

/// Replaces `<path>+0x<offset>@<build-id>` in the table of call sites by `<function> <file>:<line>
/// (<module>+0x<offset>)`; by what is known of that, where a module has no debug information, is
/// not here any more, or has another build-id. Does nothing where there are none. What is not among
/// the `known` ones is looked up now.
void name_call_sites(result& r, std::future<frame_names> known = {}) noexcept;

}  // namespace tim
