#include "api_callbacks.hpp"

#include <string_view>

namespace tim::gpu {
namespace {

std::size_t index_of(CUpti_CallbackDomain domain) noexcept {
    return domain == CUPTI_CB_DOMAIN_DRIVER_API ? 0 : 1;
}

}  // namespace

bool api_callbacks::is_work(const char* text) noexcept {
    std::string_view name{text};
    if (name.starts_with("cuda"))
        name.remove_prefix(4);
    else if (name.starts_with("cu"))
        name.remove_prefix(2);
    else
        return false;
    for (const std::string_view beginning :
         {"Launch",       "GraphLaunch",     "Memcpy",       "Memset",
          "MemPrefetch",  "Malloc",          "MemAlloc",     "Free",
          "MemFree",      "MemCreate",       "MemRelease",   "ArrayCreate",
          "ArrayDestroy", "HostAlloc",       "HostRegister", "HostUnregister",
          "Mem3DPeer",    "StreamWaitEvent", "StreamQuery",  "EventQuery",
          "DeviceReset"})
        if (name.starts_with(beginning)) return true;
    return name.find("Synchronize") != name.npos;
}

CUptiResult api_callbacks::enable(const cupti_library& cupti, CUpti_SubscriberHandle subscriber,
                                  const measured_kinds& kinds) {
    for (const CUpti_CallbackDomain domain :
         {CUPTI_CB_DOMAIN_DRIVER_API, CUPTI_CB_DOMAIN_RUNTIME_API}) {
        const bool all =
            domain == CUPTI_CB_DOMAIN_DRIVER_API ? kinds.driver_calls : kinds.runtime_calls;
        as_regions_[index_of(domain)].store(all, std::memory_order_relaxed);
        if (all) {
            if (const CUptiResult result = cupti.cuptiEnableDomain(1, subscriber, domain))
                return result;
            continue;
        }
        for (CUpti_CallbackId id = 1; id < most_calls; ++id) {
            const char* name = nullptr;
            if (cupti.cuptiGetCallbackName(domain, id, &name) != CUPTI_SUCCESS) continue;
            if (name == nullptr || !is_work(name)) continue;
            if (const CUptiResult result = cupti.cuptiEnableCallback(1, subscriber, domain, id))
                return result;
        }
    }
    return CUPTI_SUCCESS;
}

timemory_region_t api_callbacks::region_of(CUpti_CallbackDomain domain, CUpti_CallbackId id,
                                           const char* name) noexcept {
    if (id >= most_calls) return timemory_region(name, nullptr);
    std::atomic<timemory_region_t>& known = regions_[index_of(domain)][id];
    timemory_region_t region = known.load(std::memory_order_relaxed);
    if (region == 0) {
        region = timemory_region(name, nullptr);
        known.store(region, std::memory_order_relaxed);
    }
    return region;
}

void api_callbacks::call(CUpti_CallbackDomain domain, CUpti_CallbackId id,
                         const CUpti_CallbackData& data) noexcept {
    const bool region = as_regions_[index_of(domain)].load(std::memory_order_relaxed);
    if (data.callbackSite == CUPTI_API_EXIT) {
        if (region) timemory_leave(region_of(domain, id, data.functionName));
        return;
    }
    const timemory_path_t path = region
                                     ? timemory_enter_path(region_of(domain, id, data.functionName))
                                     : timemory_current_path();
    launches_.add(data.correlationId, {.path = path, .time = timemory_clock()});
}

}  // namespace tim::gpu
