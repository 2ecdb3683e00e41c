#include "output/profile_file.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <exception>
#include <vector>

#include "output/file.hpp"
#include "output/files.hpp"
#include "settings/say.hpp"

namespace tim {

std::string name_of_ranks(const profile& p) {
    constexpr std::size_t most_ranges = 8;
    std::string name;
    std::uint64_t ranks = 0;
    for (const rank_range& r : p.ranks) {
        ranks += std::uint64_t{r.last} - r.first + 1;
        name += fmt::format("{}{}{}", name.empty() ? "" : "+", r.first,
                            r.last > r.first ? fmt::format("-{}", r.last) : "");
    }
    if (p.ranks.size() > most_ranges)
        return fmt::format("{}-of-{}-ranks", p.ranks.front().first, ranks);
    return name;
}

void write_serialised(const profile& p, const sink& out) {
    const std::vector<std::byte> bytes = serialise(p);
    out({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool write_profile_to(const profile& p, const std::string& path, const std::string& what) {
    try {
        const blocked_signals guard;
        const std::string folder = folder_of(path);
        int error = folder == path ? 0 : make_folder(folder);
        if (error == 0)
            error = write_file(path, [&p](const sink& out) { write_serialised(p, out); });
        if (error != 0)
            say(fmt::format("cannot write {} to '{}': {}; {}", what, path, std::strerror(error),
                            advice(error)));
        return error == 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "timemory: cannot write %s: %s\n", what.c_str(), e.what());
        return false;
    }
}

bool write_profile(const profile& p, const settings& s, const std::string& name,
                   const std::string& what, std::string& path) {
    path = path_without_extension(s, "profile-" + name) + ".timemory";
    return write_profile_to(p, path, what);
}

bool write_fallback(const profile& p, const settings& s, std::uint32_t rank,
                    const std::string& reason) {
    try {
        std::string path;
        const std::string what = fmt::format("the profile of rank {}", rank);
        if (!write_profile(p, s, name_of_ranks(p), fmt::format("{} ({})", what, reason), path))
            return false;
        say(fmt::format("rank {} wrote its own profile to '{}': {}", rank, path, reason));
        return true;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "timemory: cannot write the profile of rank %u: %s\n", rank, e.what());
        return false;
    }
}

}  // namespace tim
