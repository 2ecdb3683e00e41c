#include "kinds.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace tim::gpu {
namespace {

struct named_kind {
    const char* name;
    CUpti_ActivityKind kind;
};

/// In CUPTI's words. Of each of them something is booked; runtime and driver are callbacks.
constexpr named_kind known[] = {
    {"memcpy", CUPTI_ACTIVITY_KIND_MEMCPY},
    {"memset", CUPTI_ACTIVITY_KIND_MEMSET},
    {"kernel", CUPTI_ACTIVITY_KIND_KERNEL},
    {"driver", CUPTI_ACTIVITY_KIND_DRIVER},
    {"runtime", CUPTI_ACTIVITY_KIND_RUNTIME},
    {"device", CUPTI_ACTIVITY_KIND_DEVICE},
    {"concurrent_kernel", CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL},
    {"overhead", CUPTI_ACTIVITY_KIND_OVERHEAD},
    {"memcpy2", CUPTI_ACTIVITY_KIND_MEMCPY2},
    {"unified_memory_counter", CUPTI_ACTIVITY_KIND_UNIFIED_MEMORY_COUNTER},
    {"synchronization", CUPTI_ACTIVITY_KIND_SYNCHRONIZATION},
    {"memory2", CUPTI_ACTIVITY_KIND_MEMORY2},
    {"graph_trace", CUPTI_ACTIVITY_KIND_GRAPH_TRACE},
};

void add(measured_kinds& kinds, CUpti_ActivityKind kind) {
    if (kind == CUPTI_ACTIVITY_KIND_RUNTIME)
        kinds.runtime_calls = true;
    else if (kind == CUPTI_ACTIVITY_KIND_DRIVER)
        kinds.driver_calls = true;
    else if (std::find(kinds.records.begin(), kinds.records.end(), kind) == kinds.records.end())
        kinds.records.push_back(kind);
}

/// "CUPTI_ACTIVITY_KIND_MEMCPY", "MemCpy" and "1" are "memcpy".
const named_kind* find(std::string_view word) {
    std::string name{word};
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::string_view prefix = "cupti_activity_kind_";
    if (name.starts_with(prefix)) name.erase(0, prefix.size());
    int number = -1;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool is_number = error == std::errc() && end == name.data() + name.size();
    for (const named_kind& k : known)
        if (is_number ? k.kind == number : k.name == name) return &k;
    return nullptr;
}

}  // namespace

measured_kinds kinds_of_level(int level) {
    measured_kinds kinds;
    for (const auto kind : {CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_DEVICE,
                            CUPTI_ACTIVITY_KIND_OVERHEAD})
        add(kinds, kind);
    if (level >= 1)
        for (const auto kind :
             {CUPTI_ACTIVITY_KIND_MEMCPY, CUPTI_ACTIVITY_KIND_MEMCPY2, CUPTI_ACTIVITY_KIND_MEMSET,
              CUPTI_ACTIVITY_KIND_SYNCHRONIZATION, CUPTI_ACTIVITY_KIND_MEMORY2})
            add(kinds, kind);
    if (level >= 2)
        for (const auto kind : {CUPTI_ACTIVITY_KIND_RUNTIME, CUPTI_ACTIVITY_KIND_DRIVER,
                                CUPTI_ACTIVITY_KIND_UNIFIED_MEMORY_COUNTER})
            add(kinds, kind);
    return kinds;
}

measured_kinds kinds_of_list(std::string_view list, std::vector<std::string>& wrong) {
    measured_kinds kinds;
    constexpr std::string_view separators = ",;: \t\n";
    while (!list.empty()) {
        const std::size_t begin = list.find_first_not_of(separators);
        if (begin == list.npos) break;
        const std::size_t end = std::min(list.find_first_of(separators, begin), list.size());
        const std::string_view word = list.substr(begin, end - begin);
        if (const named_kind* kind = find(word))
            add(kinds, kind->kind);
        else
            wrong.emplace_back(word);
        list.remove_prefix(end);
    }
    return kinds;
}

std::string kind_names() {
    std::string names;
    for (const named_kind& k : known) names += (names.empty() ? "" : ", ") + std::string{k.name};
    return names;
}

std::string names_of(const measured_kinds& kinds) {
    std::string names;
    const auto add_name = [&](CUpti_ActivityKind kind) {
        for (const named_kind& k : known)
            if (k.kind == kind) names += (names.empty() ? "" : ", ") + std::string{k.name};
    };
    for (const CUpti_ActivityKind kind : kinds.records) add_name(kind);
    if (kinds.runtime_calls) add_name(CUPTI_ACTIVITY_KIND_RUNTIME);
    if (kinds.driver_calls) add_name(CUPTI_ACTIVITY_KIND_DRIVER);
    return names;
}

}  // namespace tim::gpu
