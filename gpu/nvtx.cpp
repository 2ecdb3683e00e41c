// NVTX ranges and marks as regions. A program's NVTX finds this library by NVTX_INJECTION64_PATH
// and lets it put functions in the place of its own, which do nothing. Neither CUDA nor CUPTI is
// needed.
//
// A range of a domain is the region "domain: message", one without is the region "message". A range
// that is pushed ends on the thread that pushed it; one that is started may end on another. A mark
// is a lap of no length.

#include <nvtx3/nvToolsExt.h>
#include <timemory/tools.h>

#include <array>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nvtx_ranges.hpp"

namespace {

/// What the program holds as handles. They live as long as the process: another thread may still
/// use one that is destroyed.
struct domain {
    std::string prefix;
};
struct registered_string {
    std::string text;
};

std::string narrow(const wchar_t* wide) {
    std::string text;
    for (; wide != nullptr && *wide != L'\0'; ++wide) {
        const auto c = static_cast<char32_t>(*wide);
        if (c < 0x80) {
            text += static_cast<char>(c);
        } else if (c < 0x800) {
            text += static_cast<char>(0xC0 | c >> 6);
            text += static_cast<char>(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            text += static_cast<char>(0xE0 | c >> 12);
            text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
            text += static_cast<char>(0x80 | (c & 0x3F));
        } else {
            text += static_cast<char>(0xF0 | c >> 18);
            text += static_cast<char>(0x80 | (c >> 12 & 0x3F));
            text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
            text += static_cast<char>(0x80 | (c & 0x3F));
        }
    }
    return text;
}

std::string_view prefix_of(nvtxDomainHandle_t handle) {
    return handle != nullptr ? reinterpret_cast<const domain*>(handle)->prefix : std::string_view{};
}

/// The region of an event. Only the fields that its `size` has may be read.
std::string name_of(const nvtxEventAttributes_t* event, nvtxDomainHandle_t in) {
    constexpr std::size_t least = offsetof(nvtxEventAttributes_t, message) + sizeof(event->message);
    std::string name{prefix_of(in)};
    if (event == nullptr || event->size < least) return name + "range";
    const nvtxMessageValue_t message = event->message;
    switch (event->messageType) {
        case NVTX_MESSAGE_TYPE_ASCII:
            if (message.ascii != nullptr) return name + message.ascii;
            break;
        case NVTX_MESSAGE_TYPE_UNICODE:
            if (message.unicode != nullptr) return name + narrow(message.unicode);
            break;
        case NVTX_MESSAGE_TYPE_REGISTERED:
            if (message.registered != nullptr)
                return name + reinterpret_cast<const registered_string*>(message.registered)->text;
            break;
        default:
            break;
    }
    return name + "range";
}

/// Ranges that were pushed and are not popped, of a thread and a domain. NVTX's stacks of different
/// domains do not know each other.
struct pushed_ranges {
    std::unordered_map<nvtxDomainHandle_t, std::vector<timemory_record_t>> of_domain;
};

pushed_ranges& pushed() {
    static thread_local pushed_ranges ranges;
    return ranges;
}

timemory_record_t begin(const std::string& name) {
    return timemory_begin(timemory_region(name.c_str(), nullptr));
}

int push(const std::string& name, nvtxDomainHandle_t in) {
    std::vector<timemory_record_t>& open = pushed().of_domain[in];
    open.push_back(begin(name));
    return static_cast<int>(open.size()) - 1;
}

int pop(nvtxDomainHandle_t in) {
    std::vector<timemory_record_t>& open = pushed().of_domain[in];
    if (open.empty()) return NVTX_NO_PUSH_POP_TRACKING;
    timemory_end(open.back());
    open.pop_back();
    return static_cast<int>(open.size());
}

void mark(const std::string& name) {
    timemory_end(begin(name));
}

/// A range's id is its record, which may be 0.
nvtxRangeId_t start(const std::string& name) {
    return begin(name) + 1;
}
void end(nvtxRangeId_t id) {
    timemory_end(id - 1);
}

/// Nothing of ours may end the program: no exception leaves.
template <typename Work, typename Result>
Result guarded(Work&& work, Result otherwise) noexcept {
    try {
        return work();
    } catch (const std::exception&) {
        return otherwise;
    }
}
template <typename Work>
void guarded(Work&& work) noexcept {
    try {
        work();
    } catch (const std::exception&) {
    }
}

std::string text(const char* ascii) {
    return ascii != nullptr ? ascii : "range";
}

void mark_ex(const nvtxEventAttributes_t* e) {
    guarded([&] { mark(name_of(e, nullptr)); });
}
void mark_a(const char* m) {
    guarded([&] { mark(text(m)); });
}
void mark_w(const wchar_t* m) {
    guarded([&] { mark(narrow(m)); });
}
nvtxRangeId_t start_ex(const nvtxEventAttributes_t* e) {
    return guarded([&] { return start(name_of(e, nullptr)); }, nvtxRangeId_t{0});
}
nvtxRangeId_t start_a(const char* m) {
    return guarded([&] { return start(text(m)); }, nvtxRangeId_t{0});
}
nvtxRangeId_t start_w(const wchar_t* m) {
    return guarded([&] { return start(narrow(m)); }, nvtxRangeId_t{0});
}
void range_end(nvtxRangeId_t id) {
    end(id);
}
int push_ex(const nvtxEventAttributes_t* e) {
    return guarded([&] { return push(name_of(e, nullptr), nullptr); },
                   int{NVTX_NO_PUSH_POP_TRACKING});
}
int push_a(const char* m) {
    return guarded([&] { return push(text(m), nullptr); }, int{NVTX_NO_PUSH_POP_TRACKING});
}
int push_w(const wchar_t* m) {
    return guarded([&] { return push(narrow(m), nullptr); }, int{NVTX_NO_PUSH_POP_TRACKING});
}
int range_pop() {
    return guarded([] { return pop(nullptr); }, int{NVTX_NO_PUSH_POP_TRACKING});
}

void domain_mark(nvtxDomainHandle_t d, const nvtxEventAttributes_t* e) {
    guarded([&] { mark(name_of(e, d)); });
}
nvtxRangeId_t domain_start(nvtxDomainHandle_t d, const nvtxEventAttributes_t* e) {
    return guarded([&] { return start(name_of(e, d)); }, nvtxRangeId_t{0});
}
void domain_end(nvtxDomainHandle_t, nvtxRangeId_t id) {
    end(id);
}
int domain_push(nvtxDomainHandle_t d, const nvtxEventAttributes_t* e) {
    return guarded([&] { return push(name_of(e, d), d); }, int{NVTX_NO_PUSH_POP_TRACKING});
}
int domain_pop(nvtxDomainHandle_t d) {
    return guarded([&] { return pop(d); }, int{NVTX_NO_PUSH_POP_TRACKING});
}
nvtxDomainHandle_t make_domain(const std::string& name) {
    return reinterpret_cast<nvtxDomainHandle_t>(new domain{name + ": "});
}
nvtxDomainHandle_t domain_create_a(const char* name) {
    return guarded([&] { return make_domain(text(name)); }, nvtxDomainHandle_t{});
}
nvtxDomainHandle_t domain_create_w(const wchar_t* name) {
    return guarded([&] { return make_domain(narrow(name)); }, nvtxDomainHandle_t{});
}
nvtxStringHandle_t make_string(std::string of) {
    return reinterpret_cast<nvtxStringHandle_t>(new registered_string{std::move(of)});
}
nvtxStringHandle_t register_a(nvtxDomainHandle_t, const char* m) {
    return guarded([&] { return make_string(text(m)); }, nvtxStringHandle_t{});
}
nvtxStringHandle_t register_w(nvtxDomainHandle_t, const wchar_t* m) {
    return guarded([&] { return make_string(narrow(m)); }, nvtxStringHandle_t{});
}

struct replacement {
    NvtxCallbackModule module;
    unsigned id;
    NvtxFunctionPointer function;
};

template <typename Function>
replacement put(NvtxCallbackModule module, unsigned id, Function* function) {
    return {module, id, reinterpret_cast<NvtxFunctionPointer>(function)};
}

}  // namespace

/// Called by each instance of NVTX in the process, when its first function is called.
extern "C" TIMEMORY_API int InitializeInjectionNvtx2(NvtxGetExportTableFunc_t export_table) {
    if (tim::gpu::starting_ranges) return 0;  // ours is to call none
    constexpr NvtxCallbackModule core = NVTX_CB_MODULE_CORE;
    constexpr NvtxCallbackModule core2 = NVTX_CB_MODULE_CORE2;
    const auto* callbacks =
        static_cast<const NvtxExportTableCallbacks*>(export_table(NVTX_ETID_CALLBACKS));
    if (callbacks == nullptr || callbacks->struct_size < sizeof *callbacks ||
        callbacks->GetModuleFunctionTable == nullptr)
        return 0;
    const replacement all[] = {
        put(core, NVTX_CBID_CORE_MarkEx, mark_ex),
        put(core, NVTX_CBID_CORE_MarkA, mark_a),
        put(core, NVTX_CBID_CORE_MarkW, mark_w),
        put(core, NVTX_CBID_CORE_RangeStartEx, start_ex),
        put(core, NVTX_CBID_CORE_RangeStartA, start_a),
        put(core, NVTX_CBID_CORE_RangeStartW, start_w),
        put(core, NVTX_CBID_CORE_RangeEnd, range_end),
        put(core, NVTX_CBID_CORE_RangePushEx, push_ex),
        put(core, NVTX_CBID_CORE_RangePushA, push_a),
        put(core, NVTX_CBID_CORE_RangePushW, push_w),
        put(core, NVTX_CBID_CORE_RangePop, range_pop),
        put(core2, NVTX_CBID_CORE2_DomainMarkEx, domain_mark),
        put(core2, NVTX_CBID_CORE2_DomainRangeStartEx, domain_start),
        put(core2, NVTX_CBID_CORE2_DomainRangeEnd, domain_end),
        put(core2, NVTX_CBID_CORE2_DomainRangePushEx, domain_push),
        put(core2, NVTX_CBID_CORE2_DomainRangePop, domain_pop),
        put(core2, NVTX_CBID_CORE2_DomainRegisterStringA, register_a),
        put(core2, NVTX_CBID_CORE2_DomainRegisterStringW, register_w),
        put(core2, NVTX_CBID_CORE2_DomainCreateA, domain_create_a),
        put(core2, NVTX_CBID_CORE2_DomainCreateW, domain_create_w),
    };
    for (const replacement& r : all) {
        NvtxFunctionTable table = nullptr;
        unsigned size = 0;
        if (callbacks->GetModuleFunctionTable(r.module, &table, &size) != 0 && r.id < size &&
            table[r.id] != nullptr)
            *table[r.id] = r.function;
    }
    return 1;
}
