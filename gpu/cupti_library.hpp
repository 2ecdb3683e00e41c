// The CUPTI that is used: found and opened when the program runs, never linked.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "records.hpp"

namespace tim::gpu {

/// What every CUPTI from 11.8 on has, by its own name.
// clang-format off
#define TIMEMORY_CUPTI_FUNCTIONS(X) \
    X(cuptiGetVersion) \
    X(cuptiGetResultString) \
    X(cuptiGetTimestamp) \
    X(cuptiSubscribe) \
    X(cuptiUnsubscribe) \
    X(cuptiEnableCallback) \
    X(cuptiEnableDomain) \
    X(cuptiGetCallbackName) \
    X(cuptiActivityRegisterCallbacks) \
    X(cuptiActivityEnable) \
    X(cuptiActivityDisable) \
    X(cuptiActivityFlushAll) \
    X(cuptiActivityConfigureUnifiedMemoryCounter) \
    X(cuptiActivityGetNextRecord) \
    X(cuptiActivityGetNumDroppedRecords)
// clang-format on

/// What later ones add; null where the CUPTI that was opened has it not. Of functions that the
/// headers this is built with do not know, nothing is used.
#if CUPTI_API_VERSION >= 130000
#    define TIMEMORY_CUPTI_13_0(X) X(cuptiSubscribe_v2) X(cuptiActivityEnableAllSyncRecords)
#else
#    define TIMEMORY_CUPTI_13_0(X)
#endif
#if CUPTI_API_VERSION >= 130400
// clang-format off
#    define TIMEMORY_CUPTI_13_4(X) \
        X(cuptiGetTimestamp_v2) \
        X(cuptiActivityRegisterCallbacks_v2) \
        X(cuptiActivityEnable_v2) \
        X(cuptiActivityDisable_v2) \
        X(cuptiActivityGetNextRecord_v2) \
        X(cuptiActivityGetNumDroppedRecords_v2)
// clang-format on
#else
#    define TIMEMORY_CUPTI_13_4(X)
#endif

struct cupti_library {
    std::string file;
    std::uint32_t version = 0;                     ///< as cuptiGetVersion() says it
#define X(name) decltype(&::name) name = nullptr;  // NOLINT(bugprone-macro-parentheses)
    TIMEMORY_CUPTI_FUNCTIONS(X)
    TIMEMORY_CUPTI_13_0(X)
    TIMEMORY_CUPTI_13_4(X)
#undef X

    /// What CUPTI calls a result, "CUPTI_ERROR_NOT_INITIALIZED", or its number.
    [[nodiscard]] std::string text_of(CUptiResult result) const;
};

/// The files that may be CUPTI, the best first: one that is mapped already (PyTorch brings its
/// own), those in wheels beside mapped libraries, those below CUDA_HOME and CUDA_PATH, then names
/// that the linker looks for.
std::vector<std::string> cupti_candidates();

/// Opens the first of them that can be opened and is of a version that is known here. Where there
/// is none `problem` says why, in words that follow "GPU activity is not measured: ".
/// Not to be called twice: the library stays open.
bool open_cupti(const std::vector<std::string>& candidates, cupti_library& library,
                std::string& problem);

/// Whether the process has, or can open, a CUDA driver.
bool has_driver();

/// 13.5 for 130500, 11.8 for 18: the release of CUDA that a CUPTI belongs to.
std::string release_of(std::uint32_t version);

}  // namespace tim::gpu
