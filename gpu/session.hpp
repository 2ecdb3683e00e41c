// The measurement of the GPUs in this process: CUPTI subscribed, buffers, and the thread that reads
// them.

#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "api_callbacks.hpp"
#include "buffer_pool.hpp"
#include "clock_fit.hpp"
#include "conversion.hpp"
#include "core_sink.hpp"
#include "cupti_library.hpp"
#include "kinds.hpp"
#include "launch_table.hpp"

namespace tim::gpu {

/// One in a process, and never destroyed: CUPTI keeps its callbacks.
class session {
public:
    static session& of_process();

    /// Begins measuring, once. Where that can't be, one line in the job says why, and nothing else
    /// changes. May be called from any thread, also inside cuInit().
    void start() noexcept;

    /// Books what the devices have done so far, before results are taken. With `last` measuring
    /// ends. Waits for the reading thread, at most some seconds; not inside a callback of CUPTI.
    void flush(bool last) noexcept;

private:
    session() = default;

    std::string begin();  ///< empty, or why not
    std::string subscribe();
    CUptiResult enable(CUpti_ActivityKind kind);
    void enable_unified_memory() noexcept;
    void read_buffers();
    void read_clocks();
    CUptiResult read_timestamp(std::uint64_t& time);
    void count_dropped();
    void stop_records();

    static void on_call(void* self, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                        const void* data);
    static void request_buffer(std::uint8_t** buffer, std::size_t* size, std::size_t* records);
    static void complete_buffer(CUcontext context, std::uint32_t stream, std::uint8_t* buffer,
                                std::size_t size, std::size_t valid);
    static CUptiResult next_of_subscriber(std::uint8_t* buffer, std::size_t size,
                                          CUpti_Activity** record);

    cupti_library cupti_;
    CUpti_SubscriberHandle subscriber_ = nullptr;
    bool shared_ = false;  ///< one of several subscribers: CUPTI's V2 functions
    measured_kinds kinds_;
    launch_table launches_;
    clock_fit clock_;
    core_sink sink_;
    conversion conversion_{sink_, launches_, clock_};
    api_callbacks calls_{launches_};
    buffer_pool pool_;

    std::mutex state_;  ///< of starting and ending
    std::atomic<bool> tried_{false};
    std::atomic<bool> measuring_{false};
    std::atomic<bool> unified_memory_waits_{false};  ///< until the driver is initialised
    pid_t process_ = 0;
    std::thread reader_;

    std::mutex answer_;
    std::condition_variable answered_;
    std::uint64_t asked_ = 0, answers_ = 0;
    bool last_ = false;
};

}  // namespace tim::gpu
