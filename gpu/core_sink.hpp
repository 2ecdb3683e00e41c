// Bookings into the core: laps of kernels and copies below their launches, and the tables of the
// devices, see runtime/profile/table_list.cpp.

#pragma once

#include <timemory/tools.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "booking.hpp"

namespace tim::gpu {

/// On one thread: the rows it fills belong to the thread that makes the first booking.
class core_sink final : public sink {
public:
    core_sink();

    void book(const device_operation& what) override;
    void book(const host_wait& what) override;
    void book(const memory_change& what) override;
    void book(const unified_event& what) override;
    void book(const overhead_time& what) override;
    void book(const device_info& what) override;
    void book_state(std::uint32_t device, device_state state, std::int64_t lap) override;
    void count(gap cause, std::uint64_t events) override;

private:
    /// What a name is to the core.
    struct named {
        timemory_region_t region = 0;
        std::int64_t text = 0;
    };
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };
    using names = std::unordered_map<std::string, named, hash, std::equal_to<>>;

    const named& name_of(names& known, std::string_view name, const char* components);
    std::int64_t text_of(std::string_view text);
    static void add(int table, std::initializer_list<std::int64_t> keys, std::int64_t value);

    names operations_known_;
    names waits_known_;
    names memory_known_;
    std::unordered_map<std::string, std::int64_t, hash, std::equal_to<>> texts_;
    int activity_, delay_, bytes_, launches_, memory_, unified_, overhead_, devices_, states_;
};

/// A kernel as the source has it: "scale(float*, int)" of "_Z5scalePfi".
std::string demangled(std::string_view name);

}  // namespace tim::gpu
