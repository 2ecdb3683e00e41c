#include "conversion.hpp"

#include <algorithm>

#include "record_names.hpp"

namespace tim::gpu {
namespace {

/// CUPTI packs its records: fields are copied, never referred to.
template <typename Record>
const Record& as(const CUpti_Activity& record) noexcept {
    return reinterpret_cast<const Record&>(record);
}

std::string_view text_or(const char* text, std::string_view otherwise) noexcept {
    return text != nullptr && *text != '\0' ? text : otherwise;
}

template <typename Record>
kernel_shape shape_of(const Record& r) noexcept {
    return {.grid = {r.gridX, r.gridY, r.gridZ},
            .block = {r.blockX, r.blockY, r.blockZ},
            .registers = r.registersPerThread,
            .static_shared = r.staticSharedMemory,
            .dynamic_shared = r.dynamicSharedMemory};
}

template <typename Record>
device_operation operation_of(const Record& r, operation_kind kind,
                              std::string_view name) noexcept {
    return {.kind = kind,
            .name = name,
            .device = r.deviceId,
            .context = r.contextId,
            .stream = r.streamId};
}

}  // namespace

void conversion::take(std::uint8_t* buffer, std::size_t size, next_record next) {
    CUpti_Activity* record = nullptr;
    for (;;) {
        const CUptiResult result = next(buffer, size, &record);
        if (result == CUPTI_ERROR_MAX_LIMIT_REACHED) return;
        if (result != CUPTI_SUCCESS) {
            to_.count(gap::broken, 1);
            return;
        }
        take(*record);
    }
}

void conversion::take(const CUpti_Activity& record) {
    switch (record.kind) {
        case CUPTI_ACTIVITY_KIND_KERNEL:
        case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
            return take_kernel(as<kernel_record>(record));
        case CUPTI_ACTIVITY_KIND_CDP_KERNEL:
            return take_kernel(as<device_launched_kernel_record>(record));
        case CUPTI_ACTIVITY_KIND_MEMCPY:
            return take_copy(as<copy_record>(record));
        case CUPTI_ACTIVITY_KIND_MEMCPY2:
            return take_copy(as<peer_copy_record>(record));
        case CUPTI_ACTIVITY_KIND_MEMSET:
            return take_set(as<set_record>(record));
        case CUPTI_ACTIVITY_KIND_GRAPH_TRACE:
            return take_graph(as<graph_record>(record));
        case CUPTI_ACTIVITY_KIND_SYNCHRONIZATION:
            return take_wait(as<wait_record>(record));
        case CUPTI_ACTIVITY_KIND_MEMORY2:
            return take_memory(as<memory_record>(record));
        case CUPTI_ACTIVITY_KIND_UNIFIED_MEMORY_COUNTER:
            return take_unified(as<unified_record>(record));
        case CUPTI_ACTIVITY_KIND_OVERHEAD:
            return take_overhead(as<overhead_record>(record));
        case CUPTI_ACTIVITY_KIND_DEVICE:
            return take_device(as<device_record>(record));
        default:
            return;
    }
}

void conversion::book(device_operation& what, std::uint32_t correlation, std::uint64_t start,
                      std::uint64_t end) {
    const auto call = launches_.find(correlation);
    if (call)
        what.path = call->path;
    else if (correlation != 0)  // 0: no call of the program's launched it
        to_.count(gap::no_launch, 1);
    if (start == 0 || end < start) {
        to_.count(gap::no_time, 1);
        return;
    }
    what.begin = clock_.ours(static_cast<std::int64_t>(start));
    what.end = what.begin + static_cast<std::int64_t>(end - start);
    if (call) what.delay = std::max<std::int64_t>(what.begin - call->time, 0);
    shares_.add(what.device, what.kind == operation_kind::copy || what.kind == operation_kind::set,
                what.begin, what.end);
    to_.book(what);
}

template <typename Record>
void conversion::take_kernel(const Record& r) {
    const kernel_shape shape = shape_of(r);
    device_operation what = operation_of(r, operation_kind::kernel, text_or(r.name, "kernel"));
    what.shape = &shape;
    book(what, r.correlationId, r.start, r.end);
}

template <typename Record>
void conversion::take_copy(const Record& r) {
    device_operation what = operation_of(r, operation_kind::copy, copy_name(r.copyKind));
    what.bytes = static_cast<std::int64_t>(r.bytes);
    book(what, r.correlationId, r.start, r.end);
}

void conversion::take_set(const set_record& r) {
    device_operation what = operation_of(r, operation_kind::set, set_name(r.memoryKind));
    what.bytes = static_cast<std::int64_t>(r.bytes);
    book(what, r.correlationId, r.start, r.end);
}

void conversion::take_graph(const graph_record& r) {
    device_operation what = operation_of(r, operation_kind::graph, "graph");
    book(what, r.correlationId, r.start, r.end);
}

void conversion::take_wait(const wait_record& r) {
    const auto call = launches_.find(r.correlationId);
    if (r.start == 0 || r.end < r.start) {
        to_.count(gap::no_time, 1);
        return;
    }
    to_.book(host_wait{.path = call ? call->path : 0,
                       .name = wait_name(static_cast<std::uint32_t>(r.type)),
                       .lap = static_cast<std::int64_t>(r.end - r.start)});
}

void conversion::take_memory(const memory_record& r) {
    const auto kind = static_cast<std::uint32_t>(r.memoryKind);
    const bool freed = r.memoryOperationType == CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_RELEASE;
    if (!freed && r.memoryOperationType != CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION) return;
    const auto bytes = static_cast<std::int64_t>(r.bytes);
    std::int64_t& in_use = in_use_[{r.deviceId, kind}];
    in_use += freed ? -bytes : bytes;
    const auto call = launches_.find(r.correlationId);
    to_.book(memory_change{.path = call ? call->path : 0,
                           .device = r.deviceId,
                           .kind = memory_name(kind),
                           .bytes = freed ? -bytes : bytes,
                           .in_use = in_use});
}

void conversion::take_unified(const unified_record& r) {
    const auto kind = static_cast<std::uint32_t>(r.counterKind);
    const auto place = [](std::uint32_t id) {
        return id == CUPTI_UNIFIED_MEMORY_CPU_DEVICE_ID ? unknown : std::int64_t{id};
    };
    unified_event what{.name = unified_name(kind),
                       .from = place(r.srcId),
                       .to = place(r.dstId),
                       .value = static_cast<std::int64_t>(r.value)};
    switch (kind) {
        case CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_BYTES_TRANSFER_HTOD:
        case CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_BYTES_TRANSFER_DTOH:
        case CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_BYTES_TRANSFER_DTOD:
            what.is_bytes = true;
            break;
        default:
            break;
    }
    to_.book(what);
}

void conversion::take_overhead(const overhead_record& r) {
    if (r.end < r.start) return;
    const auto kind = static_cast<std::uint32_t>(r.overheadKind);
    to_.book(overhead_time{.name = overhead_name(kind),
                           .ours = is_of_cupti(kind),
                           .lap = static_cast<std::int64_t>(r.end - r.start)});
}

void conversion::take_device(const device_record& r) {
    to_.book(device_info{.device = r.id,
                         .name = text_or(r.name, "device"),
                         .multiprocessors = r.numMultiprocessors});
}

}  // namespace tim::gpu
