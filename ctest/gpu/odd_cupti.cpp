// Stands where libcupti is looked for, for what no CUPTI that can be installed does without a GPU:
// it is of the version that ODD_CUPTI_VERSION says, and another tool holds it.

#include <cstdlib>
#include <cstring>

#include "records.hpp"

#define ODD extern "C" __attribute__((visibility("default"))) CUptiResult

ODD cuptiGetVersion(std::uint32_t* version) {
    const char* asked = std::getenv("ODD_CUPTI_VERSION");
    *version = static_cast<std::uint32_t>(std::atoi(asked != nullptr ? asked : "130000"));
    return CUPTI_SUCCESS;
}

#if CUPTI_API_VERSION >= 130000
ODD cuptiSubscribe_v2(CUpti_SubscriberHandle*, CUpti_CallbackFunc, void*,
                      CUpti_SubscriberParams* parameters) {
    std::strncpy(parameters->oldSubscriberName, "CUPTI for another\nprofiler",
                 parameters->oldSubscriberSize);
    return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
}
#endif
ODD cuptiSubscribe(CUpti_SubscriberHandle*, CUpti_CallbackFunc, void*) {
    return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
}

// Never called.
ODD cuptiGetResultString(CUptiResult, const char**) {
    return CUPTI_ERROR_UNKNOWN;
}
ODD cuptiGetTimestamp(std::uint64_t*) {
    return CUPTI_ERROR_UNKNOWN;
}
ODD cuptiUnsubscribe(CUpti_SubscriberHandle) {
    return CUPTI_ERROR_UNKNOWN;
}
ODD cuptiEnableCallback(std::uint32_t, CUpti_SubscriberHandle, CUpti_CallbackDomain,
                        CUpti_CallbackId) {
    return CUPTI_ERROR_UNKNOWN;
}
ODD cuptiEnableDomain(std::uint32_t, CUpti_SubscriberHandle, CUpti_CallbackDomain) {
    return CUPTI_ERROR_UNKNOWN;
}
ODD cuptiGetCallbackName(CUpti_CallbackDomain, std::uint32_t, const char**) {
    return CUPTI_ERROR_UNKNOWN;
}
ODD cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc,
                                   CUpti_BuffersCallbackCompleteFunc) {
    return CUPTI_ERROR_UNKNOWN;
}
ODD cuptiActivityEnable(CUpti_ActivityKind) {
    return CUPTI_ERROR_UNKNOWN;
}
ODD cuptiActivityDisable(CUpti_ActivityKind) {
    return CUPTI_ERROR_UNKNOWN;
}
ODD cuptiActivityFlushAll(std::uint32_t) {
    return CUPTI_ERROR_UNKNOWN;
}
ODD cuptiActivityGetNextRecord(std::uint8_t*, std::size_t, CUpti_Activity**) {
    return CUPTI_ERROR_UNKNOWN;
}
ODD cuptiActivityGetNumDroppedRecords(CUcontext, std::uint32_t, std::size_t*) {
    return CUPTI_ERROR_UNKNOWN;
}
