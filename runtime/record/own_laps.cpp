// Laps that the program measures itself, and laps that are forgotten.

#include "record/recorder.hpp"

namespace tim {

void recorder::book_into(std::uint64_t record, const std::int64_t* lap) noexcept {
    const frame_record* f = find_open(record);
    if (f == nullptr) return;
    const bundle& b = bundle_of(f->region.load(std::memory_order_relaxed));
    place_record place = place_of(*f);
    if (record >> 48 != number_) place = place_of_other(*at<node_record>(place.node), b);
    book(b, at<block_record>(place.block), lap, *flow_->record, ref_of(flow_->top));
    at<node_record>(place.node)->end.store(clock_ticks(), std::memory_order_relaxed);
}

void recorder::abandon(std::uint64_t record) noexcept {
    frame_record* f = find_open(record);
    if (f == nullptr) return;
    f->region.store(0, std::memory_order_release);
    if (flow_->top == f) drop_closed();
}

void recorder::forget_laps(const std::function<bool(const bundle&)>& wanted) noexcept {
    std::vector<ref> todo{record_->root};
    while (!todo.empty()) {
        const auto& node = *at<node_record>(todo.back());
        todo.pop_back();
        for (ref n = node.first_child.load(std::memory_order_relaxed); n != 0;
             n = at<node_record>(n)->next_sibling.load(std::memory_order_relaxed))
            todo.push_back(n);
        for (ref b = node.first_block.load(std::memory_order_relaxed); b != 0;
             b = at<block_record>(b)->next)
            if (wanted(*bundles[at<block_record>(b)->bundle])) empty(*at<block_record>(b));
    }
}

/// The block of a bundle at a node, which gets it if it has none.
ref recorder::block_at(node_record& node, const bundle& b) noexcept {
    if (node.kind == static_cast<std::uint16_t>(path_kind::region)) {
        const auto* text = at<string_record>(node.name);
        return find_child(node.parent, make_region(intern({text->text, text->length}), b)).block;
    }
    // A lap that stands apart is not looked for by its name.
    for (ref r = node.first_block.load(std::memory_order_relaxed); r != 0;
         r = at<block_record>(r)->next)
        if (at<block_record>(r)->bundle == b.id) return r;
    const block_record* block = add_block(&node, b);
    return block != nullptr ? ref_of(block) : overflow_block_;
}

bool recorder::store(const bundle& b, const char* name, std::int64_t value) noexcept {
    const ref innermost = place_of(*drop_closed()).node;
    if (name == nullptr && innermost == record_->root) return false;
    place_record place{.block = overflow_block_, .node = overflow_node_};
    if (name != nullptr) {
        place = place_in(false, false, make_region(intern(name), b));
        auto* node = at<node_record>(place.node);
        if (node->kind == static_cast<std::uint16_t>(path_kind::lap))
            node->end.store(node->begin.load(std::memory_order_relaxed), std::memory_order_relaxed);
    } else if (!is_apart(innermost)) {
        place.block = block_at(*at<node_record>(innermost), b);
    }
    book(b, at<block_record>(place.block), &value, *flow_->record, ref_of(flow_->top));
    return true;
}

}  // namespace tim
