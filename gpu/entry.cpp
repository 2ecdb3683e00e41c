// How the library is entered: by CUDA (CUDA_INJECTION64_PATH), by libtimemory when a bundle has
// cupti_activity, or preloaded. NVTX has its own way in, see nvtx.cpp.

#include <timemory/tools.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "cupti_library.hpp"
#include "session.hpp"
#include "settings/say.hpp"
#include "system/installation.hpp"

namespace {

/// Set in the environment by the first process of a job that is preloaded: what it said is not said
/// again by its children.
constexpr const char* said = "TIMEMORY_GPU_PRELOADED";

void flush_before_results(int last) {
    tim::gpu::session::of_process().flush(last != 0);
}

/// Preloaded, the library waits until the program initialises CUDA: CUDA then finds it by the
/// variable. Most programs of a job, shells and launchers, never do.
__attribute__((constructor)) void when_preloaded() {
    const char* preload = std::getenv("LD_PRELOAD");
    if (preload == nullptr || std::strstr(preload, "libtimemory-cupti.so") == nullptr) return;
    try {
        const std::string self = tim::installation_folder() / "libtimemory-cupti.so";
        setenv("CUDA_INJECTION64_PATH", self.c_str(), 0);
        setenv("NVTX_INJECTION64_PATH", self.c_str(), 0);
    } catch (const std::exception&) {
        return;
    }
    if (std::getenv(said) != nullptr) return;
    setenv(said, "1", 0);
    if (!tim::gpu::has_driver())
        tim::say_once_per_job(
            "GPU activity is not measured: there is no CUDA driver (libcuda.so.1)");
}

}  // namespace

extern "C" {

/// For libtimemory.
TIMEMORY_API void timemory_gpu_start() {
    timemory_before_results(flush_before_results);
    // Before CUDA takes itself down: that it does in a handler that was set earlier.
    static const int at_exit = std::atexit([] { flush_before_results(1); });
    static_cast<void>(at_exit);
    tim::gpu::session::of_process().start();
}

/// Called inside cuInit(). 1: the library is there.
TIMEMORY_API int InitializeInjection() {
    timemory_gpu_start();
    return 1;
}
}
