// Every built-in component sees what a small program with a known answer does. The bounds leave
// room for a machine that does other things too: nothing fails because something took longer.
// Each test runs in a process of its own.

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "library/lifecycle.hpp"
#include "measure/bundle.hpp"
#include "profile/profile.hpp"
#include "timemory/timemory.h"

namespace tim {
namespace {

constexpr std::int64_t mebibyte = 1024 * 1024;

void start() {
    setenv("TIMEMORY_AUTO_OUTPUT", "off", 1);
    timemory_init(0, nullptr);
}

/// The totals of the fields of a component at a path that is known by its last name.
std::vector<std::int64_t> totals(const std::string& id, std::string_view name) {
    const profile p = local_profile();
    std::vector<std::int64_t> values;
    const component_columns* c = p.find(id);
    if (c == nullptr) return values;
    for (std::size_t row = 0; row < c->path.size(); ++row)
        if (p.name(p.paths[c->path[row]]) == name)
            for (const field_columns& f : c->fields)
                values.push_back(static_cast<std::int64_t>(f.value[row]));
    return values;
}

std::int64_t total(const std::string& id, std::string_view name, std::size_t field = 0) {
    const auto values = totals(id, name);
    EXPECT_LT(field, values.size()) << id << " of " << name;
    return field < values.size() ? values[field] : -1;
}

void measure(const char* name, const char* components, const std::function<void()>& work) {
    const timemory_region_t region = timemory_region(name, components);
    timemory_enter(region);
    work();
    timemory_leave(region);
}

double thread_seconds() {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Spends CPU time of the thread in its own code.
void compute(double seconds) {
    volatile double sum = 0;
    for (const double end = thread_seconds() + seconds; thread_seconds() < end;)
        for (int i = 0; i < 200'000; ++i) sum = sum + std::sqrt(static_cast<double>(i));
}

/// Spends CPU time of the thread in the kernel.
void call_the_kernel(double seconds) {
    std::vector<char> buffer(static_cast<std::size_t>(mebibyte));
    const int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    for (const double end = thread_seconds() + seconds; thread_seconds() < end;)
        for (int i = 0; i < 20; ++i) {
            ASSERT_EQ(read(zero, buffer.data(), buffer.size()), mebibyte);
        }
    close(zero);
}

void sleep_ms(int milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds{milliseconds});
}

char* map_pages(std::size_t bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(memory, MAP_FAILED);
    madvise(memory, bytes, MADV_NOHUGEPAGE);
    return static_cast<char*>(memory);
}

void touch(char* memory, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += static_cast<std::size_t>(sysconf(_SC_PAGESIZE)))
        memory[i] = 1;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

TEST(measured, user_and_kernel_mode_of_the_thread_and_of_the_process) {
    if (sanitized) GTEST_SKIP() << "a sanitizer takes memory and time of its own";
    start();
    const char* all =
        "user_mode_time,kernel_mode_time,user_clock,sys_clock,thread_cpu_clock,cpu_clock,"
        "process_cpu_clock";
    measure("compute", all, [] { compute(0.3); });
    measure("kernel", all, [] { call_the_kernel(0.3); });
    for (const char* name : {"compute", "kernel"}) {
        const std::int64_t user = total("user_mode_time", name);
        const std::int64_t kernel = total("kernel_mode_time", name);
        EXPECT_NEAR(static_cast<double>(user + kernel), 0.3e9, 0.2e9) << name;
        EXPECT_NEAR(static_cast<double>(user + kernel),
                    static_cast<double>(total("thread_cpu_clock", name)), 0.03e9);
        const bool computes = std::string_view{name} == "compute";
        EXPECT_GT(computes ? user : kernel, (user + kernel) * 6 / 10) << name;
        EXPECT_GT(total(computes ? "user_clock" : "sys_clock", name), 150'000'000);
        EXPECT_GE(total("process_cpu_clock", name), 290'000'000);
        EXPECT_EQ(total("process_cpu_clock", name), total("cpu_clock", name)) << "one reading";
    }
}

TEST(measured, what_another_thread_does_belongs_to_the_process_only) {
    start();
    measure("waits",
            "wall_clock,user_mode_time,user_clock,thread_cpu_clock,process_cpu_clock,"
            "thread_cpu_util,process_cpu_util,cpu_util",
            [] { std::thread{[] { compute(0.3); }}.join(); });
    EXPECT_GE(total("process_cpu_clock", "waits"), 290'000'000);
    EXPECT_GE(total("user_clock", "waits"), 150'000'000);
    EXPECT_LT(total("thread_cpu_clock", "waits"), 100'000'000);
    EXPECT_LT(total("user_mode_time", "waits"), 100'000'000);
    // Utilisation: the CPU time over the wall clock, of the same readings.
    for (const auto& [util, cpu] :
         std::map<std::string, std::string>{{"thread_cpu_util", "thread_cpu_clock"},
                                            {"process_cpu_util", "process_cpu_clock"},
                                            {"cpu_util", "process_cpu_clock"}}) {
        EXPECT_EQ(total(util, "waits", 0), total(cpu, "waits")) << util;
        EXPECT_EQ(total(util, "waits", 1), total("wall_clock", "waits")) << util;
    }
}

TEST(measured, clocks_that_run_see_a_sleep) {
    start();
    const auto before = std::chrono::steady_clock::now();
    measure("sleep", "wall_clock,monotonic_clock,monotonic_raw_clock", [] { sleep_ms(100); });
    const auto around = static_cast<double>(
        std::chrono::nanoseconds{std::chrono::steady_clock::now() - before}.count());
    for (const char* id : {"wall_clock", "monotonic_clock", "monotonic_raw_clock"}) {
        EXPECT_GE(static_cast<double>(total(id, "sleep")), 0.0999e9) << id;
        EXPECT_LE(static_cast<double>(total(id, "sleep")), around * 1.001) << id;
    }
}

TEST(measured, memory_of_64_mib_is_67_109_mb) {
    if (sanitized) GTEST_SKIP() << "a sanitizer takes memory and time of its own";
    start();
    measure("allocate", "page_rss,virtual_memory,peak_rss,current_peak_rss", [] {
        char* memory = map_pages(64 * mebibyte);
        touch(memory, 64 * mebibyte);
    });
    EXPECT_EQ(total("virtual_memory", "allocate"), 64 * mebibyte);
    // The kernel keeps the resident pages in batches for each CPU.
    EXPECT_NEAR(static_cast<double>(total("page_rss", "allocate")), 64.0 * mebibyte,
                2.0 * mebibyte);
    const auto marks = totals("current_peak_rss", "allocate");
    ASSERT_EQ(marks.size(), 2U);
    EXPECT_NEAR(static_cast<double>(marks[1] - marks[0]), 64.0 * mebibyte, 3.0 * mebibyte);
    EXPECT_EQ(total("peak_rss", "allocate"), marks[1]) << "one reading";
    char* text = nullptr;
    ASSERT_EQ(timemory_get(TIMEMORY_TEXT, "virtual_memory", &text), 0);
    EXPECT_NE(std::string{text}.find(" 67.109 |"), std::string::npos) << text;
    timemory_free(text);
}

TEST(measured, each_page_that_is_touched_is_a_minor_fault) {
    if (sanitized) GTEST_SKIP() << "a sanitizer takes memory and time of its own";
    start();
    constexpr std::size_t pages = 5000;
    const std::size_t bytes = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    char* memory = map_pages(bytes);
    measure("touch", "num_minor_page_faults,num_major_page_faults", [&] { touch(memory, bytes); });
    EXPECT_GE(total("num_minor_page_faults", "touch"), std::int64_t{pages});
    EXPECT_LE(total("num_minor_page_faults", "touch"), std::int64_t{pages} + 500);
}

TEST(measured, faults_of_threads_are_added) {
    if (sanitized) GTEST_SKIP() << "a sanitizer takes memory and time of its own";
    start();
    constexpr std::size_t pages = 2000;
    const std::size_t bytes = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&] {
            char* memory = map_pages(bytes);
            measure("touch", "num_minor_page_faults,trip_count", [&] { touch(memory, bytes); });
        });
    for (std::thread& t : threads) t.join();
    EXPECT_GE(total("num_minor_page_faults", "touch"), std::int64_t{3 * pages});
    EXPECT_LE(total("num_minor_page_faults", "touch"), std::int64_t{3 * pages} + 1500);
    EXPECT_EQ(total("trip_count", "touch"), 3);
}

TEST(measured, a_sleep_gives_the_cpu_up) {
    start();
    measure("sleep", "voluntary_context_switch", [] {
        for (int i = 0; i < 20; ++i) sleep_ms(1);
    });
    EXPECT_GE(total("voluntary_context_switch", "sleep"), 20);
}

TEST(measured, two_threads_on_one_cpu_take_it_from_each_other) {
    start();
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    ASSERT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    int first = 0;
    while (!CPU_ISSET(first, &allowed)) ++first;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    std::thread other{[] { compute(0.4); }};
    measure("contend", "priority_context_switch", [] { compute(0.4); });
    other.join();
    EXPECT_GE(total("priority_context_switch", "contend"), 1);
}

TEST(measured, bytes_of_read_and_write_calls_are_exact) {
    if (access("/proc/self/io", R_OK) != 0) GTEST_SKIP() << "no /proc/self/io";
    start();
    std::vector<char> buffer(3'000'017);
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    const int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    const auto size = static_cast<std::int64_t>(buffer.size());
    const char* all = "wall_clock,read_char,written_char,page_rss";
    measure("write", all, [&] { ASSERT_EQ(write(null, buffer.data(), buffer.size()), size); });
    measure("read", all, [&] {
        // Readings of the regions inside are ours, not the program's.
        for (int i = 0; i < 10; ++i) measure("inside", all, [] {});
        ASSERT_EQ(read(zero, buffer.data(), buffer.size()), size);
    });
    EXPECT_EQ(total("written_char", "write"), size);
    EXPECT_EQ(total("read_char", "write"), 0);
    EXPECT_EQ(total("written_char", "read"), 0);
    EXPECT_EQ(total("read_char", "read"), size);
    EXPECT_EQ(total("read_char", "inside"), 0);
    // The rate: bytes over the wall clock of the same readings.
    EXPECT_EQ(total("written_char", "write", 1), total("wall_clock", "write"));
    const profile p = local_profile();
    const component_columns* c = p.find("written_char");
    for (std::size_t row = 0; row < c->path.size(); ++row)
        if (p.name(p.paths[c->path[row]]) == "write") {
            EXPECT_EQ(ratio_value(*c, row), size * 1'000'000'000 / total("wall_clock", "write"));
        }
}

/// A file of its own on what the current folder lies on; gone when the test ends.
class scratch_file {
public:
    scratch_file() : descriptor_{mkstemp(path_.data())} { unlink(path_.c_str()); }
    ~scratch_file() { close(descriptor_); }
    scratch_file(const scratch_file&) = delete;
    scratch_file& operator=(const scratch_file&) = delete;
    [[nodiscard]] int descriptor() const { return descriptor_; }

private:
    std::string path_ = "measured-XXXXXX";
    int descriptor_;
};

/// Whether the kernel accounts storage for files in the current folder at all.
bool has_storage() {
    struct statfs about;
    constexpr long tmpfs = 0x01021994;
    return access("/proc/self/io", R_OK) == 0 && statfs(".", &about) == 0 && about.f_type != tmpfs;
}

TEST(measured, storage_sees_what_is_written_and_read) {
    if (!has_storage()) GTEST_SKIP() << "the current folder is not on storage";
    start();
    const scratch_file file;
    ASSERT_GE(file.descriptor(), 0);
    std::vector<char> buffer(static_cast<std::size_t>(8 * mebibyte), 'x');
    const char* all = "read_bytes,written_bytes,num_io_in,num_io_out,num_major_page_faults";
    measure("write", all, [&] {
        ASSERT_EQ(write(file.descriptor(), buffer.data(), buffer.size()), 8 * mebibyte);
        ASSERT_EQ(fsync(file.descriptor()), 0);
    });
    EXPECT_GE(total("written_bytes", "write"), 8 * mebibyte);
    EXPECT_LE(total("written_bytes", "write"), 9 * mebibyte);
    EXPECT_GE(total("num_io_out", "write"), 8 * mebibyte / 512) << "blocks of 512 bytes";
    posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_DONTNEED);
    measure("read", all, [&] {
        ASSERT_EQ(pread(file.descriptor(), buffer.data(), buffer.size() / 2, 0), 4 * mebibyte);
    });
    EXPECT_GE(total("read_bytes", "read"), 4 * mebibyte);
    EXPECT_GE(total("num_io_in", "read"), 4 * mebibyte / 512);
    posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_DONTNEED);
    void* mapped = mmap(nullptr, buffer.size(), PROT_READ, MAP_SHARED, file.descriptor(), 0);
    ASSERT_NE(mapped, MAP_FAILED);
    madvise(mapped, buffer.size(), MADV_RANDOM);
    volatile char seen = 0;
    // How many pages a fault reads is the kernel's matter: it says itself how many there were.
    const auto faults = [] {
        rusage usage{};
        getrusage(RUSAGE_THREAD, &usage);
        return usage.ru_majflt;
    };
    const auto before = faults();
    long inside = 0;
    measure("fault", all, [&] {
        inside = faults();
        for (std::size_t i = 0; i < buffer.size(); i += static_cast<std::size_t>(mebibyte))
            seen = static_cast<const char*>(mapped)[i];
        inside = faults() - inside;
    });
    EXPECT_EQ(seen, 'x');
    EXPECT_GE(inside, 1);
    EXPECT_GE(total("num_major_page_faults", "fault"), inside);
    EXPECT_LE(total("num_major_page_faults", "fault"), faults() - before);
}

/// Sends datagrams over the loopback interface, to itself. False if there is none.
bool send_datagrams(int count, std::size_t bytes) {
    const int s = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof here;
    auto* address = reinterpret_cast<sockaddr*>(&here);
    bool works = s >= 0 && bind(s, address, length) == 0 && getsockname(s, address, &length) == 0;
    std::vector<char> data(bytes);
    for (int i = 0; works && i < count; ++i)
        works = sendto(s, data.data(), bytes, 0, address, length) > 0 &&
                recv(s, data.data(), bytes, 0) > 0;
    if (s >= 0) close(s);
    return works;
}

TEST(measured, network_counts_bytes_and_packets_of_the_interfaces) {
    start();
    bool works = false;
    const auto send = [&] { works = send_datagrams(100, 1000); };
    measure("all", "network_stats", send);
    if (!works) GTEST_SKIP() << "no loopback interface";
    ASSERT_EQ(timemory_set_setting("network_interface", "lo"), 0);
    measure("loopback", "network_stats", send);
    ASSERT_EQ(timemory_set_setting("network_interface", "none0"), 0);
    measure("none", "network_stats", send);
    for (const char* name : {"all", "loopback"}) {
        const auto values = totals("network_stats", name);
        ASSERT_EQ(values.size(), 8U);
        for (const std::size_t way : {0U, 4U}) {
            EXPECT_GE(values[way], 100'000) << name;  // bytes
            EXPECT_GE(values[way + 1], 100) << name;  // packets
        }
    }
    EXPECT_EQ(totals("network_stats", "none"), std::vector<std::int64_t>(8, 0));
}

TEST(measured, trips_are_counted_and_time_stamps_are_those_of_the_calendar) {
    start();
    const auto now = [] {
        return std::chrono::duration_cast<std::chrono::microseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    };
    const auto before = now();
    for (int i = 0; i < 7; ++i) measure("trip", "trip_count,timestamp", [] { sleep_ms(1); });
    EXPECT_EQ(total("trip_count", "trip"), 7);
    EXPECT_GE(total("timestamp", "trip"), before + 6000) << "the last of them";
    EXPECT_LE(total("timestamp", "trip"), now());
}

/// What the threads of a process say to each other: a byte each.
void say_to(int pipe) {
    const char byte = 'x';
    ASSERT_EQ(write(pipe, &byte, 1), 1);
}
void wait_for(int pipe) {
    char byte = 0;
    ASSERT_EQ(read(pipe, &byte, 1), 1);
}

TEST(measured, another_process_is_read_where_it_is_chosen) {
    start();
    int to[2];
    int from[2];
    ASSERT_EQ(pipe(to) + pipe(from), 0);
    const pid_t other = fork();
    if (other == 0) {
        say_to(from[1]);  // it has given back what it got from its parent
        wait_for(to[0]);
        auto* p = static_cast<char*>(mmap(nullptr, 32 * mebibyte, PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        for (std::int64_t i = 0; i < 32 * mebibyte; i += 1024) p[i] = 1;
        const int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
        for (int i = 0; i < 100; ++i)
            if (read(zero, p, 10'000) != 10'000) _exit(1);
        say_to(from[1]);
        wait_for(to[0]);
        _exit(0);
    }
    wait_for(from[0]);
    ASSERT_EQ(timemory_set_setting("target_pid", std::to_string(other).c_str()), 0);
    measure("other", "page_rss,virtual_memory,read_char,wall_clock", [&] {
        say_to(to[1]);
        wait_for(from[0]);
    });
    ASSERT_EQ(timemory_set_setting("target_pid", "0"), 0);
    measure("own", "page_rss,virtual_memory", [] {});
    say_to(to[1]);
    int status = -1;
    ASSERT_EQ(waitpid(other, &status, 0), other);
    EXPECT_EQ(status, 0);
    EXPECT_GE(total("page_rss", "other"), 32 * mebibyte);
    EXPECT_GE(total("virtual_memory", "other"), 32 * mebibyte);
    EXPECT_GE(total("read_char", "other"), 1'000'000);
    EXPECT_LE(total("read_char", "other"), 1'010'000);
    EXPECT_LT(total("page_rss", "own"), 8 * mebibyte);
    EXPECT_LT(total("virtual_memory", "own"), 8 * mebibyte);
}

TEST(measured, a_process_that_can_not_be_read_is_one_line) {
    start();
    ASSERT_EQ(timemory_set_setting("target_pid", "2147483647"), 0);
    testing::internal::CaptureStderr();
    for (int i = 0; i < 3; ++i) measure("gone", "page_rss,read_char,network_stats", [] {});
    EXPECT_EQ(
        testing::internal::GetCapturedStderr(),
        "timemory: target_pid: /proc/2147483647/statm: No such file or directory; what is read "
        "there counts as 0\n");
    EXPECT_EQ(total("page_rss", "gone"), 0);
}

TEST(measured, stored_values_stand_where_they_were_stored) {
    start();
    EXPECT_EQ(timemory_store_integer(nullptr, 1), -1) << "no region is open";
    // Listed with a region, they are what the program stores, not laps of the region.
    measure("outer", "wall_clock,data_tracker_integer,data_tracker_floating", [] {
        EXPECT_EQ(timemory_store_integer(nullptr, -5), 0);
        EXPECT_EQ(timemory_store_integer(nullptr, 12), 0);
        EXPECT_EQ(timemory_store_integer("inner", 100), 0);
        EXPECT_EQ(timemory_store_unsigned("size", 18), 0);
        EXPECT_EQ(timemory_store_unsigned("size", std::uint64_t{1} << 63), -1);
        EXPECT_EQ(timemory_store_floating(nullptr, 0.5), 0);
        EXPECT_EQ(timemory_store_floating(nullptr, 0.25), 0);
    });
    EXPECT_EQ(timemory_store_integer("loose", 3), 0);
    EXPECT_EQ(total("data_tracker_integer", "outer"), 7);
    EXPECT_EQ(total("data_tracker_integer", "inner"), 100);
    EXPECT_EQ(total("data_tracker_integer", "loose"), 3);
    EXPECT_EQ(total("data_tracker_unsigned", "size"), 18);
    const profile p = local_profile();
    const component_columns* floating = p.find("data_tracker_floating");
    ASSERT_NE(floating, nullptr);
    ASSERT_EQ(floating->laps, std::vector<std::uint64_t>{2});
    EXPECT_EQ(real_of(floating->fields[0].value[0]), 0.75);
    EXPECT_EQ(p.find("data_tracker_integer")->laps, (std::vector<std::uint64_t>{2, 1, 1}));
    EXPECT_EQ(p.find("wall_clock")->laps, std::vector<std::uint64_t>{1});
}

/// `/outer/named=3 `: the sums of stored values by path, while a setting has another value.
std::string stored_with(const char* setting, const char* value, const char* standard) {
    EXPECT_EQ(timemory_set_setting(setting, value), 0);
    measure("outer", "wall_clock", [] {
        measure("middle", "wall_clock", [] {
            timemory_store_integer("named", 1);
            timemory_store_integer("named", 2);
            timemory_store_integer(nullptr, 4);
        });
    });
    std::string found;
    const profile p = local_profile();
    const component_columns* c = p.find("data_tracker_integer");
    for (std::size_t i = 0; c != nullptr && i < c->path.size(); ++i) {
        if (c->laps[i] == 0) continue;
        for (std::uint32_t n = c->path[i]; n != 0; n = p.paths[n].parent) {
            const std::string name{p.shown_name(p.paths[n])};
            found.insert(found.rfind(' ') + 1, "/" + name);
        }
        found += "=" + std::to_string(static_cast<int>(c->fields[0].value[i])) + " ";
    }
    EXPECT_EQ(timemory_set_setting(setting, standard), 0);
    timemory_clear(nullptr);
    return found;
}

TEST(measured, stored_values_follow_the_scope) {
    start();
    EXPECT_EQ(stored_with("precision", "3", "-1"), "/outer/middle=4 /outer/middle/named=3 ");
    EXPECT_EQ(stored_with("add_secondary", "off", "on"), "/outer/middle=7 ");
    EXPECT_EQ(stored_with("flat_profile", "on", "off"), "/middle=4 /named=3 ");
    EXPECT_EQ(stored_with("timeline_profile", "on", "off"),
              "/outer/middle=4 /outer/middle/named=1 /outer/middle/named=2 ");
}

TEST(measured, stored_values_follow_the_depth) {
    start();
    EXPECT_EQ(stored_with("max_depth", "2", "65535"), "/outer/middle=4 ");
}

TEST(measured, stored_values_below_the_depth_are_left_out) {
    start();
    EXPECT_EQ(stored_with("max_depth", "1", "65535"), "");
}

TEST(measured, components_that_are_switched_off_are_not_there) {
    setenv("TIMEMORY_CPU_ENABLED", "off", 1);
    setenv("TIMEMORY_PROC_CPU_UTIL_ENABLED", "no", 1);
    setenv("TIMEMORY_DATA_INTEGER_ENABLED", "0", 1);
    setenv("TIMEMORY_PEAK_RSS_ENABLED", "on", 1);
    start();
    measure("region", "wall_clock,cpu_clock,process_cpu_util,peak_rss",
            [] { EXPECT_EQ(timemory_store_integer(nullptr, 1), 0); });
    const profile p = local_profile();
    std::vector<std::string> found;
    for (const component_columns& c : p.components) found.push_back(c.what.id);
    EXPECT_EQ(found, (std::vector<std::string>{"peak_rss", "wall_clock"}));
}

}  // namespace
}  // namespace tim
