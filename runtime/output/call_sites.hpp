// The places that MPI calls came from, by function, file and line.
//
// They are recorded as modules and offsets. What is there is read from the debug information by
// another program, `timemory-sites`, so that no libdw comes into the measured one; and at the end
// of the job, while its modules are still those that ran.

#pragma once

#include "profile/profile.hpp"

namespace tim {

/// Replaces `<path>+0x<offset>@<build-id>` in the table of call sites by `<function> <file>:<line>
/// (<module>+0x<offset>)`; by what is known of that, where a module has no debug information, is
/// not here any more, or has another build-id. Does nothing where there are none. Never throws.
void name_call_sites(result& r);

}  // namespace tim
