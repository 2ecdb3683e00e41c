#include "output/view.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <tuple>
#include <unordered_set>

#include "measure/component_table.hpp"
#include "output/units.hpp"
#include "output/writers.hpp"
#include "profile/merge.hpp"

namespace tim {
namespace {

/// Where a component's rows stand in the paths of its profile.
struct row_index {
    std::vector<std::uint32_t> row_of;  // by path; no_row where the component has none

    row_index(const profile& p, const component_columns& c) : row_of(p.paths.size(), no_row) {
        for (std::size_t i = 0; i < c.path.size(); ++i)
            row_of[c.path[i]] = static_cast<std::uint32_t>(i);
    }
};

/// Root and threads are the frame that rows stand in; they never dissolve.
bool is_frame(const path& p) {
    return p.kind == path_kind::root || p.kind == path_kind::thread;
}

std::uint32_t thread_number(std::string_view name) {
    std::uint32_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    return number;
}

double quotient(int128 numerator, int128 denominator) {
    if (denominator <= 0) return 0.0;
    return static_cast<double>(numerator) / static_cast<double>(denominator);
}

/// Where a component stands in the order of output.
using output_position = std::tuple<int, std::size_t, std::string>;

output_position position_of(const component_description& what,
                            const std::vector<std::string>& table) {
    const int group = what.id == "cpu_clock"        ? 0
                      : what.id == "wall_clock"     ? 1
                      : what.kind == quantity::time ? 2
                                                    : 3;
    const auto index =
        static_cast<std::size_t>(std::find(table.begin(), table.end(), what.id) - table.begin());
    return {group, index, what.id};
}

}  // namespace

std::vector<std::string> components_of(const result& r) {
    const std::vector<std::string> table = component_ids();
    std::map<output_position, std::string> ordered;
    for (const profile& p : r.profiles)
        for (const component_columns& c : p.components)
            ordered.emplace(position_of(c.what, table), c.what.id);
    std::vector<std::string> ids;
    ids.reserve(ordered.size());
    for (auto& [position, id] : ordered) ids.push_back(std::move(id));
    return ids;
}

std::uint64_t rank_count(const profile& p) noexcept {
    std::uint64_t count = 0;
    for (const rank_range& r : p.ranks) count += std::uint64_t{r.last} - r.first + 1;
    return count;
}

view::view(const profile& p, std::string_view component_id, const settings& s)
    : profile_(&p), columns_(p.find(component_id)) {
    if (columns_ == nullptr) return;
    elements_ = shown_elements(what(), s);
    dissolve();
    make_rows();
    sum_children();
}

void view::dissolve() {
    const profile& p = *profile_;
    const row_index index{p, *columns_};
    const bool nothing_to_do =
        std::all_of(columns_->path.begin(), columns_->path.end(), [&](std::uint32_t i) {
            const std::uint32_t parent = p.paths[i].parent;
            return is_frame(p.paths[parent]) || index.row_of[parent] != no_row;
        });
    if (nothing_to_do) return;

    auto kept = std::make_unique<profile>();
    kept->ranks = p.ranks;
    kept->world_size = p.world_size;
    kept->job = p.job;
    kept->first_pid = p.first_pid;
    kept->started = p.started;
    kept->threads = p.threads;
    kept->names = p.names;
    kept->components.push_back(*columns_);
    component_columns& columns = kept->components.front();

    std::vector<std::uint32_t> new_index(
        p.paths.size());  // of a path, or of what it dissolved into
    std::unordered_set<std::uint64_t> seen;
    std::unordered_set<std::uint64_t> merged;
    for (std::size_t i = 0; i < p.paths.size(); ++i) {
        path moved = p.paths[i];
        const std::uint32_t parent = i == 0 ? 0 : new_index[moved.parent];
        if (!is_frame(moved) && index.row_of[i] == no_row) {
            new_index[i] = parent;
            continue;
        }
        new_index[i] = static_cast<std::uint32_t>(kept->paths.size());
        if (i != 0) {
            moved.parent = parent;
            moved.hash = path_hash(kept->paths[parent].hash, moved.kind, p.name(moved));
        }
        if (!seen.insert(moved.hash).second) merged.insert(moved.hash);
        kept->paths.push_back(moved);
    }
    for (std::uint32_t& i : columns.path) i = new_index[i];

    *kept = canonical(*kept, dimension::laps);
    if (!merged.empty() && rank_count(*kept) > 1)
        for (component_columns& c : kept->components)
            for (std::size_t row = 0; row < c.path.size(); ++row)
                if (merged.count(kept->paths[c.path[row]].hash) > 0)
                    for (field_columns& f : c.fields) f.ranks[row] = {};
    dissolved_ = std::move(kept);
    profile_ = dissolved_.get();
    columns_ = &dissolved_->components.front();
}

void view::make_rows() {
    const profile& p = *profile_;
    const row_index index{p, *columns_};
    // The nearest row, and the nearest thread, at or above each path.
    std::vector<std::uint32_t> anchor(p.paths.size(), no_row);
    std::vector<std::uint32_t> thread(p.paths.size(), 0);
    rows_.resize(columns_->path.size());
    for (std::size_t i = 0; i < p.paths.size(); ++i) {
        const path& here = p.paths[i];
        const std::uint32_t above = i == 0 ? no_row : anchor[here.parent];
        thread[i] =
            here.kind == path_kind::thread ? thread_number(p.name(here)) : thread[here.parent];
        has_threads_ = has_threads_ || here.kind == path_kind::thread;
        const std::uint32_t row = index.row_of[i];
        anchor[i] = row == no_row ? above : row;
        if (row == no_row) continue;
        rows_[row] = {.path = static_cast<std::uint32_t>(i),
                      .parent = above,
                      .depth = above == no_row ? 0 : rows_[above].depth + 1,
                      .thread = thread[i]};
        if (above != no_row) rows_[above].leaf = false;
    }
}

void view::sum_children() {
    const component_description& what = columns_->what;
    if (what.over_laps == combine::maximum) return;
    children_.resize(what.ratio ? 2 : what.fields());
    for (std::size_t field = 0; field < children_.size(); ++field) {
        std::vector<int128>& sums = children_[field];
        sums.assign(rows_.size(), what.type == number::real ? raw_of(0.0) : 0);
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            if (rows_[row].parent == no_row) continue;
            int128& sum = sums[rows_[row].parent];
            const int128 own = inclusive(row, field);
            sum = what.type == number::real ? raw_of(real_of(sum) + real_of(own)) : sum + own;
        }
    }
}

std::string_view view::name(std::size_t row) const {
    return profile_->shown_name(profile_->paths[rows_[row].path]);
}

std::uint64_t view::path_identity(std::size_t row) const {
    return profile_->paths[rows_[row].path].hash;
}

double view::display(int128 raw, std::size_t element) const noexcept {
    const double value = what().type == number::real ? real_of(raw) : static_cast<double>(raw);
    return value / elements_[element].unit_value;
}

double view::total(std::size_t row, std::size_t element) const {
    return is_quotient(element)
               ? static_cast<double>(ratio_value(*columns_, row)) / elements_[element].unit_value
               : display(inclusive(row, what().field_of(element)), element);
}

int128 view::inclusive(std::size_t row, std::size_t field) const {
    return columns_->fields[field].value[row];
}

int128 view::exclusive(std::size_t row, std::size_t field) const {
    const int128 own = inclusive(row, field);
    if (what().over_laps == combine::maximum) return own;
    const int128 below = children_[field][row];
    return what().type == number::real ? raw_of(real_of(own) - real_of(below)) : own - below;
}

row_values view::values(std::size_t row, std::size_t element) const {
    const number type = what().type;
    const double unit = elements_[element].unit_value;
    const statistics& s = columns_->fields[what().field_of(element)].laps[row];
    const std::uint64_t count = laps(row);
    const auto squares = static_cast<int128>(s.squares);
    return {.total = total(row, element),
            .mean = mean(s, count, type) / unit,
            .min = display(s.min, element),
            .max = display(s.max, element),
            .stddev = standard_deviation(s, count, type) / unit,
            .squares = (type == number::real ? real_of(squares) : static_cast<double>(s.squares)) /
                       (unit * unit)};
}

double view::exclusive_total(std::size_t row, std::size_t element) const {
    if (!is_quotient(element)) return display(exclusive(row, what().field_of(element)), element);
    return static_cast<double>(what().quotient_scale()) *
           quotient(exclusive(row, 0), exclusive(row, 1)) / elements_[element].unit_value;
}

std::optional<double> view::self_share(std::size_t row, std::size_t element) const {
    if (what().over_laps == combine::maximum) return std::nullopt;
    const std::size_t field = is_quotient(element) ? 0 : what().field_of(element);
    const double own = display(inclusive(row, field), element);
    if (!(own > 0)) return 0.0;
    if (rows_[row].leaf) return 100.0;
    return std::max(0.0, 100.0 * (display(exclusive(row, field), element) / own));
}

std::optional<row_rank_values> view::over_ranks(std::size_t row, std::size_t element) const {
    const rank_statistics& s = columns_->fields[what().field_of(element)].ranks[row];
    const bool capped = profile_->paths[rows_[row].path].kind == path_kind::capped;
    if (s.ranks == 0 || (capped && rank_count(*profile_) > 1)) return std::nullopt;
    const double unit = elements_[element].unit_value;
    row_rank_values v{.count = s.ranks,
                      .sum = display(s.values.sum, element),
                      .mean = mean(s.values, s.ranks, what().type) / unit,
                      .min = display(s.values.min, element),
                      .max = display(s.values.max, element),
                      .stddev = standard_deviation(s.values, s.ranks, what().type) / unit,
                      .min_rank = s.min_rank,
                      .max_rank = s.max_rank};
    // imbalance = max / mean − 1, with the mean over all ranks of the profile: a rank without the
    // row counts as 0.
    const double mean_of_all = v.sum / static_cast<double>(rank_count(*profile_));
    v.imbalance = mean_of_all > 0 ? v.max / mean_of_all - 1 : 0.0;
    return v;
}

}  // namespace tim
