// The conversion of CUPTI's records, with buffers of the records of these headers. The argument is
// the libcupti of the same version, whose cuptiActivityGetNextRecord() walks through them; CUPTI
// 13.3 and later do that with a driver only, so without an argument the records' sizes are taken
// from the headers.

#include "conversion.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "api_callbacks.hpp"
#include "buffer_pool.hpp"
#include "cupti_library.hpp"
#include "kinds.hpp"
#include "record_buffer.hpp"

namespace tim::gpu {
namespace {

/// What was booked, a line each.
class log final : public sink {
public:
    std::string lines;

    void book(const device_operation& w) override {
        const char* const kinds[] = {"kernel", "copy", "set", "graph"};
        lines += std::string{kinds[static_cast<int>(w.kind)]} + ' ' + std::string{w.name} +
                 " path " + std::to_string(w.path) + " at " + std::to_string(w.device) + '.' +
                 std::to_string(w.context) + '.' + std::to_string(w.stream) + ' ' +
                 std::to_string(w.begin) + '-' + std::to_string(w.end);
        if (w.delay != unknown) lines += " delay " + std::to_string(w.delay);
        if (w.bytes != unknown) lines += " bytes " + std::to_string(w.bytes);
        if (w.shape != nullptr) {
            lines += " grid";
            for (const int n : w.shape->grid) lines += ' ' + std::to_string(n);
            lines += " block";
            for (const int n : w.shape->block) lines += ' ' + std::to_string(n);
            lines += " registers " + std::to_string(w.shape->registers) + " shared " +
                     std::to_string(w.shape->static_shared) + '+' +
                     std::to_string(w.shape->dynamic_shared);
        }
        lines += '\n';
    }
    void book(const host_wait& w) override {
        lines += std::string{w.name} + " path " + std::to_string(w.path) + ' ' +
                 std::to_string(w.lap) + '\n';
    }
    void book(const memory_change& w) override {
        lines += "memory " + std::string{w.kind} + " path " + std::to_string(w.path) + " at " +
                 std::to_string(w.device) + ' ' + std::to_string(w.bytes) + " in use " +
                 std::to_string(w.in_use) + '\n';
    }
    void book(const unified_event& w) override {
        lines += std::string{w.name} + ' ' + std::to_string(w.from) + "->" + std::to_string(w.to) +
                 ' ' + std::to_string(w.value) + (w.is_bytes ? " bytes" : "") + '\n';
    }
    void book(const overhead_time& w) override {
        lines += std::string{w.name} + ' ' + std::to_string(w.lap) + (w.ours ? " ours\n" : "\n");
    }
    void book(const device_info& w) override {
        lines += "device " + std::to_string(w.device) + ' ' + std::string{w.name} + ' ' +
                 std::to_string(w.multiprocessors) + '\n';
    }
    void book_state(std::uint32_t device, device_state state, std::int64_t lap) override {
        const char* const states[] = {"kernels", "copies", "both", "idle"};
        lines += std::string{states[static_cast<int>(state)]} + " of " + std::to_string(device) +
                 ' ' + std::to_string(lap) + '\n';
    }
    void count(gap cause, std::uint64_t events) override {
        const char* const causes[] = {"dropped", "no launch", "no time", "broken", "late"};
        lines += std::string{"gap: "} + causes[static_cast<int>(cause)] + ' ' +
                 std::to_string(events) + '\n';
    }
};

/// By the sizes in the headers, as CUPTI does it.
CUptiResult next_by_size(std::uint8_t* buffer, std::size_t size, CUpti_Activity** record) {
    const auto length = [](CUpti_ActivityKind kind) -> std::size_t {
        switch (kind) {
            case CUPTI_ACTIVITY_KIND_KERNEL:
            case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
                return sizeof(newest_kernel);
            case CUPTI_ACTIVITY_KIND_CDP_KERNEL:
                return sizeof(newest_device_launched_kernel);
            case CUPTI_ACTIVITY_KIND_MEMCPY:
                return sizeof(newest_copy);
            case CUPTI_ACTIVITY_KIND_MEMCPY2:
                return sizeof(newest_peer_copy);
            case CUPTI_ACTIVITY_KIND_MEMSET:
                return sizeof(newest_set);
            case CUPTI_ACTIVITY_KIND_GRAPH_TRACE:
                return sizeof(newest_graph);
            case CUPTI_ACTIVITY_KIND_SYNCHRONIZATION:
                return sizeof(newest_wait);
            case CUPTI_ACTIVITY_KIND_MEMORY2:
                return sizeof(newest_memory);
            case CUPTI_ACTIVITY_KIND_UNIFIED_MEMORY_COUNTER:
                return sizeof(newest_unified);
            case CUPTI_ACTIVITY_KIND_OVERHEAD:
                return sizeof(newest_overhead);
            case CUPTI_ACTIVITY_KIND_DEVICE:
                return sizeof(newest_device);
            case CUPTI_ACTIVITY_KIND_RUNTIME:
                return sizeof(CUpti_ActivityAPI);
            case CUPTI_ACTIVITY_KIND_NAME:
                return sizeof(CUpti_ActivityName);
            default:
                return 0;
        }
    };
    auto* at = reinterpret_cast<std::uint8_t*>(*record);
    at = at == nullptr ? buffer : at + length((*record)->kind);
    if (at + sizeof(CUpti_Activity) > buffer + size) return CUPTI_ERROR_MAX_LIMIT_REACHED;
    auto* const found = reinterpret_cast<CUpti_Activity*>(at);
    if (length(found->kind) == 0) return CUPTI_ERROR_INVALID_KIND;
    if (at + length(found->kind) > buffer + size) return CUPTI_ERROR_MAX_LIMIT_REACHED;
    *record = found;
    return CUPTI_SUCCESS;
}

next_record walk = next_by_size;

/// A conversion with three calls that are known: 7, 8 and 9, at paths 70, 80 and 90, of time 100.
struct converted {
    log booked;
    launch_table launches;
    clock_fit clock;
    conversion of{booked, launches, clock};
    record_buffer buffer;

    converted() {
        for (const std::uint32_t call : {7U, 8U, 9U}) launches.add(call, {call * 10, 100});
    }
    std::string take() {
        of.take(buffer.data(), buffer.size(), walk);
        return std::exchange(booked.lines, {});
    }
    std::string finish() {
        of.finish();
        return std::exchange(booked.lines, {});
    }
};

newest_kernel kernel(std::uint32_t call, std::uint64_t start, std::uint64_t end,
                     CUpti_ActivityKind kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) {
    auto r = record_of<newest_kernel>(kind);
    r.correlationId = call;
    r.start = start;
    r.end = end;
    r.deviceId = 1;
    r.contextId = 2;
    r.streamId = 3;
    r.gridX = 4;
    r.gridY = 5;
    r.gridZ = 6;
    r.blockX = 32;
    r.blockY = 2;
    r.blockZ = 1;
    r.registersPerThread = 40;
    r.staticSharedMemory = 128;
    r.dynamicSharedMemory = 256;
    r.name = "_Z4spinx";
    return r;
}

newest_copy copy(std::uint32_t call, std::uint64_t start, std::uint64_t end) {
    auto r = record_of<newest_copy>(CUPTI_ACTIVITY_KIND_MEMCPY);
    r.correlationId = call;
    r.copyKind = CUPTI_ACTIVITY_MEMCPY_KIND_HTOD;
    r.bytes = 4096;
    r.start = start;
    r.end = end;
    r.deviceId = 1;
    r.contextId = 2;
    r.streamId = 3;
    return r;
}

constexpr const char* spin_lines =
    "kernel _Z4spinx path 70 at 1.2.3 1000-1500 delay 900 grid 4 5 6 block 32 2 1 registers 40 "
    "shared 128+256\n";

// ---- Each kind of record

TEST(conversion, concurrent_kernel) {
    converted c;
    c.buffer.add(kernel(7, 1000, 1500));
    EXPECT_EQ(c.take(), spin_lines);
    EXPECT_EQ(c.finish(), "kernels of 1 500\n");
}

TEST(conversion, serialised_kernel) {
    converted c;
    c.buffer.add(kernel(7, 1000, 1500, CUPTI_ACTIVITY_KIND_KERNEL));
    EXPECT_EQ(c.take(), spin_lines);
}

TEST(conversion, kernel_launched_by_a_kernel) {
    converted c;
    auto r = record_of<newest_device_launched_kernel>(CUPTI_ACTIVITY_KIND_CDP_KERNEL);
    r.correlationId = 8;
    r.start = 1000;
    r.end = 1100;
    r.gridX = r.gridY = r.gridZ = r.blockX = r.blockY = r.blockZ = 1;
    r.name = "child";
    c.buffer.add(r);
    EXPECT_EQ(
        c.take(),
        "kernel child path 80 at 0.0.0 1000-1100 delay 900 grid 1 1 1 block 1 1 1 registers 0 "
        "shared 0+0\n");
}

TEST(conversion, copy) {
    converted c;
    c.buffer.add(copy(8, 2000, 2300));
    EXPECT_EQ(c.take(),
              "copy copy host to device path 80 at 1.2.3 2000-2300 delay 1900 bytes 4096\n");
    EXPECT_EQ(c.finish(), "copies of 1 300\n");
}

TEST(conversion, peer_copy) {
    converted c;
    auto r = record_of<newest_peer_copy>(CUPTI_ACTIVITY_KIND_MEMCPY2);
    r.correlationId = 9;
    r.copyKind = CUPTI_ACTIVITY_MEMCPY_KIND_PTOP;
    r.bytes = 10;
    r.start = 300;
    r.end = 400;
    r.deviceId = 5;
    r.srcDeviceId = 5;
    r.dstDeviceId = 6;
    c.buffer.add(r);
    EXPECT_EQ(c.take(), "copy copy peer to peer path 90 at 5.0.0 300-400 delay 200 bytes 10\n");
}

TEST(conversion, set) {
    converted c;
    auto r = record_of<newest_set>(CUPTI_ACTIVITY_KIND_MEMSET);
    r.correlationId = 9;
    r.memoryKind = CUPTI_ACTIVITY_MEMORY_KIND_MANAGED;
    r.bytes = 77;
    r.start = 300;
    r.end = 400;
    r.streamId = 4;
    c.buffer.add(r);
    EXPECT_EQ(c.take(), "set set managed memory path 90 at 0.0.4 300-400 delay 200 bytes 77\n");
}

TEST(conversion, graph_as_a_whole) {
    converted c;
    auto r = record_of<newest_graph>(CUPTI_ACTIVITY_KIND_GRAPH_TRACE);
    r.correlationId = 9;
    r.start = 300;
    r.end = 400;
    r.deviceId = 2;
    c.buffer.add(r);
    EXPECT_EQ(c.take(), "graph graph path 90 at 2.0.0 300-400 delay 200\n");
}

TEST(conversion, nodes_of_a_graph_stand_at_its_launch) {
    converted c;
    for (int i = 0; i < 3; ++i) c.buffer.add(kernel(7, 1000, 1500));
    EXPECT_EQ(c.take(), std::string{spin_lines} + spin_lines + spin_lines);
}

TEST(conversion, wait) {
    converted c;
    auto r = record_of<newest_wait>(CUPTI_ACTIVITY_KIND_SYNCHRONIZATION);
    r.correlationId = 7;
    r.type = CUPTI_ACTIVITY_SYNCHRONIZATION_TYPE_STREAM_SYNCHRONIZE;
    r.start = 1000;
    r.end = 1250;
    c.buffer.add(r);
    EXPECT_EQ(c.take(), "wait for a stream path 70 250\n");
}

TEST(conversion, memory) {
    converted c;
    auto r = record_of<newest_memory>(CUPTI_ACTIVITY_KIND_MEMORY2);
    r.correlationId = 7;
    r.memoryOperationType = CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_ALLOCATION;
    r.memoryKind = CUPTI_ACTIVITY_MEMORY_KIND_DEVICE;
    r.deviceId = 1;
    r.bytes = 100;
    c.buffer.add(r);
    r.bytes = 50;
    c.buffer.add(r);
    r.memoryOperationType = CUPTI_ACTIVITY_MEMORY_OPERATION_TYPE_RELEASE;
    r.bytes = 100;
    c.buffer.add(r);
    EXPECT_EQ(c.take(),
              "memory device path 70 at 1 100 in use 100\n"
              "memory device path 70 at 1 50 in use 150\n"
              "memory device path 70 at 1 -100 in use 50\n");
}

TEST(conversion, unified_memory) {
    converted c;
    auto r = record_of<newest_unified>(CUPTI_ACTIVITY_KIND_UNIFIED_MEMORY_COUNTER);
    r.counterKind = CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_BYTES_TRANSFER_HTOD;
    r.value = 65536;
    r.srcId = CUPTI_UNIFIED_MEMORY_CPU_DEVICE_ID;
    r.dstId = 1;
    c.buffer.add(r);
    r.counterKind = CUPTI_ACTIVITY_UNIFIED_MEMORY_COUNTER_KIND_GPU_PAGE_FAULT;
    r.value = 3;
    c.buffer.add(r);
    EXPECT_EQ(c.take(), "moved to a device -1->1 65536 bytes\npage faults of a device -1->1 3\n");
}

TEST(conversion, overhead) {
    converted c;
    auto r = record_of<newest_overhead>(CUPTI_ACTIVITY_KIND_OVERHEAD);
    r.overheadKind = CUPTI_ACTIVITY_OVERHEAD_CUPTI_BUFFER_FLUSH;
    r.start = 10;
    r.end = 35;
    c.buffer.add(r);
    r.overheadKind = CUPTI_ACTIVITY_OVERHEAD_DRIVER_COMPILER;
    c.buffer.add(r);
    EXPECT_EQ(c.take(), "CUPTI: buffers flushed 25 ours\nCUDA: compiler 25\n");
}

TEST(conversion, device) {
    converted c;
    auto r = record_of<newest_device>(CUPTI_ACTIVITY_KIND_DEVICE);
    r.id = 1;
    r.name = "NVIDIA H100";
    r.numMultiprocessors = 132;
    c.buffer.add(r);
    EXPECT_EQ(c.take(), "device 1 NVIDIA H100 132\n");
}

// ---- Buffers that are not as one would like

TEST(conversion, records_that_are_not_used_are_passed_over) {
    converted c;
    c.buffer.add(record_of<CUpti_ActivityAPI>(CUPTI_ACTIVITY_KIND_RUNTIME));
    c.buffer.add(record_of<CUpti_ActivityName>(CUPTI_ACTIVITY_KIND_NAME));
    c.buffer.add(kernel(7, 1000, 1500));
    EXPECT_EQ(c.take(), spin_lines);
}

TEST(conversion, what_is_cut_off_is_not_read) {
    converted c;
    c.buffer.add(kernel(7, 1000, 1500));
    c.buffer.add(kernel(8, 1000, 1500));
    for (const std::size_t missing :
         {std::size_t{1}, sizeof(newest_kernel) / 2, sizeof(newest_kernel) - 4}) {
        c.of.take(c.buffer.data(), c.buffer.size() - missing, walk);
        EXPECT_TRUE(std::exchange(c.booked.lines, {}).starts_with(spin_lines)) << missing;
    }
    c.of.take(c.buffer.data(), 0, walk);
    EXPECT_EQ(c.booked.lines.find("kernel"), std::string::npos) << c.booked.lines;
}

TEST(conversion, an_unknown_kind_ends_the_buffer_and_is_counted) {
    converted c;
    c.buffer.add(kernel(7, 1000, 1500));
    c.buffer.add(record_of<newest_kernel>(static_cast<CUpti_ActivityKind>(4711)));
    c.buffer.add(kernel(8, 1000, 1500));
    EXPECT_EQ(c.take(), std::string{spin_lines} + "gap: broken 1\n");
    converted empty;
    std::vector<std::uint8_t> zeros(4096);
    empty.of.take(zeros.data(), zeros.size(), walk);
    EXPECT_EQ(empty.booked.lines, "gap: broken 1\n");
}

TEST(conversion, a_launch_that_never_came_leaves_the_record_at_the_top) {
    converted c;
    c.buffer.add(kernel(12345, 1000, 1500));
    EXPECT_EQ(
        c.take(),
        "gap: no launch 1\n"
        "kernel _Z4spinx path 0 at 1.2.3 1000-1500 grid 4 5 6 block 32 2 1 registers 40 shared "
        "128+256\n");
}

TEST(conversion, records_without_times_are_counted) {
    converted c;
    c.buffer.add(kernel(7, 0, 0));
    c.buffer.add(kernel(7, 2000, 1000));
    EXPECT_EQ(c.take(), "gap: no time 1\ngap: no time 1\n");
}

TEST(conversion, a_kernel_without_a_name) {
    converted c;
    auto r = kernel(7, 1000, 1500);
    r.name = nullptr;
    c.buffer.add(r);
    EXPECT_TRUE(c.take().starts_with("kernel kernel path 70 "));
}

TEST(conversion, calls_of_threads_that_have_ended) {
    converted c;
    std::vector<std::thread> threads;
    for (std::uint32_t t = 0; t < 4; ++t)
        threads.emplace_back([&c, t] {
            for (std::uint32_t i = 0; i < 1000; ++i) c.launches.add(1000 + 4 * i + t, {t + 1, 100});
        });
    for (std::thread& t : threads) t.join();
    for (std::uint32_t i = 0; i < 4000; ++i) c.buffer.add(copy(1000 + i, 2000, 2300));
    const std::string lines = c.take();
    for (const char* path : {" path 1 ", " path 2 ", " path 3 ", " path 4 "}) {
        std::size_t found = 0;
        for (std::size_t at = lines.find(path); at != lines.npos; at = lines.find(path, at + 1))
            ++found;
        EXPECT_EQ(found, 1000U) << path;
    }
}

TEST(conversion, a_call_is_forgotten_when_as_many_came_after_it) {
    launch_table table;
    table.add(5, {50, 1});
    ASSERT_TRUE(table.find(5));
    EXPECT_FALSE(table.find(5 + launch_table::calls));
    table.add(5 + launch_table::calls, {51, 2});
    EXPECT_FALSE(table.find(5));
    EXPECT_EQ(table.find(5 + launch_table::calls)->path, 51U);
    EXPECT_FALSE(table.find(0));
}

// ---- Shares of a device

TEST(shares, overlap_and_idle_time) {
    converted c;
    c.buffer.add(kernel(7, 1000, 2000));
    c.buffer.add(kernel(7, 1500, 2500));  // kernels beside each other count once
    c.buffer.add(copy(7, 2000, 3000));    // 500 with a kernel
    c.buffer.add(copy(7, 4000, 4100));    // after 1000 of nothing
    c.take();
    EXPECT_EQ(c.finish(), "kernels of 1 1000\ncopies of 1 600\nboth of 1 500\nidle of 1 1000\n");
}

TEST(shares, records_out_of_order) {
    converted c;
    c.buffer.add(copy(7, 4000, 4100));
    c.buffer.add(copy(7, 2000, 3000));
    c.buffer.add(kernel(7, 1500, 2500));
    c.buffer.add(kernel(7, 1000, 2000));
    c.take();
    EXPECT_EQ(c.finish(), "kernels of 1 1000\ncopies of 1 600\nboth of 1 500\nidle of 1 1000\n");
}

TEST(shares, what_comes_too_late_is_counted_and_not_counted_twice) {
    log booked;
    device_shares shares{booked};
    for (std::int64_t i = 0; i < 100'000; ++i) shares.add(0, false, i * 10, i * 10 + 5);
    booked.lines.clear();
    shares.add(0, false, 0, 10);
    EXPECT_EQ(booked.lines, "gap: late 1\n");
}

TEST(shares, many_operations_add_up) {
    struct sums final : sink {
        std::int64_t of[4] = {};
        void book(const device_operation&) override {}
        void book(const host_wait&) override {}
        void book(const memory_change&) override {}
        void book(const unified_event&) override {}
        void book(const overhead_time&) override {}
        void book(const device_info&) override {}
        void book_state(std::uint32_t, device_state s, std::int64_t lap) override {
            of[static_cast<int>(s)] += lap;
        }
        void count(gap, std::uint64_t) override { ADD_FAILURE(); }
    } booked;
    device_shares shares{booked};
    constexpr std::int64_t operations = 200'000;
    for (std::int64_t i = 0; i < operations; ++i) shares.add(0, i % 2 == 1, i * 10, i * 10 + 7);
    shares.finish();
    EXPECT_EQ(booked.of[static_cast<int>(device_state::kernels)], operations / 2 * 7);
    EXPECT_EQ(booked.of[static_cast<int>(device_state::copies)], operations / 2 * 7);
    EXPECT_EQ(booked.of[static_cast<int>(device_state::both)], 0);
    EXPECT_EQ(booked.of[static_cast<int>(device_state::idle)], (operations - 1) * 3);
}

// ---- The clock

TEST(clock, a_drift_is_followed) {
    // Theirs is 10^9 ahead and runs 40 ppm fast, and 20 ppm slow after a second.
    const auto theirs = [](std::int64_t ours) {
        const std::int64_t first = std::min<std::int64_t>(ours, 1'000'000'000);
        return 1'000'000'000 + ours + first / 25'000 - (ours - first) / 50'000;
    };
    clock_fit fit;
    for (std::int64_t at = 0; at <= 3'000'000'000; at += 50'000'000) {
        // Each second reading was interrupted.
        std::vector<clock_pair> group;
        group.push_back({at - 50'000, theirs(at), at + 3'000'000});
        group.push_back({at - 40, theirs(at), at + 40});
        fit.add(group);
    }
    for (std::int64_t at = 3'000'000; at < 3'000'000'000; at += 7'000'003)
        EXPECT_NEAR(static_cast<double>(fit.ours(theirs(at))), static_cast<double>(at), 2.0);
    // Beyond the last point as in the last piece.
    EXPECT_NEAR(static_cast<double>(fit.ours(theirs(3'500'000'000))), 3.5e9, 20.0);
}

TEST(clock, points_are_bounded_and_the_newest_is_there) {
    clock_fit fit;
    for (std::int64_t i = 1; i <= 100'000; ++i) fit.add({{i * 1000, i * 1000 + i, i * 1000}});
    EXPECT_LT(fit.points(), clock_fit::most_points);
    EXPECT_EQ(fit.ours(100'000 * 1000 + 100'000), 100'000'000);
}

TEST(clock, points_that_go_back_are_left_out) {
    clock_fit fit;
    fit.add({{100, 1100, 100}});
    fit.add({{90, 1090, 90}});
    fit.add({{200, 1200, 200}});
    EXPECT_EQ(fit.points(), 2U);
    EXPECT_EQ(fit.ours(1150), 150);
}

// ---- Buffers

TEST(pool, is_capped_and_counts_what_it_refused) {
    buffer_pool pool;
    std::vector<std::uint8_t*> taken;
    for (std::size_t i = 0; i < buffer_pool::most_buffers; ++i) taken.push_back(pool.take());
    EXPECT_NE(taken.back(), nullptr);
    EXPECT_EQ(pool.take(), nullptr);
    EXPECT_EQ(pool.refused(), 1U);
    std::uint8_t of_another_tool[16];
    pool.give(of_another_tool, sizeof of_another_tool);
    EXPECT_FALSE(pool.next(1'000));
    pool.give(taken[0], 10);
    pool.give(taken[1], 0);  // empty: free again
    EXPECT_EQ(pool.take(), taken[1]);
    const auto filled = pool.next(1'000'000);
    ASSERT_TRUE(filled);
    EXPECT_EQ(filled->buffer, taken[0]);
    EXPECT_EQ(filled->size, 10U);
    EXPECT_FALSE(pool.next(1'000));
    pool.free(filled->buffer);
    EXPECT_EQ(pool.take(), taken[0]);
}

// ---- Loading

TEST(library, there_is_none) {
    cupti_library cupti;
    std::string problem;
    EXPECT_FALSE(open_cupti({}, cupti, problem));
    EXPECT_FALSE(open_cupti({"/nowhere/libcupti.so.13", "libcupti-of-nobody.so"}, cupti, problem));
    EXPECT_TRUE(problem.starts_with("no libcupti was found; set CUDA_HOME")) << problem;
}

TEST(library, what_is_no_cupti) {
    cupti_library cupti;
    std::string problem;
    EXPECT_FALSE(open_cupti({"libc.so.6"}, cupti, problem));
    EXPECT_TRUE(problem.starts_with("libc.so.6 is no CUPTI that can be used (it has no "))
        << problem;
}

TEST(library, of_a_wrong_version_is_left_out) {
    const char* odd = std::getenv("STAND_IN");
    if (odd == nullptr) GTEST_SKIP() << "ctest says where it is";
    cupti_library cupti;
    std::string problem;
    for (const char* version : {"17", "140000"}) {
        setenv("STAND_IN_VERSION", version, 1);
        EXPECT_FALSE(open_cupti({odd}, cupti, problem));
        EXPECT_NE(
            problem.find("(CUPTI version " + std::string{version} + "); 11.8 to 13 can be used"),
            problem.npos)
            << problem;
    }
    for (const char* version : {"18", "28", "130001", "139999"}) {
        setenv("STAND_IN_VERSION", version, 1);
        EXPECT_TRUE(open_cupti({"/nowhere/libcupti.so", odd}, cupti, problem)) << problem;
        EXPECT_EQ(std::to_string(cupti.version), version);
        EXPECT_EQ(cupti.file, odd);
    }
}

TEST(library, releases) {
    EXPECT_EQ(release_of(17), "before 11.8");
    EXPECT_EQ(release_of(18), "11.8 or 12.0");
    EXPECT_EQ(release_of(28), "12");
    EXPECT_EQ(release_of(130001), "13.0");
    EXPECT_EQ(release_of(130500), "13.5");
}

// ---- What is measured

TEST(kinds, by_name_and_by_number) {
    std::vector<std::string> wrong;
    const measured_kinds kinds =
        kinds_of_list("memcpy, 10;CUPTI_ACTIVITY_KIND_MEMSET runtime:4 1 nonsense 99", wrong);
    const std::vector<CUpti_ActivityKind> expected = {CUPTI_ACTIVITY_KIND_MEMCPY,
                                                      CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL,
                                                      CUPTI_ACTIVITY_KIND_MEMSET};
    EXPECT_EQ(kinds.records, expected);
    EXPECT_TRUE(kinds.runtime_calls);
    EXPECT_TRUE(kinds.driver_calls);
    EXPECT_EQ(wrong, (std::vector<std::string>{"nonsense", "99"}));
    EXPECT_EQ(names_of(kinds), "memcpy, concurrent_kernel, memset, runtime, driver");
}

TEST(kinds, levels_grow) {
    EXPECT_EQ(kinds_of_level(0).records.size(), 3U);
    EXPECT_EQ(kinds_of_level(1).records.size(), 8U);
    EXPECT_FALSE(kinds_of_level(1).runtime_calls);
    EXPECT_TRUE(kinds_of_level(2).runtime_calls);
    EXPECT_EQ(kinds_of_level(3).records.size(), 9U);
}

TEST(calls, that_make_a_device_work) {
    for (const char* name : {"cudaLaunchKernel_v7000", "cuLaunchKernelEx", "cudaGraphLaunch_v10000",
                             "cudaMemcpyAsync_v3020", "cuMemcpyHtoD_v2", "cudaMemset_v3020",
                             "cuStreamSynchronize", "cudaDeviceSynchronize_v3020", "cudaFree_v3020",
                             "cuMemAlloc_v2", "cudaMallocAsync_v11020", "cudaEventQuery_v3020"})
        EXPECT_TRUE(api_callbacks::is_work(name)) << name;
    for (const char* name :
         {"cudaGetDevice_v3020", "cuCtxGetCurrent", "cudaEventRecord_v3020", "nvtx"})
        EXPECT_FALSE(api_callbacks::is_work(name)) << name;
}

}  // namespace
}  // namespace tim::gpu

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (argc > 1) {
        void* const cupti = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        tim::gpu::walk = cupti != nullptr ? reinterpret_cast<tim::gpu::next_record>(
                                                dlsym(cupti, "cuptiActivityGetNextRecord"))
                                          : nullptr;
        if (tim::gpu::walk == nullptr) {
            std::fprintf(stderr, "cannot use %s: %s\n", argv[1], dlerror());
            return 1;
        }
    }
    return RUN_ALL_TESTS();
}
