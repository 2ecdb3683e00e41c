#include "library/tool_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <atomic>
#include <string>

#include "settings/say.hpp"
#include "system/installation.hpp"

namespace tim {

void open_tool_of(std::string_view component) noexcept {
    // All that tools book so far is cupti_activity.
    static std::atomic<bool> opened{false};
    if (component != "cupti_activity" || opened.exchange(true)) return;
    try {
        const std::string file = installed_library("libtimemory-cupti.so");
        // RTLD_LOCAL: nothing in the program may find its symbols.
        void* const library = file.empty() ? nullptr : dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
        auto* const start = library != nullptr
                                ? reinterpret_cast<void (*)()>(dlsym(library, "timemory_gpu_start"))
                                : nullptr;
        if (start != nullptr) return start();
        const char* const error = file.empty() ? nullptr : dlerror();
        say_once_per_job(
            fmt::format("cannot open libtimemory-cupti.so ({}): GPU activity is not measured",
                        error != nullptr ? error : "it is not installed"));
    } catch (const std::exception& e) {
        say_once_per_job(fmt::format("GPU activity is not measured: {}", e.what()));
    }
}

}  // namespace tim
