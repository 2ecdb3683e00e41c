#include "settings/say.hpp"

#include <cstdio>

namespace tim {

void say(std::string_view line) noexcept {
    // One call, so that lines of several ranks and threads are not torn.
    std::fprintf(stderr, "timemory: %.*s\n", static_cast<int>(line.size()), line.data());
}

}  // namespace tim
