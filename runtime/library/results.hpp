// Results on their way to the user: files, tables, and the one line for each kind of loss.

#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "profile/profile.hpp"
#include "settings/settings.hpp"

namespace tim {

/// Whether a profile says anything.
bool has_rows(const profile& p) noexcept;

/// Writes a result as the settings say, announces that on `announce`, and says what was lost.
/// Nothing if there is nothing in it, or auto_output is off. Returns how many outputs failed.
int write_results(const result& r, const settings& s, std::FILE* announce);

/// One line on stderr: how many, what, and what to do.
void say_loss(std::string_view cause, std::uint64_t events);

/// What this process has measured, as timemory_get() gives it. `components` empty: all.
std::string local_text(int format, std::string_view components);

/// The components of a result in one of the formats of timemory_get().
std::string text_of(const result& r, const std::vector<std::string>& component_ids, int format);

/// Forgets what this thread, and those that have ended, measured of these components. Those that a
/// region measures together with others stay, with one line on stderr.
void clear(std::string_view components);

}  // namespace tim
