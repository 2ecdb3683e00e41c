#include "profile/process_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

namespace tim {
namespace {

enum column : std::size_t { host_column, end_column, threads_column, columns };

/// Whether it is as describe_process() makes it: it may come from a file.
bool is_whole(const keyed_table& t) {
    return t.keys.size() == columns && t.keys[host_column].kind == key_kind::text &&
           t.keys[end_column].kind == key_kind::text &&
           t.keys[threads_column].kind == key_kind::number;
}

}  // namespace

void describe_process(profile& p, std::string_view host, std::string_view end) {
    keyed_table t;
    t.name = process_table_name;
    t.description = "Rank of each process";
    t.keys = {{"host", key_kind::text}, {"end", key_kind::text}, {"threads", key_kind::number}};
    t.texts = {std::string{host}, std::string{end}};
    const std::array<std::int64_t, columns> keys{0, 1, p.threads};
    add_row(t, keys, 1, {});
    put_in_order(t);
    const auto after = std::find_if(p.tables.begin(), p.tables.end(), [](const keyed_table& other) {
        return other.name >= process_table_name;
    });
    if (after != p.tables.end() && after->name == process_table_name)
        *after = std::move(t);
    else
        p.tables.insert(after, std::move(t));
}

std::vector<process_group> process_groups(std::span<const profile> profiles) {
    std::map<std::tuple<std::string_view, std::string_view, std::int64_t>, process_group> found;
    for (const profile& p : profiles) {
        const keyed_table* t = p.find_table(process_table_name);
        if (t == nullptr || !is_whole(*t)) continue;
        for (std::size_t row = 0; row < t->rows(); ++row) {
            const std::string& host = t->text(row, host_column);
            const std::string& end = t->text(row, end_column);
            const std::int64_t threads = t->keys_of(row)[threads_column];
            const auto first = static_cast<std::uint32_t>(t->values[row].min);
            const auto last = static_cast<std::uint32_t>(t->values[row].max);
            const auto [at, is_new] = found.try_emplace(
                {host, end, threads}, process_group{.host = host,
                                                    .end = end,
                                                    .threads = static_cast<std::uint32_t>(threads),
                                                    .first_rank = first,
                                                    .last_rank = last});
            process_group& g = at->second;
            g.processes += t->count[row];
            g.first_rank = std::min(g.first_rank, first);
            g.last_rank = std::max(g.last_rank, last);
        }
    }
    std::vector<process_group> groups;
    groups.reserve(found.size());
    for (auto& [keys, group] : found) groups.push_back(std::move(group));
    std::stable_sort(
        groups.begin(), groups.end(),
        [](const process_group& a, const process_group& b) { return a.first_rank < b.first_rank; });
    return groups;
}

std::string ranks_text(const process_group& g) {
    if (g.first_rank == g.last_rank) return fmt::format("{}", g.first_rank);
    const std::string range = fmt::format("{}-{}", g.first_rank, g.last_rank);
    const std::uint64_t between = std::uint64_t{g.last_rank} - g.first_rank + 1;
    return g.processes == between ? range : fmt::format("{} of {}", g.processes, range);
}

}  // namespace tim
