#include "settings/say.hpp"

#include <cstdio>
#include <cstdlib>

#include "settings/utf8.hpp"

namespace tim {

std::atomic<bool> debugging{false};

void say(std::string_view line) noexcept {
    // One call, so that lines of several ranks and threads are not torn.
    std::fprintf(stderr, "timemory: %.*s\n", static_cast<int>(line.size()), line.data());
}

bool first_of_job() noexcept {
    for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"})
        if (const char* rank = std::getenv(variable)) return std::string_view(rank) == "0";
    const char* rank = std::getenv("RANK");  // torchrun's, which always comes with the size
    return rank == nullptr || std::getenv("WORLD_SIZE") == nullptr || std::string_view(rank) == "0";
}

void say_once_per_job(std::string_view line) noexcept {
    if (first_of_job()) say(line);
}

void say_detail(std::string_view line) noexcept {
    if (debugging.load(std::memory_order_relaxed)) say(line);
}

std::string shown(std::string_view text, std::size_t most) {
    std::string result;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (result.size() + length > most) return result + "...";
        const bool control = (text[0] >= 0 && text[0] < ' ') || text[0] == 127;
        if (length == 0 || control)
            result += '?';
        else
            result += text.substr(0, length);
        text.remove_prefix(length > 0 ? length : 1);
    }
    return result;
}

}  // namespace tim
