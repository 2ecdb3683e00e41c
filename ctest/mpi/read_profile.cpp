// Prints what is in a profile file: its ranks, then one line per row: path, component, laps, value.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "profile/profile.hpp"

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    std::ifstream file(argv[1], std::ios::binary);
    const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
    try {
        const tim::profile p = tim::deserialise(std::as_bytes(std::span(bytes)));
        for (const tim::rank_range& r : p.ranks)
            std::printf("ranks %u to %u of %u\n", r.first, r.last, p.world_size);
        for (const tim::component_columns& c : p.components)
            for (std::size_t row = 0; row < c.path.size(); ++row) {
                std::string path;
                for (std::uint32_t i = c.path[row]; i != 0; i = p.paths[i].parent)
                    path = std::string(p.name(p.paths[i])) + (path.empty() ? "" : "/") + path;
                std::printf("%s\t%s\t%llu\t%lld\n", path.c_str(), c.what.id.c_str(),
                            static_cast<unsigned long long>(c.laps[row]),
                            static_cast<long long>(c.fields[0].value[row]));
            }
    } catch (const tim::malformed_profile& e) {
        std::fprintf(stderr, "%s: %s\n", argv[1], e.what());
        return 1;
    }
    return 0;
}
