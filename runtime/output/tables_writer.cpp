// The tables beside the call tree, for programs that read them column by column.

#include "output/tables_writer.hpp"

#include <set>
#include <string>
#include <string_view>

#include "output/profile_file.hpp"
#include "output/stream.hpp"
#include "output/table_rows.hpp"
#include "profile/table_list.hpp"

namespace tim {
namespace {

constexpr std::string_view name_of(quantity kind) {
    switch (kind) {
        case quantity::time:
            return "ns";
        case quantity::memory:
            return "bytes";
        default:
            return "";
    }
}

class tables_writer {
public:
    tables_writer(const result& r, stream& out) : result_(r), out_(out) {}

    void write() {
        std::set<std::string_view> names;
        for (const profile& p : result_.profiles)
            for (const keyed_table& t : p.tables) names.insert(t.name);
        out_.write(R"({"timemory":{"tables":{)");
        for (const std::string_view name : names) {
            if (name != *names.begin()) out_.write(',');
            write_table(name);
        }
        out_.write("}}}\n");
    }

private:
    void write_table(std::string_view name) {
        const keyed_table* first = nullptr;
        for (const profile& p : result_.profiles)
            if (first == nullptr) first = p.find_table(name);
        out_.json_string(name);
        out_.write(R"(:{"description":)");
        out_.json_string(first->description);
        out_.write(R"(,"unit":)");
        out_.json_string(name_of(first->kind));
        out_.write(R"(,"keys":[)");
        for (const table_key& key : first->keys) {
            if (&key != first->keys.data()) out_.write(',');
            out_.json_string(key.name);
        }
        out_.write(R"(],"columns":{)");
        first_column_ = true;
        // Whose rows they are, where not all ranks were put together.
        if (result_.profiles.size() > 1)
            column(*first, "ranks", [&](const profile& p, const keyed_table&, std::size_t) {
                out_.json_string(name_of_ranks(p));
            });
        for (std::size_t k = 0; k < first->keys.size(); ++k)
            column(*first, first->keys[k].name,
                   [&](const profile& p, const keyed_table& t, std::size_t row) {
                       const std::int64_t key = t.keys_of(row)[k];
                       if (t.keys[k].kind == key_kind::text)
                           out_.json_string(t.text(row, k));
                       else if (t.keys[k].kind == key_kind::path)
                           out_.json_string(text_of_path(p, static_cast<std::uint32_t>(key)));
                       else
                           out_.json(key);
                   });
        const auto value = [&](std::string_view of, auto get) {
            column(*first, of, [&](const profile&, const keyed_table& t, std::size_t row) {
                out_.json(get(t.values[row], t.count[row]));
            });
        };
        value("count", [](const statistics&, std::uint64_t count) { return count; });
        const recorded_table* const recorded = recorded_as(name);
        if (recorded == nullptr || !recorded->histogram) write_values(value);
        if (recorded == nullptr || (recorded->squares && !recorded->histogram))
            value("stddev", [](const statistics& s, std::uint64_t count) {
                return standard_deviation(s, count, number::integer);
            });
        out_.write("}}");
    }

    template <class Value>
    static void write_values(const Value& value) {
        value("sum", [](const statistics& s, std::uint64_t) { return s.sum; });
        value("mean", [](const statistics& s, std::uint64_t count) {
            return mean(s, count, number::integer);
        });
        value("min", [](const statistics& s, std::uint64_t) { return s.min; });
        value("max", [](const statistics& s, std::uint64_t) { return s.max; });
    }

    /// What it is a part of; nullptr in a result of another version, perhaps.
    static const recorded_table* recorded_as(std::string_view name) {
        for (const recorded_table& t : recorded_tables())
            for (const table_part& part : t.parts)
                if (part.name == name) return &t;
        return nullptr;
    }

    /// A list with a value of each row of all profiles.
    template <class Write>
    void column(const keyed_table& like, std::string_view name, const Write& write_one) {
        if (!first_column_) out_.write(',');
        first_column_ = false;
        out_.json_string(name);
        out_.write(":[");
        bool first = true;
        for (const profile& p : result_.profiles) {
            const keyed_table* const t = p.find_table(like.name);
            if (t == nullptr || t->keys != like.keys) continue;
            for (std::size_t row = 0; row < t->rows(); ++row) {
                if (!first) out_.write(',');
                first = false;
                write_one(p, *t, row);
            }
        }
        out_.write(']');
    }

    const result& result_;
    stream& out_;
    bool first_column_ = true;
};

}  // namespace

void write_tables(const result& r, const sink& sink_of_text) {
    stream out{sink_of_text};
    tables_writer{r, out}.write();
    out.finish();
}

}  // namespace tim
