#include "output/result_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

#include "output/hdf5_file.hpp"
#include "profile/select.hpp"

namespace tim {
namespace {

namespace fs = std::filesystem;

/// The first bytes of a file. Throws if it can't be read.
std::string beginning_of(const std::string& path) {
    errno = 0;
    std::ifstream in{path, std::ios::binary};
    std::array<char, 8> bytes{};
    in.read(bytes.data(), bytes.size());
    if (in.bad() || !in.is_open())
        throw std::runtime_error(errno != 0 ? std::strerror(errno) : "it can't be read");
    return {bytes.data(), static_cast<std::size_t>(in.gcount())};
}

}  // namespace

profile read_profile(const std::string& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);  // fails for what is not a regular file
    if (error) throw std::runtime_error(error.message());
    std::vector<std::byte> bytes(size);
    std::ifstream in(path, std::ios::binary);
    if (!in || !in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
        throw std::runtime_error(errno != 0 ? std::strerror(errno) : "it ends too early");
    return deserialise(bytes);
}

record read_result(const std::string& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        const std::string file = (fs::path{path} / "timemory.h5").string();
        if (!fs::exists(file, error))
            throw std::runtime_error(
                "the folder has no timemory.h5; 'timemory merge' reads what "
                "ranks left in it");
        return read_hdf5(file);
    }
    const std::string begin = beginning_of(path);
    if (begin == "\x89HDF\r\n\x1a\n") return read_hdf5(path);
    if (begin == "TIMEPROF") {
        record r;
        r.measured.profiles.push_back(read_profile(path));
        const profile& p = r.measured.profiles.front();
        r.measured.mpi = p.world_size > 1;
        r.measured.collapsed_threads = !has_threads(p);
        return r;
    }
    throw std::runtime_error("it is neither a timemory.h5 nor a profile (*.timemory)");
}

bool is_listed(const component_description& what, std::string_view list) {
    constexpr std::string_view separators = ",;: ";
    while (!list.empty()) {
        const std::string_view name = list.substr(0, list.find_first_of(separators));
        list.remove_prefix(std::min(list.size(), name.size() + 1));
        if (!name.empty() && (name == what.id || name == what.label ||
                              std::count(what.aliases.begin(), what.aliases.end(), name) > 0))
            return true;
    }
    return false;
}

std::string keep_components(std::vector<profile>& profiles, std::string_view list) {
    if (list.empty()) return {};
    std::map<std::string, bool> known;
    bool any = false;
    for (profile& p : profiles) {
        for (const component_columns& c : p.components)
            any |= known[c.what.id] = is_listed(c.what, list);
        std::erase_if(p.components, [&](const component_columns& c) { return !known[c.what.id]; });
    }
    if (any) return {};
    std::string there;
    for (const auto& [id, is_wanted] : known) there += (there.empty() ? "" : ", ") + id;
    return fmt::format("there are none of the components '{}'; there are: {}", list, there);
}

}  // namespace tim
