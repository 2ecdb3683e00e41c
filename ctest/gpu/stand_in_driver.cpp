// Stands where libcuda.so.1 is looked for, for cuda_event alone: each region takes 2.5 ms on the
// device. Where STAND_IN_CAPTURES is set a stream is being captured.

#include <cuda.h>

#include <cstdlib>

#define STAND_IN extern "C" __attribute__((visibility("default"))) CUresult
#undef cuEventElapsedTime

namespace {

thread_local CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_GLOBAL;
int events = 0;

}  // namespace

STAND_IN cuCtxGetCurrent(CUcontext* context) {
    *context = reinterpret_cast<CUcontext>(&events);
    return CUDA_SUCCESS;
}
STAND_IN cuEventCreate(CUevent* event, unsigned) {
    // A region at a time: two events are enough.
    if (++events > 2) return CUDA_ERROR_OUT_OF_MEMORY;
    *event = reinterpret_cast<CUevent>(&events + events);
    return CUDA_SUCCESS;
}
STAND_IN cuEventRecord(CUevent, CUstream) {
    if (std::getenv("STAND_IN_CAPTURES") != nullptr) std::abort();
    return mode == CU_STREAM_CAPTURE_MODE_RELAXED ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
STAND_IN cuEventSynchronize(CUevent) {
    return CUDA_SUCCESS;
}
STAND_IN cuEventElapsedTime(float* ms, CUevent begin, CUevent end) {
    *ms = begin != end ? 2.5F : 0;
    return CUDA_SUCCESS;
}
STAND_IN cuStreamIsCapturing(CUstream, CUstreamCaptureStatus* status) {
    *status = CU_STREAM_CAPTURE_STATUS_NONE;
    return std::getenv("STAND_IN_CAPTURES") != nullptr ? CUDA_ERROR_STREAM_CAPTURE_IMPLICIT
                                                       : CUDA_SUCCESS;
}
STAND_IN cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode* exchanged) {
    const CUstreamCaptureMode before = mode;
    mode = *exchanged;
    *exchanged = before;
    return CUDA_SUCCESS;
}
