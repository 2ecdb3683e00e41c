#include "record/process_identity.hpp"

#include <unistd.h>
#include <xxhash.h>

#include <charconv>
#include <fstream>
#include <sstream>

namespace tim {

std::uint64_t start_of_process(pid_t pid) {
    std::ifstream in{"/proc/" + std::to_string(pid) + "/stat"};
    std::string line;
    if (!std::getline(in, line)) return 0;
    // The second field, the program's name in parentheses, may hold spaces and parentheses.
    const auto name_end = line.rfind(')');
    if (name_end == line.npos) return 0;
    std::istringstream fields{line.substr(name_end + 1)};
    std::string field;
    for (int i = 3; i <= 22; ++i) {
        if (!(fields >> field)) return 0;
        if (i == 3 && (field == "Z" || field == "X")) return 0;
    }
    std::uint64_t start = 0;
    std::from_chars(field.data(), field.data() + field.size(), start);
    return start;
}

std::uint64_t this_boot() {
    std::ifstream in{"/proc/sys/kernel/random/boot_id"};
    std::string id;
    std::getline(in, id);
    id += host_name();
    return XXH3_64bits(id.data(), id.size());
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
