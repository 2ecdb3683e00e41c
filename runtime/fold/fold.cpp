#include "fold/fold.hpp"

#include <malloc.h>

#include <exception>
#include <utility>

#include "profile/merge.hpp"

namespace tim {

void trim_memory([[maybe_unused]] const profile& p) {
#if defined(__GLIBC__)
    constexpr std::size_t many_paths = 4096;
    if (p.paths.size() >= many_paths) malloc_trim(0);
#endif
}

std::optional<profile> received(std::vector<std::byte> bytes) {
    try {
        profile p = deserialise(bytes);
        bytes = std::vector<std::byte>();  // gone before the merge, which takes as much again
        trim_memory(p);
        return p;
    } catch (const std::exception&) {
        return {};
    }
}

void fold(profile& mine, std::optional<profile>& theirs, std::uint32_t max_paths) {
    mine = merge(mine, *theirs, dimension::ranks, max_paths);
    theirs.reset();
    trim_memory(mine);
}

}  // namespace tim
