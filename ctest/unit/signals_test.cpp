// Signals that end a program: where it was is said, and it ends as it would have without us. Each
// test runs in processes of its own.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

#include "library/signals.hpp"
#include "record/arena.hpp"
#include "record/recorder.hpp"
#include "timemory/timemory.h"

namespace tim {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;  // it handles signals itself
#else
constexpr bool sanitized = false;
#endif

constexpr int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};

void start(const char* setting = "enable_signal_handler") {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    setenv("TIMEMORY_AUTO_OUTPUT", "off", 1);
    if (*setting != 0) timemory_set_setting(setting, "on");
    ::timemory_init(0, nullptr);
}

void raise_inside(int signal) {
    timemory_push_region("outer");
    timemory_push_region("inner");
    raise(signal);
    timemory_pop_region("inner");
    timemory_pop_region("outer");
}

/// The work ends its process by the signal, after just these lines.
void expect_end(int signal, const std::string& lines, const std::function<void()>& work) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto in_child = [&] {
        // A sanitizer would say more than a program without one, and end it by other means.
        if (sanitized)
            for (const int fault : faults) std::signal(fault, SIG_DFL);
        work();
        _exit(0);
    };
    EXPECT_EXIT(in_child(), testing::KilledBySignal(signal), "^" + lines + "$");
}

/// The work leaves its process alive, and is true.
void expect_true(const std::string& lines, const std::function<bool()>& work) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(_exit(work() ? 0 : 1), testing::ExitedWithCode(0), "^" + lines + "$");
}

volatile sig_atomic_t calls = 0;
volatile sig_atomic_t last_value = 0;
volatile sig_atomic_t last_code = 0;
volatile sig_atomic_t noted = 0;
volatile sig_atomic_t on_other_stack = 0;
char other_stack[64 * 1024];

void count_call(int) {
    calls = calls + 1;
}

void take_details(int, siginfo_t* info, void*) {
    const char here = 0;
    calls = calls + 1;
    last_value = info->si_value.sival_int;
    last_code = info->si_code;
    noted = static_cast<int>(arena()->ended_by_signal.load());
    on_other_stack = &here >= other_stack && &here < other_stack + sizeof other_stack ? 1 : 0;
}

TEST(signals, a_fault_names_the_innermost_region) {
    if (sanitized) GTEST_SKIP() << "the sanitizer handles faults";
    expect_end(SIGSEGV, "timemory: signal SIGSEGV in region 'inner'\n", [] {
        start();
        timemory_push_region("outer");
        timemory_push_region("inner");
        volatile int* volatile nowhere = nullptr;
        *nowhere = 1;
    });
    expect_end(SIGABRT, "timemory: signal SIGABRT in region 'abort'\n", [] {
        start();
        timemory_push_region("abort");
        std::abort();
    });
}

TEST(signals, without_the_setting_nothing_is_said) {
    expect_end(SIGSEGV, "", [] {
        start("");
        raise_inside(SIGSEGV);
    });
}

TEST(signals, by_default_only_faults_are_handled) {
    for (const int signal : faults)
        expect_end(signal, "timemory: signal SIG[A-Z]+ in region 'inner'\n", [&] {
            start();
            raise_inside(signal);
        });
    for (const int signal : {SIGTERM, SIGHUP, SIGUSR1, SIGPIPE})
        expect_end(signal, "", [&] {
            start();
            raise_inside(signal);
        });
}

TEST(signals, all_that_end_a_program_are_handled_on_demand) {
    for (const int signal : {SIGTERM, SIGHUP, SIGUSR1, SIGPIPE, SIGALRM, SIGSEGV})
        expect_end(signal, "timemory: signal SIG[A-Z0-9]+ in region 'inner'\n", [&] {
            start("enable_all_signals");
            raise_inside(signal);
        });
    expect_end(SIGRTMIN + 3, "timemory: signal [0-9]+ in region 'inner'\n", [] {
        start("enable_all_signals");
        raise_inside(SIGRTMIN + 3);
    });
    // What only stops a program or is ignored by default is not touched.
    expect_true("", [] {
        start("enable_all_signals");
        raise_inside(SIGCHLD);
        raise_inside(SIGWINCH);
        return true;
    });
}

TEST(signals, settings_forbid_them) {
    for (const char* off : {"disable_all_signals=on", "allow_signal_handler=off"})
        expect_end(SIGSEGV, "", [&] {
            const std::string text = off;
            const auto equals = text.find('=');
            timemory_set_setting(text.substr(0, equals).c_str(), text.substr(equals + 1).c_str());
            start();
            timemory_set_setting("enable_all_signals", "on");
            raise_inside(SIGSEGV);
        });
    expect_true("timemory: signals are not handled: the setting 'allow_signal_handler' is off\n",
                [] {
                    timemory_set_setting("allow_signal_handler", "off");
                    return timemory_enable_signal_detection(nullptr, 0) == -1;
                });
}

TEST(signals, a_handler_from_before_is_called_with_its_own_flags) {
    if (sanitized) GTEST_SKIP() << "the sanitizer wraps handlers";
    expect_true("timemory: signal SIGUSR1 in region 'work'\n", [] {
        const stack_t stack{.ss_sp = other_stack, .ss_flags = 0, .ss_size = sizeof other_stack};
        sigaltstack(&stack, nullptr);
        struct sigaction mine = {};
        mine.sa_sigaction = take_details;
        mine.sa_flags = SA_SIGINFO | SA_ONSTACK;
        sigaction(SIGUSR1, &mine, nullptr);
        start("enable_all_signals");
        timemory_push_region("work");
        for (int i = 1; i <= 2; ++i) {
            const sigval value{.sival_int = 40 + i};
            sigqueue(getpid(), SIGUSR1, value);
            if (calls != i || last_value != 40 + i || last_code != SI_QUEUE || on_other_stack != 1)
                return false;
        }
        return noted == SIGUSR1;
    });
}

TEST(signals, a_handler_that_comes_later_wins) {
    expect_true("", [] {
        start();
        signal(SIGFPE, count_call);
        timemory_set_setting("precision", "4");  // applies the settings again
        raise_inside(SIGFPE);
        timemory_finalize();
        raise(SIGFPE);
        return calls == 2;
    });
}

TEST(signals, finalize_gives_them_back) {
    expect_true("", [] {
        signal(SIGFPE, count_call);
        start();
        timemory_finalize();
        struct sigaction now;
        sigaction(SIGFPE, nullptr, &now);
        return now.sa_handler == count_call;
    });
}

TEST(signals, what_the_program_ignores_stays_ignored) {
    expect_true("", [] {
        signal(SIGHUP, SIG_IGN);
        start("enable_all_signals");
        raise_inside(SIGHUP);
        return true;
    });
}

TEST(signals, calls_choose_them_too) {
    const int chosen[] = {SIGUSR2};
    expect_end(SIGUSR2, "timemory: signal SIGUSR2 in region 'inner'\n", [&] {
        start("");
        EXPECT_EQ(timemory_enable_signal_detection(chosen, 1), 0);
        timemory_set_setting("enable_signal_handler", "on");
        timemory_set_setting("enable_signal_handler", "off");
        raise_inside(SIGUSR2);
    });
    expect_end(SIGUSR2, "", [&] {
        start("enable_all_signals");
        timemory_enable_signal_detection(chosen, 1);
        timemory_disable_signal_detection();
        timemory_set_setting("precision", "4");
        raise_inside(SIGUSR2);
    });
    expect_true("timemory: signal 9 can't be handled; it is left out\n", [] {
        start("");
        const int kill[] = {SIGKILL, SIGUSR2};
        return timemory_enable_signal_detection(kill, 2) == -1;
    });
}

TEST(signals, each_thread_has_its_own_region) {
    expect_end(SIGABRT, "timemory: signal SIGABRT in region 'on the thread'\n", [] {
        start();
        timemory_push_region("main");
        std::thread{[] {
            timemory_push_region("on the thread");
            raise(SIGABRT);
        }}.join();
    });
    expect_end(SIGABRT, "timemory: signal SIGABRT outside of all regions\n", [] {
        start();
        timemory_push_region("main");
        std::thread{[] { raise(SIGABRT); }}.join();
    });
}

TEST(signals, names_are_made_printable_and_cut) {
    expect_end(SIGABRT, "timemory: signal SIGABRT in region 'a[?]b'\n", [] {
        start();
        timemory_push_region("a\nb");
        raise(SIGABRT);
    });
    expect_end(SIGABRT, "timemory: signal SIGABRT in region 'x{200}'\n", [] {
        start();
        timemory_push_region(std::string(5000, 'x').c_str());
        raise(SIGABRT);
    });
}

TEST(signals, an_arena_that_was_written_over_is_no_second_fault) {
    for (const ref wrong : {ref{1} << 31, ref{0}, ref{3}})
        expect_end(SIGABRT, "timemory: signal SIGABRT outside of all regions\n", [&] {
            start();
            timemory_push_region("work");
            at<flow_record>(this_recorder->record()->flows.load())->top.store(wrong);
            raise(SIGABRT);
        });
}

TEST(signals, a_child_of_a_fork_has_them_too) {
    expect_true("timemory: signal SIGABRT in region 'child'\n", [] {
        start();
        timemory_push_region("parent");
        const pid_t child = fork();
        if (child == 0) {
            timemory_push_region("child");
            raise(SIGABRT);
        }
        int status = 0;
        waitpid(child, &status, 0);
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    });
}

}  // namespace
}  // namespace tim
