// Running a helper program, without harm to the measured one.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "system/descriptor.hpp"

namespace tim {

/// A program that runs beside this one, in a process group of its own, without the environment of
/// MPI and of timemory: it is neither a rank of the job nor measured.
class child_process {
public:
    using clock = std::chrono::steady_clock;

    /// What its standard streams are: descriptors of ours.
    struct streams {
        int input = -1;  ///< -1: there is none
        int output = -1;
        int errors = -1;
    };

    child_process() = default;
    /// Starts `command`, whose first word is looked for in PATH if it has no slash.
    child_process(const std::vector<std::string>& command, const streams& s);

    /// 0, or the errno of why it was not started.
    [[nodiscard]] int error() const noexcept { return error_; }

    /// Its exit status as from waitpid(); ends it, and all that it started, and returns nothing if
    /// it does not end in time. 0 where the measured program reaps all its children, or ignores
    /// their end: then what the child wrote counts. Once.
    std::optional<int> wait(clock::time_point deadline);

private:
    std::optional<int> wait_until(clock::time_point deadline) const;

    pid_t process_ = -1;
    int error_ = 0;
};

struct pipe_ends {
    pipe_ends();  ///< both closed if there are no descriptors left: errno says why
    descriptor read;
    descriptor write;
};

/// What comes out of a pipe until nobody holds its other end; of more than a MiB the first. Nothing
/// if that takes too long.
std::optional<std::string> read_until(int end, child_process::clock::time_point deadline);

/// The last line of what a program said, without our name before it.
std::string last_line(std::string_view text);

}  // namespace tim
