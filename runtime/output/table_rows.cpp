#include "output/table_rows.hpp"

namespace tim {

table_rows::table_rows(const profile& p, std::string_view name,
                       std::initializer_list<wanted> columns) {
    const keyed_table* const t = p.find_table(name);
    if (t == nullptr) return;
    for (const wanted& w : columns) {
        const std::size_t column = t->column(w.name);
        if (column == t->keys.size() || t->keys[column].kind != w.kind) return;
        columns_.push_back(column);
    }
    table_ = t;
}

std::string text_of_path(const profile& p, std::uint32_t index) {
    std::vector<std::string_view> names;
    for (; index != 0; index = p.paths[index].parent)
        if (p.paths[index].kind != path_kind::thread) names.push_back(p.shown_name(p.paths[index]));
    std::string joined;
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
        if (!joined.empty()) joined += '/';
        joined += *name;
    }
    return joined.empty() ? "(path not known)" : joined;
}

}  // namespace tim
