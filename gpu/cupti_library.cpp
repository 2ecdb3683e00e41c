#include "cupti_library.hpp"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace tim::gpu {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> mapped_files() {
    std::vector<std::string> files;
    dl_iterate_phdr(
        [](dl_phdr_info* object, std::size_t, void* list) {
            if (object->dlpi_name != nullptr && *object->dlpi_name != '\0')
                static_cast<std::vector<std::string>*>(list)->emplace_back(object->dlpi_name);
            return 0;
        },
        &files);
    return files;
}

bool is_cupti(const fs::path& file) {
    return file.filename().string().starts_with("libcupti.so");
}

/// The newest of a folder, by name: libcupti.so.13 before libcupti.so.12.
void add_from(const fs::path& folder, std::vector<std::string>& files) {
    std::vector<std::string> found;
    std::error_code error;
    for (fs::directory_iterator entry{folder, error}, end; !error && entry != end;
         entry.increment(error))
        if (is_cupti(entry->path())) found.push_back(entry->path().string());
    std::sort(found.rbegin(), found.rend());
    files.insert(files.end(), found.begin(), found.end());
}

/// The folder that wheels are installed in, where a mapped file is from one: of
/// …/site-packages/torch/lib/libtorch.so it is …/site-packages.
fs::path wheels_of(const fs::path& file) {
    for (fs::path folder = file.parent_path(); folder.has_relative_path();
         folder = folder.parent_path()) {
        const fs::path name = folder.filename();
        if (name == "site-packages" || name == "dist-packages") return folder;
        if (name == "nvidia") return folder.parent_path();
    }
    return {};
}

}  // namespace

std::vector<std::string> cupti_candidates() {
    std::vector<std::string> files;
    const std::vector<std::string> mapped = mapped_files();
    for (const std::string& file : mapped)
        if (is_cupti(file)) files.push_back(file);
    std::vector<fs::path> seen;
    for (const std::string& file : mapped) {
        const fs::path wheels = wheels_of(file);
        if (wheels.empty() || std::find(seen.begin(), seen.end(), wheels) != seen.end()) continue;
        seen.push_back(wheels);
        add_from(wheels / "nvidia/cuda_cupti/lib", files);
        add_from(wheels / "nvidia/cu13/lib", files);
    }
    for (const char* variable : {"CUDA_HOME", "CUDA_PATH"})
        if (const char* root = std::getenv(variable))
            for (const char* folder : {"extras/CUPTI/lib64", "lib64", "lib"})
                add_from(fs::path{root} / folder, files);
    for (const char* name : {"libcupti.so.13", "libcupti.so.12", "libcupti.so.11.8"})
        files.emplace_back(name);
    add_from("/usr/local/cuda/extras/CUPTI/lib64", files);
    add_from("/usr/local/cuda/lib64", files);
    return files;
}

bool has_driver() {
    return dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) != nullptr;
}

std::string release_of(std::uint32_t version) {
    if (version >= 130000)
        return std::to_string(version / 10000) + "." + std::to_string(version / 100 % 100);
    // Numbers of CUDA 12 are not one a release.
    return version < oldest_version    ? "before 11.8"
           : version == oldest_version ? "11.8 or 12.0"
                                       : "12";
}

std::string cupti_library::text_of(CUptiResult result) const {
    const char* text = nullptr;
    if (cuptiGetResultString != nullptr && cuptiGetResultString(result, &text) == CUPTI_SUCCESS &&
        text != nullptr)
        return text;
    return "error " + std::to_string(static_cast<int>(result));
}

bool open_cupti(const std::vector<std::string>& candidates, cupti_library& library,
                std::string& problem) {
    problem.clear();
    for (const std::string& file : candidates) {
        // RTLD_LOCAL: nothing in the program may find its symbols.
        void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) continue;
        cupti_library opened;
        opened.file = file;
        const char* missing = nullptr;
#define X(name)                                                              \
    opened.name = reinterpret_cast<decltype(&::name)>(dlsym(handle, #name)); \
    if (opened.name == nullptr) missing = #name;
        TIMEMORY_CUPTI_FUNCTIONS(X)
#undef X
#define X(name) opened.name = reinterpret_cast<decltype(&::name)>(dlsym(handle, #name));
        TIMEMORY_CUPTI_13_0(X)
        TIMEMORY_CUPTI_13_4(X)
#undef X
        const CUptiResult result = opened.cuptiGetVersion != nullptr
                                       ? opened.cuptiGetVersion(&opened.version)
                                       : CUPTI_ERROR_NOT_SUPPORTED;
        if (result == CUPTI_ERROR_UNKNOWN && !has_driver()) {
            // CUPTI 13.3 and later say nothing at all without a driver, not even their version.
            problem = "there is no CUDA driver (libcuda.so.1)";
            return false;
        }
        const bool known = opened.version >= oldest_version && opened.version <= newest_version;
        if (result == CUPTI_SUCCESS && known && missing == nullptr) {
            library = opened;
            return true;
        }
        if (result == CUPTI_SUCCESS && !known)
            problem = file + " is of CUDA " + release_of(opened.version) + " (CUPTI version " +
                      std::to_string(opened.version) + "); 11.8 to 13 can be used";
        else
            problem = file + " is no CUPTI that can be used (" +
                      (missing != nullptr ? std::string{"it has no "} + missing
                                          : opened.text_of(result)) +
                      ")";
        dlclose(handle);
    }
    if (problem.empty())
        problem =
            "no libcupti was found; set CUDA_HOME to a CUDA of 11.8 to 13, or install PyPI's "
            "nvidia-cuda-cupti";
    return false;
}

}  // namespace tim::gpu
