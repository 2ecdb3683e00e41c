#include "device_shares.hpp"

#include <algorithm>

namespace tim::gpu {

void device_shares::add(std::uint32_t device, bool copies, std::int64_t begin, std::int64_t end) {
    device_line& line = devices_[device];
    if (begin < line.swept) {
        to_.count(gap::late, 1);
        begin = line.swept;
        if (end <= begin) return;
    }
    line.waiting.push({begin, 1, copies});
    line.waiting.push({std::max(begin, end), -1, copies});
    if (line.waiting.size() > most_edges) sweep(device, line, most_edges / 2);
}

void device_shares::sweep(std::uint32_t device, device_line& line, std::size_t leave) {
    std::int64_t spent[4] = {};
    while (line.waiting.size() > leave) {
        const edge next = line.waiting.top();
        line.waiting.pop();
        if (line.swept != INT64_MIN) {
            const device_state state =
                line.kernels > 0  ? line.copies > 0 ? device_state::both : device_state::kernels
                : line.copies > 0 ? device_state::copies
                                  : device_state::idle;
            spent[static_cast<int>(state)] += next.time - line.swept;
        }
        line.swept = next.time;
        (next.copies ? line.copies : line.kernels) += next.change;
    }
    for (int state = 0; state < 4; ++state)
        if (spent[state] != 0)
            to_.book_state(device, static_cast<device_state>(state), spent[state]);
}

void device_shares::finish() {
    for (auto& [device, line] : devices_) sweep(device, line, 0);
}

}  // namespace tim::gpu
