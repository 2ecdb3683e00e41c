#include "output/diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

#include "output/stream.hpp"
#include "settings/say.hpp"

namespace tim {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Brings `d` into the units of `like`.
void convert(flat_document& d, const flat_document& like) {
    for (std::size_t i = 0; i < d.types.size(); ++i) {
        if (like.units[i] == "%") continue;
        const double from = d.unit_of(i);
        const double to = like.unit_of(i);
        if (!(from > 0) || !(to > 0) || from == to) continue;
        for (flat_row& row : d.rows)
            for (auto* list : {&row.values.total, &row.values.mean, &row.values.min,
                               &row.values.max, &row.values.stddev})
                (*list)[i] *= from / to;
    }
}

/// 100 · (1 − Σ rows directly below / own), for each row and value; as in the text table.
std::vector<std::vector<double>> self_shares(const std::vector<flat_row>& rows, std::size_t count) {
    std::vector<std::vector<double>> below;
    std::vector<bool> leaf(rows.size(), true);
    std::vector<std::size_t> open;  // rows above the one at hand
    below.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        below.emplace_back(count);
        if (i > 0 && rows[i].rank != rows[i - 1].rank) open.clear();
        open.resize(std::min<std::size_t>(open.size(), rows[i].depth));
        if (!open.empty()) {
            leaf[open.back()] = false;
            for (std::size_t k = 0; k < count; ++k) below[open.back()][k] += rows[i].values.own[k];
        }
        open.push_back(i);
    }
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::size_t k = 0; k < below[i].size(); ++k) {
            const double own = rows[i].values.own[k];
            below[i][k] = !(own > 0) ? 0
                          : leaf[i]  ? 100
                                     : std::clamp(100 * (1 - below[i][k] / own), 0.0, 100.0);
        }
    return below;
}

/// The rows of both documents as one tree.
class joined_tree {
public:
    struct node {
        std::optional<std::size_t> before;  // index of the row
        std::optional<std::size_t> now;
        std::vector<std::size_t> children;
    };

    joined_tree() : nodes_(1) {}

    void add(const std::vector<flat_row>& rows, std::optional<std::size_t> node::*which) {
        std::vector<std::size_t> open;                            // nodes above the row at hand
        std::map<std::pair<std::size_t, key>, std::size_t> seen;  // how often, under which parent
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const flat_row& row = rows[i];
            if (i > 0 && row.rank != rows[i - 1].rank) open.clear();
            open.resize(std::min<std::size_t>(open.size(), row.depth));
            const std::size_t parent = open.empty() ? 0 : open.back();
            key k{row.rank, row.holder, row.name, 0};
            std::get<3>(k) = seen[{parent, k}]++;
            const auto [at, fresh] = children_.try_emplace({parent, k}, nodes_.size());
            if (fresh) {
                nodes_.emplace_back();
                nodes_[parent].children.push_back(at->second);
            }
            nodes_[at->second].*which = i;
            open.push_back(at->second);
        }
    }

    /// Calls `visit(node)` depth first.
    template <class Visit>
    void for_each(const Visit& visit) const {
        std::vector<std::size_t> waiting{nodes_[0].children.rbegin(), nodes_[0].children.rend()};
        while (!waiting.empty()) {
            const node& here = nodes_[waiting.back()];
            waiting.pop_back();
            visit(here);
            waiting.insert(waiting.end(), here.children.rbegin(), here.children.rend());
        }
    }

private:
    using key = std::tuple<std::uint64_t, std::string, std::string, std::size_t>;
    std::vector<node> nodes_;
    std::map<std::pair<std::size_t, key>, std::size_t> children_;
};

/// `now` less `before`; nothing counts as 0.
flat_values difference(const flat_row* before, const flat_row* now, std::size_t count) {
    flat_values d;
    d.laps =
        (now != nullptr ? now->values.laps : 0) - (before != nullptr ? before->values.laps : 0);
    for (const auto list : {&flat_values::total, &flat_values::mean, &flat_values::min,
                            &flat_values::max, &flat_values::stddev, &flat_values::own})
        for (std::size_t i = 0; i < count; ++i)
            (d.*list).push_back((now != nullptr ? (now->values.*list)[i] : 0) -
                                (before != nullptr ? (before->values.*list)[i] : 0));
    return d;
}

std::string_view name_of(change what) {
    constexpr std::array<std::string_view, 3> names{"changed", "added", "removed"};
    return names[static_cast<std::size_t>(what)];
}

/// A number, or a list where the component has several values. Raw values that are whole numbers
/// are written as such.
enum class form : std::uint8_t { shown, raw };
void write_numbers(stream& out, const std::vector<double>& list, form how = form::shown) {
    constexpr double exact = 9007199254740992;  // 2^53
    if (list.size() != 1) out.write('[');
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i > 0) out.write(',');
        if (how == form::raw && std::fabs(list[i]) < exact && list[i] == std::floor(list[i]))
            out.json(static_cast<std::int64_t>(list[i]));
        else
            out.json(list[i]);
    }
    if (list.size() != 1) out.write(']');
}

void write_row(stream& out, const diff_row& d) {
    const flat_values& v = d.values;
    out.write(R"({"hash":)");
    out.json(d.row.hash);
    out.write(R"(,"prefix":)");
    out.json_string(d.row.label);
    out.write(R"(,"depth":)");
    out.json(std::uint64_t{d.row.depth});
    out.write(R"(,"change":)");
    out.json_string(name_of(d.what));
    out.write(R"(,"entry":{"laps":)");
    out.json(v.laps);
    for (const std::string_view key : {"value", "accum"}) {
        out.write(",\"");
        out.write(key);
        out.write("\":");
        write_numbers(out, v.own, form::raw);
    }
    for (const std::string_view key : {"repr_data", "repr_display"}) {
        out.write(",\"");
        out.write(key);
        out.write("\":");
        write_numbers(out, v.total);
    }
    out.write(R"(},"stats":{"sum":)");
    write_numbers(out, v.total);
    out.write(R"(,"count":)");
    out.json(v.laps);
    out.write(R"(,"min":)");
    write_numbers(out, v.min);
    out.write(R"(,"max":)");
    write_numbers(out, v.max);
    out.write(R"(,"mean":)");
    write_numbers(out, v.mean);
    out.write(R"(,"stddev":)");
    write_numbers(out, v.stddev);
    out.write(R"(},"rolling_hash":)");
    out.json(d.row.path);
    out.write('}');
}

}  // namespace

comparison compare(const flat_document& before, flat_document now, bool parts_add_up) {
    if (before.id != now.id && before.types != now.types)
        throw malformed_document(fmt::format("it is of the component '{}'", shown(before.id)));
    if (before.types.size() != now.types.size())
        throw malformed_document(fmt::format("its rows have {} values each, those of this run {}",
                                             before.types.size(), now.types.size()));
    flat_document old = before;
    convert(old, now);
    const std::size_t count = now.types.size();
    const auto old_shares = self_shares(old.rows, count);
    const auto new_shares = self_shares(now.rows, count);

    joined_tree tree;
    tree.add(now.rows, &joined_tree::node::now);
    tree.add(old.rows, &joined_tree::node::before);
    comparison c;
    tree.for_each([&](const joined_tree::node& n) {
        const flat_row* was = n.before ? &old.rows[*n.before] : nullptr;
        const flat_row* is = n.now ? &now.rows[*n.now] : nullptr;
        diff_row d{.row = is != nullptr ? *is : *was,
                   .what = was == nullptr  ? change::added
                           : is == nullptr ? change::removed
                                           : change::changed,
                   .values = difference(was, is, count),
                   .self = {}};
        for (std::size_t i = 0; i < count; ++i)
            d.self.push_back(!parts_add_up ? none
                                           : (n.now ? new_shares[*n.now][i] : 0) -
                                                 (n.before ? old_shares[*n.before][i] : 0));
        c.rows.push_back(std::move(d));
    });
    // Rows that were removed stand with those of their rank.
    std::stable_sort(c.rows.begin(), c.rows.end(),
                     [](const diff_row& a, const diff_row& b) { return a.row.rank < b.row.rank; });
    c.now = std::move(now);
    return c;
}

void write_diff_json(const comparison& c, const sink& sink_of_text) {
    stream out{sink_of_text};
    out.write(R"({"timemory":{)");
    out.json_string(c.now.id);
    out.write(':');
    out.write(std::string_view{c.now.header}.substr(0, c.now.header.size() - 1));
    out.write(c.now.header.size() > 2 ? R"(,"ranks":[)" : R"("ranks":[)");
    for (std::size_t begin = 0; begin < c.rows.size();) {
        std::size_t end = begin;
        while (end < c.rows.size() && c.rows[end].row.rank == c.rows[begin].row.rank) ++end;
        out.write(begin == 0 ? R"({"rank":)" : R"(,{"rank":)");
        out.json(c.rows[begin].row.rank);
        out.write(R"(,"graph_size":)");
        out.json(std::uint64_t{end - begin});
        out.write(R"(,"graph":[)");
        for (std::size_t i = begin; i < end; ++i) {
            if (i > begin) out.write(',');
            write_row(out, c.rows[i]);
        }
        out.write("]}");
        begin = end;
    }
    out.write("]}}}\n");
    out.finish();
}

}  // namespace tim
