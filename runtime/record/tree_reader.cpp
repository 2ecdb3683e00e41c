#include "record/tree_reader.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <span>
#include <tuple>
#include <utility>

#include "profile/merge.hpp"
#include "record/losses.hpp"

namespace tim {
namespace {

int128 joined(const std::atomic<std::uint64_t>& low,
              const std::atomic<std::uint64_t>& high) noexcept {
    return static_cast<int128>(static_cast<uint128>(high.load(std::memory_order_relaxed)) << 64 |
                               low.load(std::memory_order_relaxed));
}

void copy_fields(const field_record* from, std::span<statistics> to) noexcept {
    for (std::size_t i = 0; i < to.size(); ++i)
        to[i] = {.sum = joined(from[i].sum_low, from[i].sum_high),
                 .squares = static_cast<uint128>(joined(from[i].squares_low, from[i].squares_high)),
                 .min = from[i].min.load(std::memory_order_relaxed),
                 .max = from[i].max.load(std::memory_order_relaxed)};
}

/// Reads a block while its thread may be booking laps: a copy that was taken between two equal
/// sequence numbers is whole; in an odd one the journal has the values of the block that is being
/// written. Returns the laps.
std::uint64_t read_block(const block_record& block, ref where, const journal_record& journal,
                         std::span<statistics> to) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    for (;;) {
        const std::uint64_t before = journal.sequence.load(std::memory_order_acquire);
        const std::uint64_t target = journal.target.load(relaxed);
        const bool in_flight = before % 2 == 1 && static_cast<ref>(target) == where;
        const bool whole = (target & journal_record::only_low_words) == 0;
        const std::uint64_t laps = (in_flight ? journal.laps : block.laps).load(relaxed);
        copy_fields(in_flight && whole ? journal.field : block.field, to);
        if (in_flight && !whole) {
            const field_record& high = block.field[0];
            to[0].sum = joined(journal.field[0].sum_low, high.sum_high);
            to[0].squares =
                static_cast<uint128>(joined(journal.field[0].squares_low, high.squares_high));
        }
#if !defined(__SANITIZE_THREAD__)
        std::atomic_thread_fence(std::memory_order_acquire);
#endif
        if (journal.sequence.load(std::memory_order_acquire) == before) return laps;
    }
}

int128 total(const component_description& what, const statistics& s) noexcept {
    if (what.over_laps == combine::sum) return s.sum;
    // For doubles the bits, as everywhere.
    return what.type == number::real ? static_cast<int128>(static_cast<std::uint64_t>(s.max))
                                     : s.max;
}

void add_laps(const component_description& what, field_columns& to, const field_columns& from,
              std::size_t row) noexcept {
    statistics& a = to.laps.back();
    const statistics& b = from.laps[row];
    if (what.type == number::real) {
        const auto smaller = [](std::int64_t x, std::int64_t y, bool least) {
            return (std::bit_cast<double>(x) < std::bit_cast<double>(y)) == least ? x : y;
        };
        a = {.sum = raw_of(real_of(a.sum) + real_of(b.sum)),
             .squares = static_cast<uint128>(raw_of(real_of(static_cast<int128>(a.squares)) +
                                                    real_of(static_cast<int128>(b.squares)))),
             .min = smaller(a.min, b.min, true),
             .max = smaller(a.max, b.max, false)};
    } else {
        a = {.sum = static_cast<int128>(static_cast<uint128>(a.sum) + static_cast<uint128>(b.sum)),
             .squares = a.squares + b.squares,
             .min = std::min(a.min, b.min),
             .max = std::max(a.max, b.max)};
    }
    to.value.back() = total(what, a);
}

/// Rows came in the order of the tree, but for blocks of several bundles and for open regions:
/// two rows of one path with the same component are two sets of laps.
void sort_rows(component_columns& c) {
    if (std::is_sorted(c.path.begin(), c.path.end(), std::less_equal<>{})) return;
    component_columns sorted;
    sorted.what = c.what;
    sorted.fields.resize(c.fields.size());
    std::vector<std::size_t> order(c.path.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::tuple(c.path[a], c.laps[a] == 0) < std::tuple(c.path[b], c.laps[b] == 0);
    });
    for (const std::size_t row : order) {
        const bool same = !sorted.path.empty() && sorted.path.back() == c.path[row];
        if (same && c.laps[row] == 0) continue;
        if (same) {
            sorted.laps.back() += c.laps[row];
        } else {
            sorted.path.push_back(c.path[row]);
            sorted.laps.push_back(c.laps[row]);
        }
        for (std::size_t i = 0; i < c.fields.size(); ++i) {
            field_columns& to = sorted.fields[i];
            if (same) {
                add_laps(c.what, to, c.fields[i], row);
            } else {
                to.value.push_back(c.fields[i].value[row]);
                to.laps.push_back(c.fields[i].laps[row]);
                to.ranks.emplace_back();
            }
        }
    }
    c = std::move(sorted);
}

/// How many fields the components have together.
std::size_t fields_of(const std::vector<component_description>& components) noexcept {
    std::size_t fields = 0;
    for (const component_description& what : components) fields += what.fields();
    return fields;
}

constexpr std::uint64_t no_region = ~std::uint64_t{0};  // the lowest frame of every stack
constexpr int bundle_shift = 48;                        // see region_id

}  // namespace

// A damaged file may hold any readings: their difference needs 65 bits.
std::int64_t arena_clock::ns(int128 ticks) const noexcept {
    const auto limited = static_cast<std::int64_t>(
        std::clamp<int128>(ticks, 0, std::numeric_limits<std::int64_t>::max()));
    if (nanoseconds_per_tick == 0) return limited;
    const auto product = static_cast<uint128>(limited) * nanoseconds_per_tick;
    return static_cast<std::int64_t>(product >> 64);
}

std::int64_t arena_clock::ns_between(std::int64_t begin, std::int64_t end) const noexcept {
    return ns(int128{end} - begin);
}

std::int64_t arena_clock::time_of(std::int64_t ticks) const noexcept {
    const int128 after = int128{ticks} - anchor_ticks;
    return static_cast<std::int64_t>(anchor_time + int128{after < 0 ? -ns(-after) : ns(after)});
}

tree_reader::tree_reader(arena_view view)
    : view_{view},
      most_steps_{view.size() / ref_unit},
      likely_paths_{view.size() / (sizeof(node_record) + sizeof(block_record))} {
    profile_.paths.reserve(likely_paths_);
    profile_.names.reserve(likely_paths_);
    profile_.paths.push_back({.hash = path_hash(0, path_kind::root, {})});
    profile_.names.emplace_back();
    read_bundles();
    read_recorders();
}

void tree_reader::read_bundles() {
    std::size_t steps = 0;
    const bundle_record* record = nullptr;
    for (ref b = view_.header().bundles.load(std::memory_order_acquire); b != 0;
         b = record->next.load(std::memory_order_acquire)) {
        record = view_.find<bundle_record>(b);
        if (record == nullptr || ++steps > most_steps_) {
            ++unreadable_;
            return;
        }
        const std::string_view text = view_.text(record->components);
        known_bundle known{
            .fields = record->fields, .has_clock = record->has_clock != 0, .cost = record->cost};
        try {
            known.components = deserialise_descriptions(std::as_bytes(std::span{text}));
        } catch (const malformed_profile&) {
            ++unreadable_;
            continue;
        }
        if (fields_of(known.components) == known.fields && known.fields <= bundle::most_fields)
            bundles_[record->id] = std::move(known);
        else
            ++unreadable_;
    }
}

void tree_reader::read_recorders() {
    std::size_t steps = 0;
    const recorder_record* record = nullptr;
    for (ref r = view_.header().recorders.load(std::memory_order_acquire); r != 0;
         r = record->next.load(std::memory_order_acquire)) {
        record = view_.find<recorder_record>(r);
        if (record == nullptr || ++steps > most_steps_) {
            ++unreadable_;
            break;
        }
        recorders_.push_back(record);
    }
    std::stable_sort(recorders_.begin(), recorders_.end(),
                     [](auto* a, auto* b) { return a->thread < b->thread; });
    // A number twice: not what a recorder writes.
    const auto end = std::unique(recorders_.begin(), recorders_.end(),
                                 [](auto* a, auto* b) { return a->thread == b->thread; });
    unreadable_ += static_cast<std::uint64_t>(recorders_.end() - end);
    recorders_.erase(end, recorders_.end());
}

const std::vector<component_description>& tree_reader::components_of(std::uint16_t bundle) const {
    static const std::vector<component_description> none;
    const auto known = bundles_.find(bundle);
    return known != bundles_.end() ? known->second.components : none;
}

std::vector<std::string> tree_reader::names_to(ref node) const {
    std::vector<std::string> names;
    for (const auto* n = view_.find<node_record>(node); n != nullptr && n->parent != 0;
         n = view_.find<node_record>(n->parent)) {
        names.emplace_back(view_.text(n->name));
        if (names.size() > most_steps_) break;
    }
    std::reverse(names.begin(), names.end());
    return names;
}

// ---- Rows ----

std::uint32_t tree_reader::add_path(std::uint32_t parent, std::string_view name, path_kind kind) {
    const auto index = static_cast<std::uint32_t>(profile_.paths.size());
    profile_.paths.push_back({.parent = parent,
                              .name = static_cast<std::uint32_t>(profile_.names.size()),
                              .kind = kind,
                              .hash = path_hash(profile_.paths[parent].hash, kind, name),
                              .order = index});
    profile_.names.emplace_back(name);
    return index;
}

void tree_reader::add_recorders(bool threads_apart) {
    for (const recorder_record* r : recorders_)
        walk(*r, threads_apart ? add_path(0, std::to_string(r->thread), path_kind::thread) : 0);
    add_tables();
}

/// Depth first, without recursion: call paths may be deeper than a stack.
void tree_reader::walk(const recorder_record& recorder, std::uint32_t top) {
    std::vector<std::pair<ref, std::uint32_t>> open{{recorder.root, top}};
    std::vector<std::pair<ref, std::uint32_t>> children;
    while (!open.empty()) {
        const auto [place, parent] = open.back();
        open.pop_back();
        const auto* node = view_.find<node_record>(place);
        const auto kind = node != nullptr ? static_cast<path_kind>(node->kind) : path_kind::root;
        const bool is_root = place == recorder.root;
        const std::string_view name =
            node != nullptr && !is_root ? view_.text(node->name) : std::string_view{};
        const bool known_kind =
            kind == path_kind::region || kind == path_kind::capped || kind == path_kind::lap;
        if (node == nullptr || (is_root && node->parent != 0) ||
            (!is_root && (!known_kind || name.data() == nullptr)) ||
            !paths_.emplace(place, parent).second) {
            ++unreadable_;
            continue;
        }
        std::uint32_t index = parent;
        if (!is_root) {
            index = kind == path_kind::lap ? add_path(parent, lap_name(node->lap, name), kind)
                                           : add_path(parent, name, kind);
            paths_[place] = index;
            add_blocks(*node, recorder, index);
        }
        children.clear();
        const node_record* child = nullptr;
        for (ref c = node->first_child.load(std::memory_order_acquire); c != 0;
             c = child->next_sibling.load(std::memory_order_acquire)) {
            child = view_.find<node_record>(c);
            if (child == nullptr || child->parent != place || children.size() > most_steps_ ||
                (paths_.find(c) != paths_.end())) {
                ++unreadable_;
                break;
            }
            children.emplace_back(c, index);
        }
        open.insert(open.end(), children.rbegin(), children.rend());
    }
}

void tree_reader::add_blocks(const node_record& node, const recorder_record& recorder,
                             std::uint32_t index) {
    constexpr std::size_t header = offsetof(block_record, field);
    std::size_t steps = 0;
    const block_record* block = nullptr;
    for (ref b = node.first_block.load(std::memory_order_acquire); b != 0; b = block->next) {
        block = view_.find<block_record>(b);
        if (block == nullptr || ++steps > bundles_.size()) {
            ++unreadable_;
            return;
        }
        const auto known = bundles_.find(block->bundle);
        if (known == bundles_.end() || known->second.fields != block->fields ||
            view_.find<block_record>(b, header + block->fields * sizeof(field_record)) == nullptr) {
            ++unreadable_;
            continue;
        }
        const std::uint64_t laps =
            read_block(*block, b, recorder.journal, std::span{fields_}.first(block->fields));
        if (laps == 0) continue;
        if (static_cast<path_kind>(node.kind) == path_kind::capped) capped_laps_ += laps;
        costs_.resize(std::max<std::size_t>(costs_.size(), std::size_t{index} + 1));
        costs_[index].regions += laps;
        costs_[index].nanoseconds += laps * known->second.cost;
        unsigned field = 0;
        for (const component_description& what : known->second.components) {
            add_row(what, index, laps, fields_.data() + field);
            field += static_cast<unsigned>(what.fields());
        }
    }
}

void tree_reader::add_row(const component_description& what, std::uint32_t path, std::uint64_t laps,
                          const statistics* fields) {
    component_columns& columns = columns_[what.id];
    if (columns.fields.empty()) {
        columns.what = what;
        columns.fields.resize(what.fields());
        columns.path.reserve(likely_paths_);
        columns.laps.reserve(likely_paths_);
        for (field_columns& field : columns.fields) {
            field.value.reserve(likely_paths_);
            field.laps.reserve(likely_paths_);
            field.ranks.reserve(likely_paths_);
        }
    }
    if (columns.fields.size() != what.fields()) {
        ++unreadable_;
        return;
    }
    columns.path.push_back(path);
    columns.laps.push_back(laps);
    for (std::size_t i = 0; i < what.fields(); ++i) {
        columns.fields[i].value.push_back(total(what, fields[i]));
        columns.fields[i].laps.push_back(fields[i]);
        columns.fields[i].ranks.emplace_back();
    }
}

component_description own_cost_description() {
    return {.id = "own_cost",
            .label = "own_cost",
            .description = "Estimated time that recording the region and those below it took",
            .kind = quantity::time,
            .unit = "sec",
            .unit_value = 1e9};
}

void tree_reader::add_own_cost() {
    std::vector<std::uint64_t> with_below(profile_.paths.size());
    for (std::size_t i = 0; i < costs_.size(); ++i) with_below[i] = costs_[i].nanoseconds;
    // A path comes after its parent.
    for (std::size_t i = with_below.size(); i-- > 1;)
        with_below[profile_.paths[i].parent] += with_below[i];
    const component_description what = own_cost_description();
    for (std::uint32_t i = 1; i < costs_.size(); ++i) {
        if (costs_[i].regions == 0) continue;
        // Of each lap the mean is known.
        const uint128 sum = with_below[i];
        const auto mean = static_cast<std::int64_t>(sum / costs_[i].regions);
        const statistics laps{.sum = static_cast<int128>(sum),
                              .squares = (sum * sum + costs_[i].regions - 1) / costs_[i].regions,
                              .min = mean,
                              .max = mean};
        add_row(what, i, costs_[i].regions, &laps);
    }
}

// ---- Tables ----

void tree_reader::add_tables() {
    std::size_t steps = 0;
    for (const recorder_record* recorder : recorders_) {
        const row_record* row = nullptr;
        for (ref r = recorder->rows.load(std::memory_order_acquire); r != 0; r = row->next) {
            row = view_.find<row_record>(r, row_size(0, false));
            const auto& known = recorded_tables();
            if (row == nullptr || ++steps > most_steps_ || row->table >= known.size() ||
                row->keys != known[row->table].keys.size() ||
                (row->histogram != 0) != known[row->table].histogram ||
                view_.find<row_record>(r, row_size(row->keys, row->histogram != 0)) == nullptr) {
                ++unreadable_;
                break;
            }
            add_table_row(*row);
        }
    }
    // The keys are indices of the texts of all tables until here.
    std::vector<std::string_view> texts(texts_.size());
    for (const auto& [text, i] : texts_) texts[static_cast<std::size_t>(i)] = text;
    for (auto& [name, t] : tables_) {
        std::vector<std::int64_t> to(texts.size(), -1);
        for (std::size_t i = 0; i < t.key.size(); ++i) {
            if (t.keys[i % t.keys.size()].kind != key_kind::text) continue;
            std::int64_t& its = to[static_cast<std::size_t>(t.key[i])];
            if (its < 0) {
                its = static_cast<std::int64_t>(t.texts.size());
                t.texts.emplace_back(texts[static_cast<std::size_t>(t.key[i])]);
            }
            t.key[i] = its;
        }
        put_in_order(t);
        profile_.tables.push_back(std::move(t));
    }
}

namespace {

template <class T>
T word(const T& w) noexcept {
    return __atomic_load_n(&w, __ATOMIC_RELAXED);
}

/// The values of a row of `count` of them; see timemory_add_value() for those that are all equal.
statistics values_of(const timemory_row& row, std::uint64_t count, bool squares) noexcept {
    const auto joined = [](const std::uint64_t& low, const std::uint64_t& high) {
        return static_cast<uint128>(word(high)) << 64 | word(low);
    };
    statistics values{.min = word(row.min), .max = word(row.max)};
    if (squares && values.min == values.max) {
        values.sum = static_cast<int128>(static_cast<uint128>(int128{values.min}) * count);
        values.squares = static_cast<uint128>(int128{values.min} * values.min) * count;
    } else {
        values.sum = static_cast<int128>(joined(row.sum_low, row.sum_high));
        if (squares) values.squares = joined(row.squares_low, row.squares_high);
    }
    return values;
}

}  // namespace

void tree_reader::add_table_row(const row_record& row) {
    const recorded_table& what = recorded_tables()[row.table];
    std::array<std::int64_t, most_table_keys> keys{};
    std::uint32_t path = 0;
    for (std::size_t k = 0; k < row.keys; ++k) {
        keys[k] = row.key[k];
        if (what.keys[k].kind == key_kind::text) {
            const auto place = static_cast<ref>(row.key[k]);
            const auto [known, is_new] = text_at_.try_emplace(place);
            if (is_new)
                known->second =
                    texts_.emplace(view_.text(place), static_cast<std::int64_t>(texts_.size()))
                        .first->second;
            keys[k] = known->second;
        } else if (what.keys[k].kind == key_kind::path) {
            // What has no path of its own, below max_depth for example, stands at the root.
            const auto known = paths_.find(static_cast<ref>(row.key[k]));
            path = known != paths_.end() ? known->second : 0;
            keys[k] = path;
        }
    }
    const auto its = std::span(keys).first(row.keys);
    if (what.histogram) {
        const timemory_histogram& histogram = *histogram_of(row);
        const std::int64_t last = word(histogram.last);
        for (int b = 0; b < TIMEMORY_BUCKETS; ++b) {
            const bool has_last =
                last >= 0 && std::min(timemory_bucket(last), TIMEMORY_BUCKETS - 1) == b;
            const std::uint64_t count = word(histogram.counts[b]) + (has_last ? 1 : 0);
            if (count != 0) add_to_parts(what, its, b, count, {});
        }
        return;
    }
    const std::uint64_t count = __atomic_load_n(&row.values.count, __ATOMIC_ACQUIRE);
    if (count == 0) return;
    const statistics values = values_of(row.values, count, what.squares);
    add_to_parts(what, its, 0, count, values);
    if (what.own_cost != no_key && keys[what.own_cost] == 0)
        profile_.measuring.nanoseconds += static_cast<std::uint64_t>(values.sum);
    // A region has what all calls inside it have: the rows nest as those of its own components do.
    for (const table_component& c : what.components)
        if (keys[c.key] == c.value)
            for (std::uint32_t at = path; at != 0; at = profile_.paths[at].parent)
                add_row(c.what, at, count, &values);
}

void tree_reader::add_to_parts(const recorded_table& what, std::span<const std::int64_t> keys,
                               int bucket, std::uint64_t count, const statistics& values) {
    const auto empty = texts_.find("");
    for (const table_part& part : what.parts) {
        if (part.unless_empty != no_key && empty != texts_.end() &&
            keys[part.unless_empty] == empty->second)
            continue;
        keyed_table& t = tables_[part.name];
        if (t.keys.empty()) {
            t.name = part.name;
            t.description = part.description;
            t.kind = what.kind;
            for (const std::size_t k : part.keys)
                t.keys.push_back(k == of_rank     ? table_key{"rank", key_kind::rank}
                                 : k == of_bucket ? table_key{"bucket", key_kind::number}
                                                  : what.keys[k]);
        }
        std::array<std::int64_t, most_table_keys + 1> of_part{};
        for (std::size_t i = 0; i < part.keys.size(); ++i)
            of_part[i] = part.keys[i] == of_rank     ? 0
                         : part.keys[i] == of_bucket ? bucket
                                                     : keys[part.keys[i]];
        tim::add_row(t, std::span(of_part).first(part.keys.size()), count, values);
    }
}

profile tree_reader::finish() {
    for (const measuring_cost& cost : costs_) profile_.measuring += cost;
    profile_.measuring.memory = view_.size();
    for (auto& [id, columns] : columns_) {
        sort_rows(columns);
        profile_.components.push_back(std::move(columns));
    }
    if (capped_laps_ > 0) profile_.losses[std::string{loss_name(loss::capped)}] += capped_laps_;
    profile_.threads = static_cast<std::uint32_t>(recorders_.size());
    // Paths that are equal now are those of different threads.
    return canonical(profile_, dimension::threads);
}

// ---- Regions that are open ----

void tree_reader::for_each_open(const std::function<void(const open_frame&)>& seen) const {
    std::size_t frames = 0;
    for (const recorder_record* recorder : recorders_) {
        std::uint32_t flow_number = 0;
        const flow_record* flow = nullptr;
        for (ref f = recorder->flows.load(std::memory_order_acquire);
             f != 0 && flow_number < most_steps_;
             f = flow->next.load(std::memory_order_acquire), ++flow_number) {
            flow = view_.find<flow_record>(f);
            if (flow == nullptr) break;
            const frame_record* frame = nullptr;
            for (ref at = flow->top.load(std::memory_order_acquire); at != 0;
                 at = static_cast<ref>(frame->link.load(std::memory_order_relaxed))) {
                frame = view_.find<frame_record>(at);
                if (frame == nullptr || ++frames > most_steps_) break;
                open_frame open{.recorder = recorder,
                                .frame = frame,
                                .region = frame->region.load(std::memory_order_acquire),
                                .flow = flow_number};
                open.bundle = static_cast<std::uint16_t>(open.region >> bundle_shift);
                open.node =
                    std::bit_cast<place_record>(frame->place.load(std::memory_order_relaxed)).node;
                const auto path = paths_.find(open.node);
                const auto known = bundles_.find(open.bundle);
                // 0: ended out of order. What was pushed since the tree was read is left out, and
                // what says that it is a root.
                if (open.region == 0 || open.region == no_region || path == paths_.end() ||
                    known == bundles_.end() || view_.find<node_record>(open.node)->parent == 0)
                    continue;
                open.path = path->second;
                open.values = known->second.has_clock ? 1 : 0;
                seen(open);
            }
        }
    }
}

// ---- Laps apart ----

std::vector<lap_event> tree_reader::laps_apart() const {
    const arena_clock clock{view_.header()};
    std::vector<lap_event> laps;
    for (const recorder_record* recorder : recorders_) {
        std::vector<ref> open{recorder->root};
        for (std::size_t steps = 0; !open.empty() && steps < most_steps_; ++steps) {
            const auto* node = view_.find<node_record>(open.back());
            open.pop_back();
            if (node == nullptr) continue;
            const std::int64_t end = node->end.load(std::memory_order_relaxed);
            if (static_cast<path_kind>(node->kind) == path_kind::lap && end != 0) {
                const std::int64_t begin = node->begin.load(std::memory_order_relaxed);
                laps.push_back({.name = std::string{view_.text(node->name)},
                                .thread = recorder->thread,
                                .begin = clock.time_of(begin),
                                .duration = clock.ns_between(begin, end)});
            }
            const node_record* child = nullptr;
            for (ref c = node->first_child.load(std::memory_order_acquire);
                 c != 0 && open.size() < most_steps_;
                 c = child->next_sibling.load(std::memory_order_acquire)) {
                child = view_.find<node_record>(c);
                if (child == nullptr) break;
                open.push_back(c);
            }
        }
    }
    std::sort(laps.begin(), laps.end(), [](const lap_event& a, const lap_event& b) {
        return std::tie(a.thread, a.begin, b.duration) < std::tie(b.thread, b.begin, a.duration);
    });
    return laps;
}

statistics one_lap(const component_description& what, std::int64_t value) noexcept {
    if (what.type == number::real) {
        const auto real = std::bit_cast<double>(value);
        return {.sum = raw_of(real),
                .squares = static_cast<uint128>(raw_of(real * real)),
                .min = value,
                .max = value};
    }
    return {.sum = value,
            .squares = static_cast<uint128>(int128{value} * value),
            .min = value,
            .max = value};
}

}  // namespace tim
