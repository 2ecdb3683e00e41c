// Notes for CTest: a CMake file that adds our text tables to the notes of a dashboard submission.

#pragma once

#include <string>
#include <string_view>

namespace tim {

/// What `CTestNotes.txt` holds after `text_file` was added to `before`, its content so far. A file
/// stands in it once; its path is made absolute, since the dashboard script may run anywhere.
std::string with_note(std::string_view before, const std::string& text_file);

/// The absolute path of an existing file; as given if there is none.
std::string absolute_path(const std::string& path);

}  // namespace tim
