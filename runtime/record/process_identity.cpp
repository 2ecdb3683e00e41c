#include "record/process_identity.hpp"

#include <unistd.h>
#include <xxhash.h>

#include <charconv>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

namespace tim {

namespace {

/// The fields of /proc/<pid>/stat from the third on, proc_pid_stat(5); none if there is no such
/// process.
std::vector<std::string> status_fields(pid_t pid) {
    std::ifstream in{"/proc/" + std::to_string(pid) + "/stat"};
    std::string line;
    std::getline(in, line);
    // The second field, the program's name in parentheses, may hold spaces and parentheses.
    const auto name_end = line.rfind(')');
    if (name_end == line.npos) return {};
    std::istringstream text{line.substr(name_end + 1)};
    std::vector<std::string> fields;
    for (std::string field; text >> field;) fields.push_back(std::move(field));
    return fields;
}

std::uint64_t number_in(const std::string& text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

std::uint64_t start_of_process(pid_t pid) {
    const std::vector<std::string> fields = status_fields(pid);
    constexpr std::size_t state = 0;
    constexpr std::size_t start_time = 19;
    if (fields.size() <= start_time || fields[state] == "Z" || fields[state] == "X") return 0;
    return number_in(fields[start_time]);
}

pid_t parent_of(pid_t pid) {
    const std::vector<std::string> fields = status_fields(pid);
    return fields.size() > 1 ? static_cast<pid_t>(number_in(fields[1])) : 0;
}

std::uint64_t this_boot() {
    static const std::uint64_t boot = [] {  // asked for each arena that is looked at
        std::ifstream in{"/proc/sys/kernel/random/boot_id"};
        std::string id;
        std::getline(in, id);
        id += host_name();
        return XXH3_64bits(id.data(), id.size());
    }();
    return boot;
}

std::uint64_t run_number(const std::string& run) {
    const std::uint64_t number = XXH3_64bits(run.data(), run.size());
    return number != 0 ? number : 1;
}

std::string host_name() {
    char name[256] = {};
    return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

}  // namespace tim
