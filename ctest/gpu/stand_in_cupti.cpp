// Stands where libcupti is looked for, for what no CUPTI that can be installed does without a GPU:
// a program says "play_kernel", and it calls back, fills the buffers that it is given with records
// and gives them back on a thread of its own, as CUPTI does. It ends the program where CUPTI is
// used as it must not be.
//
// STAND_IN_VERSION: what cuptiGetVersion() says. STAND_IN_HOLDER: the tool that holds CUPTI
// already. STAND_IN_MULTIPLE: several subscribers are allowed, and only V2 functions may be called.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "record_buffer.hpp"

using tim::gpu::newest_kernel;

#define STAND_IN(type) extern "C" __attribute__((visibility("default"))) type

namespace {

struct buffer {
    std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    std::size_t used = 0;
};

struct stand_in {
    std::mutex lock;
    CUpti_CallbackFunc on_call = nullptr;
    void* user = nullptr;
    bool multiple = false;
    std::array<bool, CUPTI_CB_DOMAIN_SIZE> whole_domains{};
    std::set<std::pair<int, CUpti_CallbackId>> calls;
    std::set<CUpti_ActivityKind> kinds;
    CUpti_BuffersCallbackRequestFunc request = nullptr;
    CUpti_BuffersCallbackCompleteFunc complete = nullptr;
#if CUPTI_API_VERSION >= 130400
    CUpti_BuffersCallbackRequestFunc_v2 request_v2 = nullptr;
    CUpti_BuffersCallbackCompleteFunc_v2 complete_v2 = nullptr;
#endif
    std::vector<buffer> full;
    buffer current;
    bool held = false;  ///< records count as incomplete: full buffers wait for a forced flush
    std::size_t dropped = 0;
    std::uint32_t correlation = 0;
    std::uint32_t counters = 0;  ///< of unified memory
};

stand_in& it() {
    static auto* const only = new stand_in;
    return *only;
}

[[noreturn]] void wrong(const char* what) {
    std::fprintf(stderr, "stand-in of CUPTI: %s\n", what);
    std::abort();
}

void only_alone() {
    if (it().multiple) wrong("a V1 function beside other subscribers");
}

const std::map<std::pair<int, CUpti_CallbackId>, const char*> names = {
    {{CUPTI_CB_DOMAIN_RUNTIME_API, 211}, "cudaLaunchKernel_v7000"},
    {{CUPTI_CB_DOMAIN_RUNTIME_API, 3}, "cudaGetDevice_v3020"},
    {{CUPTI_CB_DOMAIN_DRIVER_API, 307}, "cuLaunchKernel"},
};

/// Gives buffers back on another thread, which the caller waits for.
void give_back(std::vector<buffer> all) {
    std::thread{[&] {
        stand_in& s = it();
        for (const buffer& b : all) {
#if CUPTI_API_VERSION >= 130400
            if (s.multiple) {
                s.complete_v2(b.bytes, b.size, b.used, nullptr);
                continue;
            }
#endif
            s.complete(nullptr, 0, b.bytes, b.size, b.used);
        }
    }}.join();
}

void add(const newest_kernel& record) {
    stand_in& s = it();
    std::unique_lock guard{s.lock};
    if (s.kinds.count(record.kind) == 0) return;
    if (s.current.used + sizeof record > s.current.size) {
        if (s.current.bytes != nullptr) s.full.push_back(s.current);
        s.current = {};
        std::size_t records = 0;
#if CUPTI_API_VERSION >= 130400
        if (s.multiple)
            s.request_v2(&s.current.bytes, &s.current.size, &records, nullptr);
        else
#endif
            s.request(&s.current.bytes, &s.current.size, &records);
        if (s.current.bytes == nullptr) {
            s.current = {};
            ++s.dropped;
            return;
        }
    }
    std::memcpy(s.current.bytes + s.current.used, &record, sizeof record);
    s.current.used += sizeof record;
    if (s.held || s.full.empty()) return;
    auto full = std::exchange(s.full, {});
    guard.unlock();
    give_back(std::move(full));
}

void call(CUpti_CallbackDomain domain, CUpti_CallbackId id, std::uint32_t correlation,
          CUpti_ApiCallbackSite site) {
    const stand_in& s = it();
    if (s.on_call == nullptr) return;
    if (!s.whole_domains[domain] && s.calls.count({domain, id}) == 0) return;
    CUpti_CallbackData data{};
    data.callbackSite = site;
    data.functionName = names.at({domain, id});
    data.correlationId = correlation;
    s.on_call(s.user, domain, id, &data);
}

CUptiResult subscribe(CUpti_SubscriberHandle* subscriber, CUpti_CallbackFunc function, void* user) {
    stand_in& s = it();
    if (s.on_call != nullptr) wrong("subscribed twice");
    s.on_call = function;
    s.user = user;
    *subscriber = reinterpret_cast<CUpti_SubscriberHandle>(&s);
    return CUPTI_SUCCESS;
}

void check(CUpti_SubscriberHandle subscriber) {
    if (subscriber != reinterpret_cast<CUpti_SubscriberHandle>(&it()))
        wrong("a foreign subscriber");
    if (it().on_call == nullptr) wrong("a subscriber that has left");
}

std::uint64_t clock_of_cupti() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

/// The calling thread launches a kernel of so many nanoseconds, which has ended.
STAND_IN(void) play_kernel(std::uint32_t stream, std::uint64_t ns) {
    std::uint32_t correlation = 0;
    {
        const std::lock_guard guard{it().lock};
        correlation = ++it().correlation;
    }
    call(CUPTI_CB_DOMAIN_RUNTIME_API, 211, correlation, CUPTI_API_ENTER);
    call(CUPTI_CB_DOMAIN_DRIVER_API, 307, correlation, CUPTI_API_ENTER);
    call(CUPTI_CB_DOMAIN_DRIVER_API, 307, correlation, CUPTI_API_EXIT);
    call(CUPTI_CB_DOMAIN_RUNTIME_API, 211, correlation, CUPTI_API_EXIT);
    auto r = tim::gpu::record_of<newest_kernel>(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
    r.correlationId = correlation;
    r.start = clock_of_cupti();
    r.end = r.start + ns;
    r.deviceId = 0;
    r.streamId = stream;
    r.gridX = r.gridY = r.gridZ = r.blockX = r.blockY = r.blockZ = 1;
    r.name = "_Z4spinx";
    add(r);
}

STAND_IN(void) play_hold() {
    it().held = true;
}

STAND_IN(CUptiResult) cuptiFinalize() {
    wrong("cuptiFinalize");
}
STAND_IN(CUptiResult) cuptiGetVersion(std::uint32_t* version) {
    const char* asked = std::getenv("STAND_IN_VERSION");
    *version = asked != nullptr ? static_cast<std::uint32_t>(std::atoi(asked)) : 130000;
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult) cuptiGetResultString(CUptiResult, const char** text) {
    *text = "a result of the stand-in's";
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult) cuptiGetTimestamp(std::uint64_t* time) {
    *time = clock_of_cupti();
    return CUPTI_SUCCESS;
}

STAND_IN(CUptiResult)
cuptiSubscribe(CUpti_SubscriberHandle* subscriber, CUpti_CallbackFunc function, void* user) {
    if (std::getenv("STAND_IN_HOLDER") != nullptr)
        return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
    return subscribe(subscriber, function, user);
}
#if CUPTI_API_VERSION >= 130000
STAND_IN(CUptiResult)
cuptiSubscribe_v2(CUpti_SubscriberHandle* subscriber, CUpti_CallbackFunc function, void* user,
                  CUpti_SubscriberParams* p) {
    if (p->oldSubscriberSize < 64) wrong("no room for the name of the other subscriber");
    if (const char* holder = std::getenv("STAND_IN_HOLDER")) {
        std::strncpy(p->oldSubscriberName, holder, p->oldSubscriberSize);
        return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
    }
#    if CUPTI_API_VERSION >= 130400
    const bool several =
        p->structSize >= CUpti_SubscriberParams_STRUCT_SIZE && p->allowMultipleSubscribers != 0;
    if (several && std::getenv("STAND_IN_MULTIPLE") == nullptr)
        return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
    it().multiple = several;
#    endif
    return subscribe(subscriber, function, user);
}
#endif
STAND_IN(CUptiResult) cuptiUnsubscribe(CUpti_SubscriberHandle subscriber) {
    check(subscriber);
    it().on_call = nullptr;
    return CUPTI_SUCCESS;
}

STAND_IN(CUptiResult)
cuptiEnableCallback(std::uint32_t on, CUpti_SubscriberHandle subscriber,
                    CUpti_CallbackDomain domain, CUpti_CallbackId id) {
    check(subscriber);
    if (on != 0) it().calls.insert({domain, id});
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult)
cuptiEnableDomain(std::uint32_t on, CUpti_SubscriberHandle subscriber,
                  CUpti_CallbackDomain domain) {
    check(subscriber);
    it().whole_domains.at(domain) = on != 0;
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult)
cuptiGetCallbackName(CUpti_CallbackDomain domain, std::uint32_t id, const char** name) {
    const auto found = names.find({domain, id});
    if (found == names.end()) return CUPTI_ERROR_INVALID_PARAMETER;
    *name = found->second;
    return CUPTI_SUCCESS;
}

STAND_IN(CUptiResult)
cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc request,
                               CUpti_BuffersCallbackCompleteFunc complete) {
    only_alone();
    it().request = request;
    it().complete = complete;
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult) cuptiActivityEnable(CUpti_ActivityKind kind) {
    only_alone();
    if (kind == CUPTI_ACTIVITY_KIND_MEMCPY2) return CUPTI_ERROR_NOT_COMPATIBLE;
    if (kind == CUPTI_ACTIVITY_KIND_UNIFIED_MEMORY_COUNTER && it().counters == 0)
        wrong("unified memory without counters");
    it().kinds.insert(kind);
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult) cuptiActivityDisable(CUpti_ActivityKind kind) {
    only_alone();
    it().kinds.erase(kind);
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult)
cuptiActivityConfigureUnifiedMemoryCounter(CUpti_ActivityUnifiedMemoryCounterConfig*,
                                           std::uint32_t count) {
    // CUPTI wants it after the driver is initialised: here, after the first call.
    if (it().correlation == 0) wrong("counters of unified memory before the driver is there");
    it().counters = count;
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult) cuptiActivityFlushAll(std::uint32_t flag) {
    stand_in& s = it();
    std::unique_lock guard{s.lock};
    if (s.held && flag != CUPTI_ACTIVITY_FLAG_FLUSH_FORCED) return CUPTI_SUCCESS;
    auto full = std::exchange(s.full, {});
    if (s.current.bytes != nullptr) full.push_back(std::exchange(s.current, {}));
    guard.unlock();
    give_back(std::move(full));
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult)
cuptiActivityGetNextRecord(std::uint8_t* bytes, std::size_t size, CUpti_Activity** record) {
    auto* at = reinterpret_cast<std::uint8_t*>(*record);
    at = at == nullptr ? bytes : at + sizeof(newest_kernel);
    if (at + sizeof(newest_kernel) > bytes + size) return CUPTI_ERROR_MAX_LIMIT_REACHED;
    *record = reinterpret_cast<CUpti_Activity*>(at);
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult)
cuptiActivityGetNumDroppedRecords(CUcontext, std::uint32_t, std::size_t* dropped) {
    only_alone();
    const std::lock_guard guard{it().lock};
    *dropped = std::exchange(it().dropped, 0);
    return CUPTI_SUCCESS;
}

#if CUPTI_API_VERSION >= 130400
STAND_IN(CUptiResult)
cuptiGetTimestamp_v2(CUpti_SubscriberHandle subscriber, std::uint64_t* time) {
    check(subscriber);
    return cuptiGetTimestamp(time);
}
STAND_IN(CUptiResult)
cuptiActivityRegisterCallbacks_v2(CUpti_SubscriberHandle subscriber,
                                  CUpti_BuffersCallbackRequestFunc_v2 request,
                                  CUpti_BuffersCallbackCompleteFunc_v2 complete) {
    check(subscriber);
    it().request_v2 = request;
    it().complete_v2 = complete;
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult)
cuptiActivityEnable_v2(CUpti_SubscriberHandle subscriber, CUpti_ActivityKind kind,
                       CUpti_ActivityConfig*) {
    check(subscriber);
    it().kinds.insert(kind);
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult)
cuptiActivityDisable_v2(CUpti_SubscriberHandle subscriber, CUpti_ActivityKind kind,
                        CUpti_ActivityConfig*) {
    check(subscriber);
    it().kinds.erase(kind);
    return CUPTI_SUCCESS;
}
STAND_IN(CUptiResult)
cuptiActivityGetNextRecord_v2(CUpti_SubscriberHandle subscriber, std::uint8_t* bytes,
                              std::size_t size, CUpti_Activity** record) {
    check(subscriber);
    return cuptiActivityGetNextRecord(bytes, size, record);
}
STAND_IN(CUptiResult)
cuptiActivityGetNumDroppedRecords_v2(CUpti_SubscriberHandle subscriber, CUcontext, std::uint32_t,
                                     std::size_t* dropped) {
    check(subscriber);
    const std::lock_guard guard{it().lock};
    *dropped = std::exchange(it().dropped, 0);
    return CUPTI_SUCCESS;
}
#endif
