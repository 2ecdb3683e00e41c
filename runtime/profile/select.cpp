#include "profile/select.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <vector>

#include "profile/merge.hpp"

namespace tim {
namespace {

/// Whether a path is a level that a user sees as one.
bool is_level(const path& p) noexcept {
    return p.kind != path_kind::root && p.kind != path_kind::thread;
}

/// A row's number that siblings are ordered by, in raw units.
double number_of(const component_columns& c, std::size_t row, sort_key key) {
    const std::size_t field = c.what.field_of(0);
    const statistics& laps = c.fields[field].laps[row];
    const auto real = [&](int128 raw) {
        return c.what.type == number::real ? real_of(raw) : static_cast<double>(raw);
    };
    switch (key) {
        case sort_key::name:
            return 0;
        case sort_key::laps:
            return static_cast<double>(c.laps[row]);
        case sort_key::total:
            return c.what.ratio && field == 2 ? static_cast<double>(ratio_value(c, row))
                                              : real(c.fields[field].value[row]);
        case sort_key::mean:
            return mean(laps, c.laps[row], c.what.type);
        case sort_key::min:
            return real(laps.min);
        case sort_key::max:
            return real(laps.max);
    }
    return 0;
}

/// Leaves the rows whose paths are kept, and says where these are now.
void keep_paths(keyed_table& t, const std::vector<bool>& kept,
                const std::vector<std::uint32_t>& to) {
    keyed_table left;
    for (std::size_t row = 0; row < t.rows(); ++row) {
        std::vector<std::int64_t> keys(t.keys_of(row).begin(), t.keys_of(row).end());
        bool all = true;
        for (std::size_t k = 0; k < keys.size(); ++k) {
            if (t.keys[k].kind != key_kind::path) continue;
            const auto path = static_cast<std::size_t>(keys[k]);
            all = all && kept[path];
            keys[k] = to[path];
        }
        if (all) add_row(left, keys, t.count[row], t.values[row]);
    }
    t.key = std::move(left.key);
    t.count = std::move(left.count);
    t.values = std::move(left.values);
}

}  // namespace

profile select_paths(const profile& p, const std::function<bool(std::uint32_t)>& keep) {
    const auto count = static_cast<std::uint32_t>(p.paths.size());
    std::vector<bool> kept(count, false);
    for (std::uint32_t i = 0; i < count; ++i) kept[i] = i == 0 || keep(i);
    for (std::uint32_t i = count; i-- > 1;)
        if (kept[i]) kept[p.paths[i].parent] = true;

    profile out = p;
    out.paths.clear();
    out.components.clear();
    std::vector<std::uint32_t> to(count, 0);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (!kept[i]) continue;
        to[i] = static_cast<std::uint32_t>(out.paths.size());
        out.paths.push_back(p.paths[i]);
        out.paths.back().parent = to[p.paths[i].parent];
    }
    for (const component_columns& c : p.components) {
        component_columns part{.what = c.what, .path = {}, .laps = {}, .fields = {}};
        part.fields.resize(c.fields.size());
        for (std::size_t row = 0; row < c.path.size(); ++row) {
            if (!kept[c.path[row]]) continue;
            part.path.push_back(to[c.path[row]]);
            part.laps.push_back(c.laps[row]);
            for (std::size_t f = 0; f < c.fields.size(); ++f) {
                part.fields[f].value.push_back(c.fields[f].value[row]);
                part.fields[f].laps.push_back(c.fields[f].laps[row]);
                part.fields[f].ranks.push_back(c.fields[f].ranks[row]);
            }
        }
        if (!part.path.empty()) out.components.push_back(std::move(part));
    }
    for (keyed_table& t : out.tables) keep_paths(t, kept, to);
    std::erase_if(out.tables, [](const keyed_table& t) { return t.rows() == 0; });
    return canonical(out, dimension::laps);
}

profile select_depth(const profile& p, std::uint32_t depth) {
    if (depth == 0) return p;
    std::vector<std::uint32_t> level(p.paths.size(), 0);
    for (std::size_t i = 1; i < level.size(); ++i)
        level[i] = level[p.paths[i].parent] + (is_level(p.paths[i]) ? 1 : 0);
    return select_paths(p, [&](std::uint32_t i) { return level[i] <= depth; });
}

profile select_names(const profile& p, const std::function<bool(std::string_view)>& matches) {
    std::vector<bool> within(p.paths.size(), false);
    for (std::size_t i = 1; i < within.size(); ++i) {
        const path& here = p.paths[i];
        within[i] = within[here.parent] || (is_level(here) && matches(p.shown_name(here)));
    }
    return select_paths(p, [&](std::uint32_t i) { return within[i]; });
}

bool has_threads(const profile& p) noexcept {
    return std::any_of(p.paths.begin(), p.paths.end(),
                       [](const path& here) { return here.kind == path_kind::thread; });
}

profile select_threads(const profile& p, const std::function<bool(std::string_view)>& wanted) {
    if (!has_threads(p)) return p;
    std::vector<bool> within(p.paths.size(), false);
    for (std::size_t i = 1; i < within.size(); ++i) {
        const path& here = p.paths[i];
        within[i] = here.kind == path_kind::thread ? wanted(p.name(here)) : within[here.parent];
    }
    return select_paths(p, [&](std::uint32_t i) { return within[i]; });
}

profile sorted(const profile& p, std::string_view component_id, sort_key key) {
    constexpr double none = -std::numeric_limits<double>::infinity();
    std::vector<double> numbers(p.paths.size(), none);
    if (const component_columns* c = p.find(component_id))
        for (std::size_t row = 0; row < c->path.size(); ++row)
            numbers[c->path[row]] = number_of(*c, row, key);
    // A path without a row has the greatest of its children's, which stand behind it.
    std::vector<double> below(p.paths.size(), none);
    for (std::size_t i = p.paths.size(); i-- > 1;) {
        if (numbers[i] == none) numbers[i] = below[i];
        double& above = below[p.paths[i].parent];
        above = std::max(above, numbers[i]);
    }
    std::vector<std::uint32_t> order(p.paths.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return key == sort_key::name ? p.shown_name(p.paths[a]) < p.shown_name(p.paths[b])
                                     : numbers[a] > numbers[b];
    });
    profile out = p;
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        path& here = out.paths[order[i]];
        // Threads keep their order, which is that of their numbers.
        if (here.kind == path_kind::thread) continue;
        here.first_rank = 0;
        here.order = i;
    }
    return canonical(out, dimension::laps);
}

}  // namespace tim
