#include "output/notes.hpp"

#include <cstdlib>
#include <memory>

namespace tim {

std::string absolute_path(const std::string& path) {
    struct release {
        void operator()(char* text) const noexcept { std::free(text); }
    };
    const std::unique_ptr<char, release> real{realpath(path.c_str(), nullptr)};
    return real != nullptr ? real.get() : path;
}

std::string with_note(std::string_view before, const std::string& text_file) {
    constexpr std::string_view last = "LIST(REMOVE_DUPLICATES CTEST_NOTES_FILES)\n";
    std::string line = "LIST(APPEND CTEST_NOTES_FILES \"";
    for (const char c : absolute_path(text_file)) {
        if (c == '"' || c == '\\' || c == '$' || c == ';') line += '\\';
        line += c;
    }
    line += "\")\n";
    std::string text{before};
    if (text.ends_with(last)) text.resize(text.size() - last.size());
    if (!text.empty() && text.back() != '\n') text += '\n';
    if (text.find(line) == std::string::npos) text += line;
    return text.append(last);
}

}  // namespace tim
