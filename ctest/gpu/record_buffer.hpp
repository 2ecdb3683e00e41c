// Buffers of activity records as the CUPTI of these headers fills them: the newest structure of
// each kind, one after the other.

#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "records.hpp"

namespace tim::gpu {

#if CUPTI_API_VERSION >= 130500
using newest_kernel = CUpti_ActivityKernel13;
using newest_copy = CUpti_ActivityMemcpy7;
using newest_set = CUpti_ActivityMemset5;
using newest_device = CUpti_ActivityDevice6;
#elif CUPTI_API_VERSION >= 130000
using newest_kernel = CUpti_ActivityKernel10;
using newest_copy = CUpti_ActivityMemcpy6;
using newest_set = CUpti_ActivityMemset4;
using newest_device = CUpti_ActivityDevice5;
#elif CUPTI_API_VERSION >= 28
using newest_kernel = CUpti_ActivityKernel9;
using newest_copy = CUpti_ActivityMemcpy6;
using newest_set = CUpti_ActivityMemset4;
using newest_device = CUpti_ActivityDevice5;
#else
using newest_kernel = CUpti_ActivityKernel8;
using newest_copy = CUpti_ActivityMemcpy5;
using newest_set = CUpti_ActivityMemset4;
using newest_device = CUpti_ActivityDevice4;
#endif
#if CUPTI_API_VERSION >= 28
using newest_memory = CUpti_ActivityMemory4;
using newest_wait = CUpti_ActivitySynchronization2;
using newest_unified = CUpti_ActivityUnifiedMemoryCounter3;
using newest_overhead = CUpti_ActivityOverhead3;
using newest_graph = CUpti_ActivityGraphTrace2;
#else
using newest_memory = CUpti_ActivityMemory3;
using newest_wait = CUpti_ActivitySynchronization;
using newest_unified = CUpti_ActivityUnifiedMemoryCounter2;
using newest_overhead = CUpti_ActivityOverhead;
using newest_graph = CUpti_ActivityGraphTrace;
#endif
using newest_peer_copy = CUpti_ActivityMemcpyPtoP4;
using newest_device_launched_kernel = CUpti_ActivityCdpKernel;

class record_buffer {
public:
    template <typename Record>
    void add(const Record& record) {
        const std::size_t at = bytes_.size();
        bytes_.resize(at + sizeof record);
        std::memcpy(bytes_.data() + at, &record, sizeof record);
    }
    [[nodiscard]] std::uint8_t* data() noexcept { return bytes_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

private:
    std::vector<std::uint8_t> bytes_;  // of an allocation: aligned to 8 as CUPTI's records are
};

/// An empty record of a kind.
template <typename Record>
Record record_of(CUpti_ActivityKind kind) {
    Record record;
    std::memset(&record, 0, sizeof record);
    record.kind = kind;
    return record;
}

}  // namespace tim::gpu
