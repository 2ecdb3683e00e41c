// The one way in which the library speaks to the user.

#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

namespace tim {

/// One line on stderr, with `timemory: ` in front. A stderr that is closed or full is not the
/// program's problem: never throws.
void say(std::string_view line) noexcept;

/// As say(), on the first rank of a job only: for what all ranks would say alike.
void say_once_per_job(std::string_view line) noexcept;

/// Whether this process is the first of its job, or alone. All ranks of a job are given one
/// environment and one command line: what is wrong with them is said by the first.
bool first_of_job() noexcept;

/// The setting `debug`, for whoever has details to say.
extern std::atomic<bool> debugging;

/// As say(), if the setting `debug` is on.
void say_detail(std::string_view line) noexcept;

/// A text of others as part of a line: what is no printable UTF-8 becomes `?`, and what is longer
/// than `most` bytes is cut and ends with `...`.
std::string shown(std::string_view text, std::size_t most = 100);

}  // namespace tim
