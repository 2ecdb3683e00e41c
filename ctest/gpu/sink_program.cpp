// Records as CUPTI would give them, booked into the core: calls in two regions of two threads,
// whose records arrive on a third when both have ended.

#include <timemory/tools.h>

#include <thread>

#include "conversion.hpp"
#include "core_sink.hpp"
#include "record_buffer.hpp"

using namespace tim::gpu;

int main(int argc, char** argv) {
    timemory_init(argc, argv);
    launch_table launches;
    clock_fit clock;
    const auto call = [&](const char* region, std::uint32_t id) {
        timemory_push_region("outer");
        timemory_push_region(region);
        launches.add(id, {timemory_current_path(), timemory_clock()});
        timemory_pop_region(region);
        timemory_pop_region("outer");
    };
    call("first", 1);
    std::thread{[&] { call("second", 2); }}.join();

    const auto now = static_cast<std::uint64_t>(timemory_clock());
    std::thread{[&] {
        core_sink sink;
        conversion records{sink, launches, clock};
        const auto take = [&](const auto& record) {
            records.take(reinterpret_cast<const CUpti_Activity&>(record));
        };
        auto kernel = record_of<newest_kernel>(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
        kernel.name = "_Z4spinx";
        kernel.deviceId = 1;
        kernel.streamId = 7;
        kernel.gridX = 2;
        kernel.gridY = kernel.gridZ = kernel.blockZ = 1;
        kernel.blockX = 32;
        kernel.blockY = 4;
        kernel.registersPerThread = 40;
        kernel.dynamicSharedMemory = 256;
        for (std::uint32_t i = 0; i < 10; ++i) {
            kernel.correlationId = 1 + i % 2;
            kernel.start = now + i * 1000;
            kernel.end = kernel.start + 500;
            take(kernel);
        }
        auto copy = record_of<newest_copy>(CUPTI_ACTIVITY_KIND_MEMCPY);
        copy.correlationId = 2;
        copy.copyKind = CUPTI_ACTIVITY_MEMCPY_KIND_DTOH;
        copy.bytes = 4096;
        copy.deviceId = 1;
        copy.start = now + 250;
        copy.end = now + 750;
        take(copy);
        auto wait = record_of<newest_wait>(CUPTI_ACTIVITY_KIND_SYNCHRONIZATION);
        wait.correlationId = 1;
        wait.type = CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_SYNCHRONIZE;
        wait.start = 100;
        wait.end = 350;
        take(wait);
        auto memory = record_of<newest_memory>(CUPTI_ACTIVITY_KIND_MEMORY2);
        memory.correlationId = 1;
        memory.memoryOperationType = CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION;
        memory.memoryKind = CUPTI_ACTIVITY_MEMORY_KIND_DEVICE;
        memory.bytes = 1000;
        take(memory);
        take(memory);
        memory.memoryOperationType = CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_RELEASE;
        take(memory);
        auto device = record_of<newest_device>(CUPTI_ACTIVITY_KIND_DEVICE);
        device.id = 1;
        device.name = "NVIDIA Test";
        device.numMultiprocessors = 132;
        take(device);
        auto unified = record_of<newest_unified>(CUPTI_ACTIVITY_KIND_UNIFIED_MEMORY_COUNTER);
        unified.counterKind = CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_BYTES_TRANSFER_HTOD;
        unified.value = 65536;
        unified.srcId = CUPTI_UNIFIED_MEMORY_CPU_DEVICE_ID;
        unified.dstId = 1;
        take(unified);
        auto overhead = record_of<newest_overhead>(CUPTI_ACTIVITY_KIND_OVERHEAD);
        overhead.overheadKind = CUPTI_ACTIVITY_OVERHEAD_CUPTI_BUFFER_FLUSH;
        overhead.start = 1000;
        overhead.end = 8000;
        take(overhead);
        overhead.overheadKind = CUPTI_ACTIVITY_OVERHEAD_DRIVER_COMPILER;
        overhead.end = 1030;
        take(overhead);
        auto unknown = kernel;
        unknown.correlationId = 99;
        take(unknown);
        records.finish();
    }}.join();
    timemory_finalize();
}
