// A program whose settings come from its environment, its command line and its code.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <timemory/timemory.hpp>

namespace {

/// `name=value` lines.
void assign_in_code(const std::string& lines) {
    for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = std::min(lines.find('\n', at), lines.size());
        const std::string line = lines.substr(at, end - at);
        const std::size_t equals = line.find('=');
        timemory_set_setting(line.substr(0, equals).c_str(), line.substr(equals + 1).c_str());
        at = end + 1;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (const char* code = std::getenv("SETTINGS_IN_CODE")) assign_in_code(code);
    tim::timemory_init(&argc, &argv);
    {
        TIMEMORY_MARKER("outer");
        for (int i = 0; i < 3; ++i) {
            TIMEMORY_MARKER("inner");
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
    }
    for (int i = 1; i < argc; ++i) std::printf("argument: %s\n", argv[i]);
    std::printf("end of arguments: %s\n", argv[argc] == nullptr ? "null" : argv[argc]);
    tim::timemory_finalize();
}
