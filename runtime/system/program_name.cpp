#include "system/program_name.hpp"

namespace tim {
namespace {

bool is_python(std::string_view program) noexcept {
    if (program.substr(0, 6) != "python") return false;
    return program.find_first_not_of("0123456789.", 6) == std::string_view::npos;
}

std::string_view without_folder(std::string_view path) noexcept {
    return path.substr(path.find_last_of('/') + 1);
}

}  // namespace

std::string program_name(std::string_view program, std::span<const std::string> arguments) {
    program = without_folder(program);
    if (!is_python(program)) return std::string{program};
    std::string_view module;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string_view word = arguments[i];
        if (word == "-c") break;
        // Behind a module too: `python -m mpi4py script.py` runs the script.
        if (word.size() > 3 && word.substr(word.size() - 3) == ".py")
            return std::string{without_folder(word)};
        if (word == "-m" && module.empty() && i + 1 < arguments.size()) module = arguments[i + 1];
    }
    return std::string{module.empty() ? program : module};
}

}  // namespace tim
