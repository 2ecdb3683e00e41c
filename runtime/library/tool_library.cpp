#include "library/tool_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <mutex>
#include <set>
#include <string>

#include "settings/say.hpp"
#include "system/installation.hpp"

namespace tim {
namespace {

bool is_asked_for_first(const std::string& id) {
    static std::mutex lock;
    static auto* const asked = new std::set<std::string>;  // never destroyed: regions may come late
    const std::lock_guard guard{lock};
    return asked->insert(id).second;
}

}  // namespace

void open_tool_of(const component& row) noexcept {
    const std::string& id = row.what.id;
    try {
        if (!is_asked_for_first(id)) return;
        const std::string file = installed_library("libtimemory-cupti.so");
        // RTLD_LOCAL: nothing in the program may find its symbols.
        void* const library = file.empty() ? nullptr : dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
        auto* const start =
            library != nullptr ? reinterpret_cast<void (*)()>(dlsym(library, row.start)) : nullptr;
        if (start != nullptr) return start();
        const char* const error = file.empty() ? nullptr : dlerror();
        say_once_per_job(fmt::format("cannot open libtimemory-cupti.so ({}): {} is not measured",
                                     error != nullptr ? error : "it is not installed", id));
    } catch (const std::exception& e) {
        say_once_per_job(fmt::format("{} is not measured: {}", id, e.what()));
    }
}

}  // namespace tim
