// Writing one file: whole or not at all, and without harm to the measured program.

#pragma once

#include <csignal>
#include <functional>
#include <future>
#include <string>

#include "output/writers.hpp"

namespace tim {

/// Keeps a closed pipe behind stdout (SIGPIPE) and a limit on the size of files (SIGXFSZ) from
/// ending the measured program: while it lives, both are errors of write(2). The program does not
/// hear of the end of our children (SIGCHLD) either, as far as this thread would have been told.
class blocked_signals {
public:
    blocked_signals();
    ~blocked_signals();
    blocked_signals(const blocked_signals&) = delete;
    blocked_signals& operator=(const blocked_signals&) = delete;

    /// What is pending now is the program's own doing: it gets the signal at the end.
    void pending_is_the_programs() { sigemptyset(&caused_by_us_); }

private:
    sigset_t set_;
    sigset_t caused_by_us_;
    sigset_t before_;
};

/// While a thread of ours is started: it begins with its maker's mask, and handlers of the
/// program's are not to run on it.
class all_signals_blocked {
public:
    all_signals_blocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~all_signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    all_signals_blocked(const all_signals_blocked&) = delete;
    all_signals_blocked& operator=(const all_signals_blocked&) = delete;

private:
    sigset_t before_;
};

/// The folder that a file is in.
std::string folder_of(const std::string& path);

/// Makes a folder and those above it. 0, or an errno.
int make_folder(const std::string& folder);

/// Writes what `produce` puts out to a temporary name in the file's folder, which is then renamed:
/// a reader never sees half a file. 0, or the errno of the first thing that failed.
int write_file(const std::string& path, const std::function<void(const sink&)>& produce);

/// The same in a thread of its own, which runs no signal handler of the program's; where no thread
/// can be had, at get(). What `produce` refers to must outlive the future.
std::future<int> start_file(std::string path, std::function<void(const sink&)> produce);

/// What the user can do about an error of write_file() or make_folder().
std::string advice(int error);

}  // namespace tim
