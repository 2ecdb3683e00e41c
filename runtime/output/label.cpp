#include "output/label.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "output/json_parts.hpp"

namespace tim {
namespace {

std::size_t digits(std::uint64_t count) {
    return fmt::formatted_size("{}", count);
}

}  // namespace

label_prefix::label_prefix(const result& r, const view& v)
    : view_(v), threads_(!r.collapsed_threads || v.has_threads()), thread_digits_(0) {
    const profile& p = v.of();
    if (r.mpi && !r.collapsed_ranks && !p.ranks.empty()) {
        const std::uint32_t first = p.ranks.front().first;
        const std::uint32_t last = p.ranks.back().last;
        const std::size_t width = digits(p.world_size);
        rank_ = first == last ? fmt::format("|{:0{}}", first, width)
                              : fmt::format("|{:0{}}:{:0{}}", first, width, last, width);
    }
    std::uint32_t threads = thread_count(r);
    for (const view_row& row : v.rows()) threads = std::max(threads, row.thread + 1);
    thread_digits_ = digits(threads);
}

void label_prefix::write(std::size_t row, std::string& label) const {
    const view_row& here = view_.rows()[row];
    label = rank_;
    if (threads_) fmt::format_to(std::back_inserter(label), "|{:0{}}", here.thread, thread_digits_);
    label += ">>> ";
    if (here.depth == 0) return;
    label.append(2 * (std::size_t{here.depth} - 1), ' ');
    label += "|_";
}

}  // namespace tim
