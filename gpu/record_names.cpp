#include "record_names.hpp"

#include "records.hpp"

namespace tim::gpu {

std::string_view copy_name(std::uint8_t kind) noexcept {
    switch (kind) {
        case CUPTI_ACTIVITY_MEMCPY_KIND_HTOD:
            return "copy host to device";
        case CUPTI_ACTIVITY_MEMCPY_KIND_DTOH:
            return "copy device to host";
        case CUPTI_ACTIVITY_MEMCPY_KIND_HTOA:
            return "copy host to array";
        case CUPTI_ACTIVITY_MEMCPY_KIND_ATOH:
            return "copy array to host";
        case CUPTI_ACTIVITY_MEMCPY_KIND_ATOA:
            return "copy array to array";
        case CUPTI_ACTIVITY_MEMCPY_KIND_ATOD:
            return "copy array to device";
        case CUPTI_ACTIVITY_MEMCPY_KIND_DTOA:
            return "copy device to array";
        case CUPTI_ACTIVITY_MEMCPY_KIND_DTOD:
            return "copy device to device";
        case CUPTI_ACTIVITY_MEMCPY_KIND_HTOH:
            return "copy host to host";
        case CUPTI_ACTIVITY_MEMCPY_KIND_PTOP:
            return "copy peer to peer";
        default:
            return "copy";
    }
}

std::string_view memory_name(std::uint32_t kind) noexcept {
    switch (kind) {
        case CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE:
            return "pageable";
        case CUPTI_ACTIVITY_MEMORY_KIND_PINNED:
            return "pinned";
        case CUPTI_ACTIVITY_MEMORY_KIND_DEVICE:
            return "device";
        case CUPTI_ACTIVITY_MEMORY_KIND_ARRAY:
            return "array";
        case CUPTI_ACTIVITY_MEMORY_KIND_MANAGED:
            return "managed";
        case CUPTI_ACTIVITY_MEMORY_KIND_DEVICE_STATIC:
            return "static device";
        case CUPTI_ACTIVITY_MEMORY_KIND_MANAGED_STATIC:
            return "static managed";
        default:
            return "other";
    }
}

std::string_view set_name(std::uint32_t kind) noexcept {
    switch (kind) {
        case CUPTI_ACTIVITY_MEMORY_KIND_PAGEABLE:
            return "set pageable memory";
        case CUPTI_ACTIVITY_MEMORY_KIND_PINNED:
            return "set pinned memory";
        case CUPTI_ACTIVITY_MEMORY_KIND_DEVICE:
            return "set device memory";
        case CUPTI_ACTIVITY_MEMORY_KIND_ARRAY:
            return "set an array";
        case CUPTI_ACTIVITY_MEMORY_KIND_MANAGED:
            return "set managed memory";
        case CUPTI_ACTIVITY_MEMORY_KIND_DEVICE_STATIC:
            return "set static device memory";
        case CUPTI_ACTIVITY_MEMORY_KIND_MANAGED_STATIC:
            return "set static managed memory";
        default:
            return "set memory";
    }
}

std::string_view wait_name(std::uint32_t type) noexcept {
    switch (type) {
        case CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_EVENT_SYNCHRONIZE:
            return "wait for an event";
        case CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_WAIT_EVENT:
            return "let a stream wait for an event";
        case CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_SYNCHRONIZE:
            return "wait for a stream";
        case CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_CONTEXT_SYNCHRONIZE:
            return "wait for a device";
        default:
            return "wait";
    }
}

std::string_view unified_name(std::uint32_t kind) noexcept {
    switch (kind) {
        case CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_BYTES_TRANSFER_HTOD:
            return "moved to a device";
        case CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_BYTES_TRANSFER_DTOH:
            return "moved to the host";
        case CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_BYTES_TRANSFER_DTOD:
            return "moved between devices";
        case CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_CPU_PAGE_FAULT_COUNT:
            return "page faults of the host";
        case CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_GPU_PAGE_FAULT:
            return "page faults of a device";
        case CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_THRASHING:
            return "thrashing";
        case CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_THROTTLING:
            return "throttling";
        case CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_REMOTE_MAP:
            return "remote maps";
        default:
            return "other";
    }
}

bool is_of_cupti(std::uint32_t overhead_kind) noexcept {
    return !overhead_name(overhead_kind).starts_with("CUDA: ");
}

std::string_view overhead_name(std::uint32_t kind) noexcept {
    // By number: the later ones are not in CUDA 11.8's headers.
    constexpr std::uint32_t compiler = 1;
    constexpr auto of_cupti = [](std::uint32_t number) { return number << 16; };
    switch (kind) {
        case compiler:
            return "CUDA: compiler";
        case of_cupti(1):
            return "CUPTI: buffers flushed";
        case of_cupti(2):
            return "CUPTI: instrumentation";
        case of_cupti(3):
            return "CUPTI: resources";
        case of_cupti(4):
            return "CUDA: modules loaded";
        case of_cupti(5):
            return "CUDA: functions loaded";
        case of_cupti(6):
            return "CUDA: command buffer full";
        case of_cupti(7):
            return "CUPTI: buffers requested";
        case of_cupti(8):
            return "CUPTI: unified memory";
        default:
            return "other";
    }
}

}  // namespace tim::gpu
