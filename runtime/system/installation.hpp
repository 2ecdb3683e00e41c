// Where timemory is installed.

#pragma once

#include <filesystem>

namespace tim {

/// Folder of libtimemory.so, or of the program that this code is in. Empty if it can't be told.
std::filesystem::path installation_folder();

/// A library that is installed with timemory, such as libtimemory-cupti.so; empty if it is not.
std::filesystem::path installed_library(const char* name);

}  // namespace tim
