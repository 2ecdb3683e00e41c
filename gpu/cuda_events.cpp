// The component cuda_event: the time on the device from an event that is recorded when a region
// begins to one when it ends, as CUDA's driver gives it. Without CUPTI.
//
// The events are recorded on the legacy default stream, so they wait for the work of all streams
// but non-blocking ones, and the end of the region waits for its event. While a stream is captured
// that would spoil the capture: such a region has 0, as one without a context has.

#include <cuda.h>
#include <dlfcn.h>
#include <timemory/tools.h>

#include <cmath>
#include <map>
#include <mutex>
#include <vector>

#include "settings/say.hpp"

namespace {

// What every driver since CUDA 11 has; by the names in libcuda, where cuda.h has macros for later
// forms.
struct driver {
    CUresult (*cuCtxGetCurrent)(CUcontext*) = nullptr;
    CUresult (*cuEventCreate)(CUevent*, unsigned) = nullptr;
    CUresult (*cuEventRecord)(CUevent, CUstream) = nullptr;
    CUresult (*cuEventSynchronize)(CUevent) = nullptr;
    CUresult (*cuEventElapsedTime)(float*, CUevent, CUevent) = nullptr;
    CUresult (*cuStreamIsCapturing)(CUstream, CUstreamCaptureStatus*) = nullptr;
    CUresult (*cuThreadExchangeStreamCaptureMode)(CUstreamCaptureMode*) = nullptr;
    bool complete = false;
};

const driver& the_driver() {
    static const driver only = [] {
        driver d;
        void* const library = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
        if (library == nullptr) return d;
        d.complete = true;
        const auto find = [&](auto& function, const char* name) {
            function =
                reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
            d.complete &= function != nullptr;
        };
        find(d.cuCtxGetCurrent, "cuCtxGetCurrent");
        find(d.cuEventCreate, "cuEventCreate");
        find(d.cuEventRecord, "cuEventRecord");
        find(d.cuEventSynchronize, "cuEventSynchronize");
        find(d.cuEventElapsedTime, "cuEventElapsedTime");
        find(d.cuStreamIsCapturing, "cuStreamIsCapturing");
        find(d.cuThreadExchangeStreamCaptureMode, "cuThreadExchangeStreamCaptureMode");
        return d;
    }();
    return only;
}

CUstream default_stream() {
    return CU_STREAM_LEGACY;
}

struct event_pair {
    CUcontext context;
    CUevent begin, end;
};

/// Pairs that are not in use, of each context. They live as long as their context: CUDA destroys
/// them with it.
struct pool {
    std::mutex lock;
    std::map<CUcontext, std::vector<event_pair*>> free;
};

pool& the_pool() {
    static auto* const only = new pool;
    return *only;
}

event_pair* take(const driver& cuda, CUcontext context) {
    pool& p = the_pool();
    const std::lock_guard guard{p.lock};
    std::vector<event_pair*>& free = p.free[context];
    if (!free.empty()) {
        event_pair* const pair = free.back();
        free.pop_back();
        return pair;
    }
    event_pair made{.context = context, .begin = nullptr, .end = nullptr};
    if (cuda.cuEventCreate(&made.begin, CU_EVENT_DEFAULT) != CUDA_SUCCESS ||
        cuda.cuEventCreate(&made.end, CU_EVENT_DEFAULT) != CUDA_SUCCESS)
        return nullptr;
    return new event_pair{made};
}

/// Lets what is done here be no part of a capture, of whatever mode.
class outside_captures {
public:
    explicit outside_captures(const driver& cuda) : cuda_(cuda) {
        cuda_.cuThreadExchangeStreamCaptureMode(&mode_);
    }
    ~outside_captures() { cuda_.cuThreadExchangeStreamCaptureMode(&mode_); }
    outside_captures(const outside_captures&) = delete;
    outside_captures& operator=(const outside_captures&) = delete;

    /// Whether an event may be recorded on the default stream now.
    [[nodiscard]] bool free() const {
        CUstreamCaptureStatus status = CU_STREAM_CAPTURE_STATUS_NONE;
        return cuda_.cuStreamIsCapturing(default_stream(), &status) == CUDA_SUCCESS &&
               status == CU_STREAM_CAPTURE_STATUS_NONE;
    }

private:
    const driver& cuda_;
    CUstreamCaptureMode mode_ = CU_STREAM_CAPTURE_MODE_RELAXED;
};

std::int64_t open(const char*) {
    try {
        const driver& cuda = the_driver();
        CUcontext context = nullptr;
        if (cuda.cuCtxGetCurrent(&context) != CUDA_SUCCESS || context == nullptr) return 0;
        const outside_captures now{cuda};
        if (!now.free()) return 0;
        event_pair* const pair = take(cuda, context);
        if (pair == nullptr) return 0;
        cuda.cuEventRecord(pair->begin, default_stream());
        return reinterpret_cast<std::intptr_t>(pair);
    } catch (const std::exception&) {
        return 0;
    }
}

std::int64_t close(std::int64_t opened) {
    if (opened == 0) return 0;
    auto* const pair = reinterpret_cast<event_pair*>(opened);
    const driver& cuda = the_driver();
    float ms = 0;
    bool known = false;
    {
        const outside_captures now{cuda};
        known = now.free() && cuda.cuEventRecord(pair->end, default_stream()) == CUDA_SUCCESS &&
                cuda.cuEventSynchronize(pair->end) == CUDA_SUCCESS &&
                cuda.cuEventElapsedTime(&ms, pair->begin, pair->end) == CUDA_SUCCESS;
    }
    try {
        pool& p = the_pool();
        const std::lock_guard guard{p.lock};
        p.free[pair->context].push_back(pair);
    } catch (const std::exception&) {  // one pair less
    }
    return known ? std::llround(double{ms} * 1e6) : 0;
}

}  // namespace

/// For libtimemory: a region has cuda_event.
extern "C" TIMEMORY_API void timemory_gpu_events() {
    if (the_driver().complete)
        timemory_set_bracket("cuda_event", open, close);
    else
        tim::say_once_per_job(
            "GPU activity is not measured by cuda_event: there is no CUDA driver (libcuda.so.1)");
}
