#include "clock_fit.hpp"

#include <algorithm>

namespace tim::gpu {

void clock_fit::add(const std::vector<clock_pair>& group) {
    if (group.empty()) return;
    const auto width = [](const clock_pair& p) { return p.after - p.before; };
    const clock_pair best = *std::min_element(
        group.begin(), group.end(),
        [&](const clock_pair& a, const clock_pair& b) { return width(a) < width(b); });
    const std::int64_t middle = best.before + width(best) / 2;
    if (!points_.empty() && best.theirs <= points_.back().theirs) return;
    const point next{best.theirs, middle - best.theirs};
    // The last point is always the newest; it is kept for good at each `stride_`-th call.
    if (points_.size() >= 2 && skipped_ + 1 < stride_) {
        points_.back() = next;
        ++skipped_;
        return;
    }
    skipped_ = 0;
    points_.push_back(next);
    if (points_.size() < most_points) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < points_.size(); i += 2) points_[kept++] = points_[i];
    if (points_.size() % 2 == 0) points_[kept++] = points_.back();
    points_.resize(kept);
    stride_ *= 2;
}

std::int64_t clock_fit::ours(std::int64_t theirs) const noexcept {
    if (points_.empty()) return theirs;
    if (points_.size() == 1) return theirs + points_.front().offset;
    auto right = std::lower_bound(points_.begin(), points_.end(), theirs,
                                  [](const point& p, std::int64_t at) { return p.theirs < at; });
    right = std::clamp(right, points_.begin() + 1, points_.end() - 1);
    const point& a = *(right - 1);
    const point& b = *right;
    const auto share =
        static_cast<double>(theirs - a.theirs) / static_cast<double>(b.theirs - a.theirs);
    return theirs + a.offset +
           static_cast<std::int64_t>(share * static_cast<double>(b.offset - a.offset));
}

}  // namespace tim::gpu
