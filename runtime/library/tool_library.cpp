#include "library/tool_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <atomic>
#include <string>

#include "settings/say.hpp"
#include "system/installation.hpp"

namespace tim {
namespace {

/// A component of libtimemory-cupti, and the function that makes it work.
struct tool_component {
    std::string_view id;
    const char* start;
    std::atomic<bool> started{false};
};

}  // namespace

void open_tool_of(std::string_view component) noexcept {
    static tool_component all[] = {{"cupti_activity", "timemory_gpu_start"},
                                   {"cuda_event", "timemory_gpu_events"},
                                   {"nvtx_marker", "timemory_gpu_ranges"}};
    for (tool_component& c : all) {
        if (c.id != component || c.started.exchange(true)) continue;
        try {
            const std::string file = installed_library("libtimemory-cupti.so");
            // RTLD_LOCAL: nothing in the program may find its symbols.
            void* const library =
                file.empty() ? nullptr : dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
            auto* const start = library != nullptr
                                    ? reinterpret_cast<void (*)()>(dlsym(library, c.start))
                                    : nullptr;
            if (start != nullptr) return start();
            const char* const error = file.empty() ? nullptr : dlerror();
            say_once_per_job(
                fmt::format("cannot open libtimemory-cupti.so ({}): {} is not measured",
                            error != nullptr ? error : "it is not installed", component));
        } catch (const std::exception& e) {
            say_once_per_job(fmt::format("{} is not measured: {}", component, e.what()));
        }
    }
}

}  // namespace tim
