#include "session.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <timemory/tools.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "settings/say.hpp"

namespace tim::gpu {
namespace {

constexpr std::int64_t ms = 1'000'000;

/// How often the clocks are compared and CUPTI is asked for buffers that are not full.
constexpr std::int64_t between_flushes = 500 * ms;
constexpr std::int64_t between_clock_points = 50 * ms;
constexpr std::chrono::seconds most_waiting{20};

std::string setting(const char* name) {
    char value[4096] = "";
    return timemory_get_setting(name, value, sizeof value) < 0 ? "" : value;
}

measured_kinds asked_kinds() {
    const std::string list = setting("cupti_activity_kinds");
    if (list.empty()) return kinds_of_level(std::atoi(setting("cupti_activity_level").c_str()));
    std::vector<std::string> wrong;
    measured_kinds kinds = kinds_of_list(list, wrong);
    for (const std::string& word : wrong)
        say_once_per_job(
            fmt::format("cupti_activity_kinds: '{}' is no kind that is measured; accepted are {}, "
                        "or CUPTI's numbers of them",
                        shown(word), kind_names()));
    return kinds;
}

/// What a refusal of CUPTI means and what can be done.
std::string meaning_of(CUptiResult result, const std::string& text, const char* holder) {
    switch (static_cast<int>(result)) {
        case 12:  // CUPTI_ERROR_MAX_LIMIT_REACHED, of CUDA 11
        case 39:  // CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED
            return fmt::format("another tool holds CUPTI{}{}; run without it",
                               *holder != '\0' ? ": " : "", shown(holder));
        case 35:  // CUPTI_ERROR_INSUFFICIENT_PRIVILEGES
        case 40:
            return "CUPTI may be used by the administrator only (" + text +
                   "): the driver's option NVreg_RestrictProfilingToAdminUsers=0 allows it to all";
        default:
            return "CUPTI says " + text;
    }
}

}  // namespace

session& session::of_process() {
    static auto* const only = new session;
    return *only;
}

void session::start() noexcept {
    // Not under the lock: a thread of ours that books the first region comes here too.
    if (tried_.exchange(true)) return;
    try {
        const std::lock_guard guard{state_};
        if (const std::string problem = begin(); !problem.empty())
            say_once_per_job("GPU activity is not measured: " + problem);
    } catch (const std::exception& error) {
        say_once_per_job(fmt::format("GPU activity is not measured: {}", error.what()));
    }
}

std::string session::subscribe() {
    char holder[128] = "";
    CUptiResult result = CUPTI_ERROR_NOT_SUPPORTED;
#if CUPTI_API_VERSION >= 130000
    if (cupti_.cuptiSubscribe_v2 != nullptr) {
        CUpti_SubscriberParams parameters{};
        parameters.subscriberName = "timemory";
        parameters.oldSubscriberName = holder;
        parameters.oldSubscriberSize = sizeof holder;
#    if CUPTI_API_VERSION >= 130400
        // CUDA 13.3 update 1 allows it, with a driver of r610 and later; but not for records of
        // whole graphs, unless all subscribers do without those of their kernels.
        const bool whole_graphs =
            std::find(kinds_.records.begin(), kinds_.records.end(),
                      CUPTI_ACTIVITY_KIND_GRAPH_TRACE) != kinds_.records.end();
        if (!whole_graphs && cupti_.version >= 130301 &&
            cupti_.cuptiActivityRegisterCallbacks_v2 != nullptr &&
            cupti_.cuptiActivityEnable_v2 != nullptr && cupti_.cuptiActivityDisable_v2 != nullptr &&
            cupti_.cuptiActivityGetNextRecord_v2 != nullptr &&
            cupti_.cuptiActivityGetNumDroppedRecords_v2 != nullptr) {
            parameters.structSize = CUpti_SubscriberParams_STRUCT_SIZE;
            parameters.allowMultipleSubscribers = 1;
            result = cupti_.cuptiSubscribe_v2(&subscriber_, on_call, this, &parameters);
            shared_ = result == CUPTI_SUCCESS;
            parameters.allowMultipleSubscribers = 0;
        }
#    endif
        if (result != CUPTI_SUCCESS) {
            parameters.structSize = offsetof(CUpti_SubscriberParams, oldSubscriberSize) +
                                    sizeof parameters.oldSubscriberSize;
            result = cupti_.cuptiSubscribe_v2(&subscriber_, on_call, this, &parameters);
        }
    } else
#endif
        result = cupti_.cuptiSubscribe(&subscriber_, on_call, this);
    if (result == CUPTI_SUCCESS) return {};
    // 39 and 12: another tool holds it. What else there is without a driver is said as that.
    const int code = static_cast<int>(result);
    if (code != 39 && code != 12 && !has_driver()) return "there is no CUDA driver (libcuda.so.1)";
    holder[sizeof holder - 1] = '\0';
    return meaning_of(result, cupti_.text_of(result), holder);
}

CUptiResult session::enable(CUpti_ActivityKind kind) {
#if CUPTI_API_VERSION >= 130400
    if (shared_) return cupti_.cuptiActivityEnable_v2(subscriber_, kind, nullptr);
#endif
    return cupti_.cuptiActivityEnable(kind);
}

/// Its counters are configured when the driver is initialised, which it is where a call has ended.
void session::enable_unified_memory() noexcept {
    if (!unified_memory_waits_.exchange(false)) return;
    CUpti_ActivityUnifiedMemoryCounterConfig counters[8] = {};
    std::uint32_t count = 0;
    for (const auto kind : {CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_BYTES_TRANSFER_HTOD,
                            CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_BYTES_TRANSFER_DTOH,
                            CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_BYTES_TRANSFER_DTOD,
                            CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_CPU_PAGE_FAULT_COUNT,
                            CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_GPU_PAGE_FAULT,
                            CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_THRASHING,
                            CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_THROTTLING,
                            CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_REMOTE_MAP}) {
        // Scope and device have no meaning any more.
        counters[count].scope = CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_SCOPE_PROCESS_SINGLE_DEVICE;
        counters[count].kind = kind;
        counters[count++].enable = 1;
    }
    CUptiResult result = cupti_.cuptiActivityConfigureUnifiedMemoryCounter(counters, count);
    // Some calls need no driver: then it is tried again at the end of the next.
    if (result == CUPTI_ERROR_NOT_INITIALIZED)
        return unified_memory_waits_.store(true, std::memory_order_relaxed);
    if (result == CUPTI_SUCCESS) result = enable(CUPTI_ACTIVITY_KIND_UNIFIED_MEMORY_COUNTER);
    if (result == CUPTI_SUCCESS) return;
    try {
        say_once_per_job("unified memory is not measured: CUPTI says " + cupti_.text_of(result));
    } catch (const std::exception&) {  // no memory for the line
    }
}

std::string session::begin() {
    kinds_ = asked_kinds();
    const bool verbose = std::atoi(setting("verbose").c_str()) > 0;
    if (verbose) say_once_per_job("GPU activity that is asked for: " + names_of(kinds_));
    std::string problem;
    if (!open_cupti(cupti_candidates(), cupti_, problem)) return problem;
    if (problem = subscribe(); !problem.empty()) return problem;

    CUptiResult result = CUPTI_SUCCESS;
#if CUPTI_API_VERSION >= 130400
    if (shared_)
        result = cupti_.cuptiActivityRegisterCallbacks_v2(
            subscriber_,
            [](std::uint8_t** buffer, std::size_t* size, std::size_t* records,
               CUpti_BufferCallbackRequestInfo*) { request_buffer(buffer, size, records); },
            [](std::uint8_t* buffer, std::size_t size, std::size_t valid,
               CUpti_BufferCallbackCompleteInfo*) {
                complete_buffer(nullptr, 0, buffer, size, valid);
            });
    else
#endif
        result = cupti_.cuptiActivityRegisterCallbacks(request_buffer, complete_buffer);
    if (result == CUPTI_SUCCESS) result = calls_.enable(cupti_, subscriber_, kinds_);
    if (result != CUPTI_SUCCESS) {
        std::string text = meaning_of(result, cupti_.text_of(result), "");
        stop_records();
        cupti_.cuptiUnsubscribe(subscriber_);
        return text;
    }
#if CUPTI_API_VERSION >= 130000
    // Asking whether an event has come is no wait.
    if (!shared_ && cupti_.cuptiActivityEnableAllSyncRecords != nullptr)
        cupti_.cuptiActivityEnableAllSyncRecords(0);
#endif
    process_ = getpid();
    read_clocks();
    measuring_.store(true, std::memory_order_release);
    for (const CUpti_ActivityKind kind : kinds_.records)
        if (kind == CUPTI_ACTIVITY_KIND_UNIFIED_MEMORY_COUNTER)
            unified_memory_waits_.store(true, std::memory_order_release);
        else if (result = enable(kind); result != CUPTI_SUCCESS)
            say_once_per_job(fmt::format("CUPTI's records of kind {} are not measured: {}",
                                         static_cast<int>(kind), cupti_.text_of(result)));

    // Signals of the program are not for this thread.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    reader_ = std::thread{[this] { read_buffers(); }};
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_setname_np(reader_.native_handle(), "timemory-gpu");

    if (verbose)
        say_once_per_job(fmt::format("GPU activity is measured with {}, of CUDA {}{}",
                                     shown(cupti_.file, 400), release_of(cupti_.version),
                                     shared_ ? ", beside other tools" : ""));
    return {};
}

void session::on_call(void* self, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                      const void* data) {
    if (domain != CUPTI_CB_DOMAIN_RUNTIME_API && domain != CUPTI_CB_DOMAIN_DRIVER_API) return;
    auto& s = *static_cast<session*>(self);
    if (!s.measuring_.load(std::memory_order_relaxed)) return;
    const auto& call = *static_cast<const CUpti_CallbackData*>(data);
    s.calls_.call(domain, id, call);
    if (call.callbackSite == CUPTI_API_EXIT &&
        s.unified_memory_waits_.load(std::memory_order_relaxed)) [[unlikely]]
        s.enable_unified_memory();
    // With the context go the records that CUPTI still holds of it.
    if (domain == CUPTI_CB_DOMAIN_RUNTIME_API &&
        id == CUPTI_RUNTIME_TRACE_CBID_cudaDeviceReset_v3020 &&
        call.callbackSite == CUPTI_API_ENTER)
        s.cupti_.cuptiActivityFlushAll(0);
}

void session::request_buffer(std::uint8_t** buffer, std::size_t* size, std::size_t* records) {
    *buffer = of_process().pool_.take();
    *size = *buffer != nullptr ? buffer_pool::buffer_size : 0;
    *records = 0;  // as many as fit
}

void session::complete_buffer(CUcontext, std::uint32_t, std::uint8_t* buffer, std::size_t,
                              std::size_t valid) {
    if (buffer != nullptr) of_process().pool_.give(buffer, valid);
}

CUptiResult session::next_of_subscriber(std::uint8_t* buffer, std::size_t size,
                                        CUpti_Activity** record) {
#if CUPTI_API_VERSION >= 130400
    const session& s = of_process();
    return s.cupti_.cuptiActivityGetNextRecord_v2(s.subscriber_, buffer, size, record);
#else
    return of_process().cupti_.cuptiActivityGetNextRecord(buffer, size, record);
#endif
}

CUptiResult session::read_timestamp(std::uint64_t& time) {
#if CUPTI_API_VERSION >= 130400
    // Another subscriber may have replaced the clock of its own records.
    if (shared_ && cupti_.cuptiGetTimestamp_v2 != nullptr)
        return cupti_.cuptiGetTimestamp_v2(subscriber_, &time);
#endif
    return cupti_.cuptiGetTimestamp(&time);
}

void session::read_clocks() {
    std::vector<clock_pair> group;
    for (int i = 0; i < 8; ++i) {
        clock_pair pair;
        std::uint64_t theirs = 0;
        pair.before = timemory_clock();
        if (read_timestamp(theirs) != CUPTI_SUCCESS) return;
        pair.after = timemory_clock();
        pair.theirs = static_cast<std::int64_t>(theirs);
        group.push_back(pair);
    }
    clock_.add(group);
}

void session::count_dropped() {
    std::size_t dropped = 0;
#if CUPTI_API_VERSION >= 130400
    if (shared_)
        cupti_.cuptiActivityGetNumDroppedRecords_v2(subscriber_, nullptr, 0, &dropped);
    else
#endif
        cupti_.cuptiActivityGetNumDroppedRecords(nullptr, 0, &dropped);
    if (dropped != 0) sink_.count(gap::dropped, dropped);
}

void session::read_buffers() {
    const next_record next = shared_ ? next_of_subscriber : cupti_.cuptiActivityGetNextRecord;
    std::int64_t flushed = timemory_clock();
    std::int64_t compared = flushed;
    for (;;) {
        std::uint64_t asked = 0;
        bool wanted = false;
        bool last = false;
        {
            const std::lock_guard guard{answer_};
            asked = asked_;
            wanted = asked_ != answers_;
            last = last_;
        }
        const auto filled = pool_.next(wanted ? 0 : between_flushes);
        const std::int64_t now = timemory_clock();
        if (now - compared > between_clock_points) {
            read_clocks();
            compared = now;
        }
        if (filled) {
            conversion_.take(filled->buffer, filled->size, next);
            pool_.free(filled->buffer);
            continue;
        }
        count_dropped();
        if (last) conversion_.finish();
        {
            const std::lock_guard guard{answer_};
            answers_ = asked;
        }
        answered_.notify_all();
        if (last) return;
        if (now - flushed > between_flushes) {
            cupti_.cuptiActivityFlushAll(0);
            flushed = now;
        }
    }
}

void session::flush(bool last) noexcept {
    const std::lock_guard guard{state_};
    // In the child of a fork neither CUDA nor the reading thread is there.
    if (!measuring_.load(std::memory_order_acquire) || getpid() != process_) return;
    cupti_.cuptiActivityFlushAll(last ? CUPTI_ACTIVITY_FLAG_FLUSH_FORCED : 0);
    if (last) stop_records();
    std::unique_lock answer{answer_};
    const std::uint64_t mine = ++asked_;
    last_ = last;
    pool_.wake();
    const bool done = answered_.wait_for(answer, most_waiting, [&] { return answers_ >= mine; });
    answer.unlock();
    if (!done) {
        say_once_per_job("the records of the GPUs were not read in time: some are missing");
        if (last) reader_.detach();
        return;
    }
    if (!last) return;
    reader_.join();
    // Not before: what is left is read by the subscriber's handle.
    cupti_.cuptiUnsubscribe(subscriber_);
}

void session::stop_records() {
    measuring_.store(false, std::memory_order_release);
    for (const CUpti_ActivityKind kind : kinds_.records) {
#if CUPTI_API_VERSION >= 130400
        if (shared_) {
            cupti_.cuptiActivityDisable_v2(subscriber_, kind, nullptr);
            continue;
        }
#endif
        cupti_.cuptiActivityDisable(kind);
    }
}

}  // namespace tim::gpu
