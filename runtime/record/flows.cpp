// The stacks of a recorder: its thread's own, and those of tasks that take turns on it.

#include <memory>
#include <new>

#include "record/recorder.hpp"

namespace tim {

bool recorder::grow(stack& s, std::size_t bytes) noexcept {
    const std::size_t next = s.pieces.empty() ? 0 : s.piece + 1;
    if (next == s.pieces.size()) {
        const std::size_t size = s.pieces.empty() ? bytes : first_stack;
        std::byte* p = memory_.take(size, ref_unit);
        if (p == nullptr) {
            count_loss(loss::out_of_memory);
            skip();
            return false;
        }
        s.pieces.emplace_back(p, p + size);
    }
    s.piece = static_cast<std::uint32_t>(next);
    s.next = s.piece_begin = s.pieces[next].first;
    s.piece_end = s.pieces[next].second;
    return true;
}

void recorder::step_back(stack& s) noexcept {
    --s.piece;
    s.piece_begin = s.pieces[s.piece].first;
    s.piece_end = s.pieces[s.piece].second;
}

/// Returns the number of the new flow, or 0 for want of memory (flow 0 is always the thread's own).
std::uint32_t recorder::new_flow(std::size_t bytes) noexcept {
    auto s = std::make_unique<stack>();
    std::byte* record = memory_.take(sizeof(flow_record), ref_unit);
    if (record == nullptr || !grow(*s, bytes)) return 0;
    s->record = new (record) flow_record{};
    auto* bottom = new (s->next) frame_record{};
    bottom->region.store(no_region, std::memory_order_relaxed);
    bottom->place.store(std::bit_cast<std::uint64_t>(place_record{.node = record_->root}),
                        std::memory_order_relaxed);
    s->next += frame_size(1);
    s->top = bottom;
    s->record->top.store(ref_of(bottom), std::memory_order_relaxed);
    s->record->next.store(record_->flows.load(std::memory_order_relaxed),
                          std::memory_order_relaxed);
    record_->flows.store(ref_of(s->record), std::memory_order_release);
    flows_.push_back(std::move(s));
    return static_cast<std::uint32_t>(flows_.size() - 1);
}

std::uint32_t recorder::create_flow() noexcept {
    for (std::uint32_t i = 1; i < flows_.size(); ++i) {
        if (flows_[i]->in_use) continue;
        flows_[i]->in_use = true;
        return i;
    }
    return new_flow(coroutine_stack);
}

std::uint32_t recorder::switch_flow(std::uint32_t flow) noexcept {
    const std::uint32_t before = current_flow_;
    if (flow >= flows_.size() || !flows_[flow]->in_use) return before;
    current_flow_ = flow;
    flow_ = flows_[flow].get();
    return before;
}

void recorder::delete_flow(std::uint32_t flow) noexcept {
    if (flow == 0 || flow >= flows_.size() || flow == current_flow_) return;
    // A flow with open regions is not used again: they are counted at finalize.
    flows_[flow]->in_use = below(*flows_[flow]->top) != 0;
}

}  // namespace tim
