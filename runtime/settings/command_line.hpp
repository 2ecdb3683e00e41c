// The settings on the command line of a program in C or C++.

#pragma once

#include <string>
#include <vector>

namespace tim {

struct argument {
    std::string name;  ///< a setting's
    std::string value;
};

struct arguments {
    std::vector<argument> assignments;  ///< in order
    std::vector<std::string> wrong;     ///< a line for each option that is wrong
};

/// Takes `--timemory-<option>=<value>`, `--timemory-<option> <value>` and
/// `--timemory-args <setting>=<value>...` out of a command line, up to a `--`. Options that are
/// wrong stay where they are.
arguments take_arguments(int& argc, char** argv);

}  // namespace tim
