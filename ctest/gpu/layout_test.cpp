// Each field that the conversion reads stands in the newest record of these headers where it stands
// in the record of CUDA 11.8. Compiling is the test; it is done with the headers of each version.

#include <cstddef>

#include "record_buffer.hpp"

namespace tim::gpu {

#define SAME(kind, field)                                                             \
    static_assert(offsetof(kind##_record, field) == offsetof(newest_##kind, field) && \
                  sizeof(kind##_record::field) == sizeof(newest_##kind::field))

SAME(kernel, kind);
SAME(kernel, registersPerThread);
SAME(kernel, start);
SAME(kernel, end);
SAME(kernel, deviceId);
SAME(kernel, contextId);
SAME(kernel, streamId);
SAME(kernel, gridX);
SAME(kernel, gridY);
SAME(kernel, gridZ);
SAME(kernel, blockX);
SAME(kernel, blockY);
SAME(kernel, blockZ);
SAME(kernel, staticSharedMemory);
SAME(kernel, dynamicSharedMemory);
SAME(kernel, correlationId);
SAME(kernel, name);

SAME(device_launched_kernel, registersPerThread);
SAME(device_launched_kernel, start);
SAME(device_launched_kernel, end);
SAME(device_launched_kernel, correlationId);
SAME(device_launched_kernel, name);

SAME(copy, copyKind);
SAME(copy, bytes);
SAME(copy, start);
SAME(copy, end);
SAME(copy, deviceId);
SAME(copy, contextId);
SAME(copy, streamId);
SAME(copy, correlationId);

SAME(peer_copy, copyKind);
SAME(peer_copy, bytes);
SAME(peer_copy, start);
SAME(peer_copy, end);
SAME(peer_copy, deviceId);
SAME(peer_copy, correlationId);

SAME(set, bytes);
SAME(set, start);
SAME(set, end);
SAME(set, deviceId);
SAME(set, contextId);
SAME(set, streamId);
SAME(set, correlationId);
SAME(set, memoryKind);

SAME(graph, correlationId);
SAME(graph, start);
SAME(graph, end);
SAME(graph, deviceId);
SAME(graph, contextId);
SAME(graph, streamId);

SAME(wait, type);
SAME(wait, start);
SAME(wait, end);
SAME(wait, correlationId);

SAME(memory, memoryOperationType);
SAME(memory, memoryKind);
SAME(memory, correlationId);
SAME(memory, bytes);
SAME(memory, deviceId);

SAME(unified, counterKind);
SAME(unified, value);
SAME(unified, srcId);
SAME(unified, dstId);

SAME(overhead, overheadKind);
SAME(overhead, start);
SAME(overhead, end);

SAME(device, id);
SAME(device, name);
SAME(device, numMultiprocessors);

}  // namespace tim::gpu
