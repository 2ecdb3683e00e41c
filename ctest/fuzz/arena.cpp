// Arenas: a small whole one, of which the input overwrites words anywhere.

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "profile/profile.hpp"
#include "record/tree_reader.hpp"

namespace {

using namespace tim;

constexpr std::size_t size = 16 * 1024;
struct alignas(64) arena_bytes {
    std::array<std::byte, size> bytes{};
};

/// Lays records one behind the other.
class maker {
public:
    explicit maker(arena_bytes& to) : to_{to} {}

    template <class Record>
    std::pair<Record*, ref> add(std::size_t bytes = sizeof(Record)) {
        used_ = (used_ + 63) / 64 * 64;
        auto* record = new (to_.bytes.data() + used_) Record{};
        const auto where = static_cast<ref>(used_ / ref_unit);
        used_ += bytes;
        if (used_ > size) std::abort();
        return {record, where};
    }
    ref add_text(const std::string& text) {
        const auto [record, where] = add<string_record>(sizeof(string_record) + text.size());
        record->length = static_cast<std::uint32_t>(text.size());
        std::memcpy(reinterpret_cast<char*>(record) + offsetof(string_record, text), text.data(),
                    text.size());
        return where;
    }

private:
    arena_bytes& to_;
    std::size_t used_ = 0;
};

/// One row of each table, at a path.
void add_rows(maker& make, recorder_record& recorder, ref path) {
    for (std::size_t number = 0; number < recorded_tables().size(); ++number) {
        const recorded_table& what = recorded_tables()[number];
        auto [row, at_row] = make.add<row_record>(row_size(what.keys.size(), what.histogram));
        row->table = static_cast<std::uint16_t>(number);
        row->keys = static_cast<std::uint8_t>(what.keys.size());
        row->histogram = what.histogram ? 1 : 0;
        for (std::size_t k = 0; k < what.keys.size(); ++k)
            row->key[k] = what.keys[k].kind == key_kind::path   ? path
                          : what.keys[k].kind == key_kind::text ? make.add_text("text")
                                                                : 1;
        row->values = {.count = 2, .sum_low = 10, .squares_low = 52, .min = 4, .max = 6};
        if (what.histogram) *histogram_of(*row) = {.last = 3, .counts = {1, 2}};
        row->next = recorder.rows;
        recorder.rows = at_row;
    }
}

/// Two nested regions, one of them with a lap apart, both open, and a lap in the journal.
arena_bytes whole_arena() {
    arena_bytes bytes;
    maker make{bytes};
    auto [header, at_header] = make.add<arena_record>();
    header->magic = layout_magic;
    header->version = layout_version;
    const component_description clock{.id = "wall_clock", .label = "wall", .unit = "sec"};
    auto [bundle, at_bundle] = make.add<bundle_record>();
    bundle->id = 3;
    bundle->fields = 1;
    bundle->has_clock = 1;
    bundle->components = make.add_text(serialise_descriptions({&clock, 1}));
    header->bundles = at_bundle;
    auto [recorder, at_recorder] = make.add<recorder_record>();
    header->recorders = at_recorder;
    auto [root, at_root] = make.add<node_record>();
    recorder->root = at_root;
    ref above = at_root;
    node_record* parent = root;
    auto [flow, at_flow] = make.add<flow_record>();
    auto [bottom, at_bottom] = make.add<frame_record>(frame_size(1));
    bottom->region = ~std::uint64_t{0};
    recorder->flows = at_flow;
    ref top = at_bottom;
    for (const path_kind kind : {path_kind::region, path_kind::region, path_kind::lap}) {
        auto [node, at_node] = make.add<node_record>();
        auto [block, at_block] = make.add<block_record>();
        block->bundle = bundle->id;
        block->fields = 1;
        block->laps = 2;
        block->field[0].sum_low = 10;
        block->field[0].max = 6;
        node->kind = static_cast<std::uint16_t>(kind);
        node->name = make.add_text("name");
        node->parent = above;
        node->first_block = at_block;
        node->end = 1;
        parent->first_child = at_node;
        auto [frame, at_frame] = make.add<frame_record>(frame_size(1));
        frame->region = std::uint64_t{bundle->id} << 48 | 1;
        frame->place = std::bit_cast<std::uint64_t>(place_record{at_block, at_node});
        frame->link = top;
        top = at_frame;
        recorder->journal.target = at_block;
        parent = node;
        above = at_node;
    }
    add_rows(make, *recorder, above);
    recorder->journal.sequence = 1;
    flow->top = top;
    return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t length) {
    static const arena_bytes whole = whole_arena();
    arena_bytes arena = whole;
    struct [[gnu::packed]] change {
        std::uint16_t word;
        std::uint32_t value;
    };
    for (; length >= sizeof(change); length -= sizeof(change), input += sizeof(change)) {
        change c{};
        std::memcpy(&c, input, sizeof c);
        const std::uint32_t value = c.value;
        std::memcpy(arena.bytes.data() + c.word % (size / 4) * 4, &value, sizeof value);
    }
    const arena_view view{arena.bytes};
    tree_reader reader{view};
    reader.add_recorders((arena.bytes[0] & std::byte{1}) != std::byte{0});
    reader.add_own_cost();
    reader.for_each_open([&](const open_frame& open) {
        if (reader.names_to(open.node).empty()) std::abort();
    });
    (void)reader.laps_apart();
    // What comes out is a canonical profile.
    const profile p = reader.finish();
    if (deserialise(serialise(p)) != p) std::abort();
    return 0;
}
