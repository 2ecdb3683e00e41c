#include "system/installation.hpp"

#include <dlfcn.h>
#include <link.h>

#include <string_view>
#include <system_error>

namespace tim {

std::filesystem::path installation_folder() {
    Dl_info self{};
    void* object = nullptr;
    if (dladdr1(reinterpret_cast<void*>(&installation_folder), &self, &object, RTLD_DL_LINKMAP) ==
        0)
        return {};
    const std::string_view name = static_cast<const link_map*>(object)->l_name;
    std::error_code error;
    // The program itself has no name there.
    const std::filesystem::path file = name.empty()
                                           ? std::filesystem::read_symlink("/proc/self/exe", error)
                                           : std::filesystem::path{name};
    return file.parent_path();
}

std::filesystem::path installed_library(const char* name) {
    const std::filesystem::path folder = installation_folder();
    std::error_code error;
    for (const std::filesystem::path& place : {folder, folder / TIMEMORY_LIBRARIES_FROM_COMMAND})
        if (std::filesystem::exists(place / name, error)) return (place / name).lexically_normal();
    return {};
}

}  // namespace tim
