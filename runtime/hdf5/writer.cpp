#include "hdf5/writer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <set>
#include <string_view>

#include "hdf5/schema.hpp"
#include "profile/index_table.hpp"
#include "profile/merge.hpp"

namespace tim::hdf5 {
namespace {

/// Whether the low 64 bits of a number, read with their sign, are the number.
bool is_narrow(int128 value) {
    return value == static_cast<std::int64_t>(value);
}
bool is_narrow(uint128 value) {
    return value == static_cast<std::uint64_t>(value);
}

/// The call paths of all profiles, each once, parents before children.
class path_union {
public:
    explicit path_union(const std::vector<profile>& profiles) : table_(capacity(profiles)) {
        for (const profile& p : profiles) {
            std::vector<std::uint32_t> to;
            to.reserve(p.paths.size());
            for (const path& here : p.paths) {
                const bool root = here.kind == path_kind::root;
                to.push_back(add(here, root ? 0 : to[here.parent], p.name(here)));
            }
            to_.push_back(std::move(to));
        }
    }

    /// Where a profile's path is here.
    [[nodiscard]] std::uint32_t at(std::size_t profile, std::uint32_t path) const {
        return to_[profile][path];
    }

    void write(output_file& file) const {
        std::vector<std::uint32_t> depth(parent_.size(), 0);
        for (std::size_t i = 1; i < depth.size(); ++i) depth[i] = depth[parent_[i]] + 1;
        file.group("/paths");
        file.column<std::uint32_t>("/paths/parent", parent_);
        file.texts("/paths/name", name_);
        file.column<std::uint8_t>("/paths/kind", kind_);
        file.column<std::uint32_t>("/paths/depth", depth);
        file.column<std::uint64_t>("/paths/hash", hash_);
    }

private:
    static std::size_t capacity(const std::vector<profile>& profiles) {
        std::size_t paths = 0;
        for (const profile& p : profiles) paths += p.paths.size();
        return paths;
    }

    std::uint32_t add(const path& p, std::uint32_t parent, std::string_view name) {
        const auto kind = static_cast<std::uint8_t>(p.kind);
        const auto next = static_cast<std::uint32_t>(parent_.size());
        const std::uint32_t found = table_.find_or_insert(p.hash, next, [&](std::uint32_t i) {
            return hash_[i] == p.hash && parent_[i] == parent && kind_[i] == kind &&
                   name_[i] == name;
        });
        if (found == next) {
            parent_.push_back(parent);
            name_.emplace_back(name);
            kind_.push_back(kind);
            hash_.push_back(p.hash);
        }
        return found;
    }

    index_table table_;
    std::vector<std::uint32_t> parent_;
    std::vector<std::string> name_;
    std::vector<std::uint8_t> kind_;
    std::vector<std::uint64_t> hash_;
    std::vector<std::vector<std::uint32_t>> to_;  // by profile
};

/// Whether the statistics over ranks are those of the one rank that the profile is of.
bool is_of_one_rank(const profile& p) {
    return p.ranks.size() == 1 && p.ranks[0].first == p.ranks[0].last &&
           p == seal(p, p.ranks[0].first, p.world_size);
}

void write_profiles(output_file& file, const std::vector<profile>& profiles,
                    const path_union& paths, const std::vector<std::uint8_t>& one_rank) {
    file.group("/profiles");
    const auto per_profile = [&]<class T>(const char* name, T, auto get) {
        std::vector<T> values;
        values.reserve(profiles.size());
        for (const profile& p : profiles) values.push_back(static_cast<T>(get(p)));
        file.column<T>(std::string{"/profiles/"} + name, values);
    };
    using of = const profile&;
    constexpr std::uint32_t u32 = 0;
    constexpr std::uint64_t u64 = 0;
    per_profile("world_size", u32, [](of p) { return p.world_size; });
    per_profile("threads", u32, [](of p) { return p.threads; });
    per_profile("job", u64, [](of p) { return p.job; });
    per_profile("first_pid", u64, [](of p) { return p.first_pid; });
    per_profile("started", u64, [](of p) { return p.started; });
    per_profile("recorded_regions", u64, [](of p) { return p.measuring.regions; });
    per_profile("recording_nanoseconds", u64, [](of p) { return p.measuring.nanoseconds; });
    per_profile("recording_bytes", u64, [](of p) { return p.measuring.memory; });
    per_profile("checksum", u64, [](of p) { return checksum(p); });
    file.column<std::uint8_t>("/profiles/one_rank", one_rank);

    std::vector<std::uint32_t> profile_of_range;
    std::vector<std::uint32_t> first;
    std::vector<std::uint32_t> last;
    std::vector<std::uint32_t> profile_of_path;
    std::vector<std::uint32_t> path_index;
    std::vector<std::uint32_t> first_rank;
    std::vector<std::uint32_t> order;
    std::vector<std::uint32_t> profile_of_loss;
    std::vector<std::string> cause;
    std::vector<std::uint64_t> events;
    for (std::uint32_t i = 0; i < profiles.size(); ++i) {
        const profile& p = profiles[i];
        for (const rank_range& r : p.ranks) {
            profile_of_range.push_back(i);
            first.push_back(r.first);
            last.push_back(r.last);
        }
        for (std::uint32_t k = 0; k < p.paths.size(); ++k) {
            profile_of_path.push_back(i);
            path_index.push_back(paths.at(i, k));
            first_rank.push_back(p.paths[k].first_rank);
            order.push_back(p.paths[k].order);
        }
        for (const auto& [why, count] : p.losses) {
            profile_of_loss.push_back(i);
            cause.push_back(why);
            events.push_back(count);
        }
    }
    file.group("/profiles/ranks");
    file.column<std::uint32_t>("/profiles/ranks/profile", profile_of_range);
    file.column<std::uint32_t>("/profiles/ranks/first", first);
    file.column<std::uint32_t>("/profiles/ranks/last", last);
    file.group("/profiles/paths");
    file.column<std::uint32_t>("/profiles/paths/profile", profile_of_path);
    file.column<std::uint32_t>("/profiles/paths/path", path_index);
    file.column<std::uint32_t>("/profiles/paths/first_rank", first_rank);
    file.column<std::uint32_t>("/profiles/paths/order", order);
    file.group("/profiles/losses");
    file.column<std::uint32_t>("/profiles/losses/profile", profile_of_loss);
    file.texts("/profiles/losses/cause", cause);
    file.column<std::uint64_t>("/profiles/losses/events", events);
}

void write_description(output_file& file, const std::string& at,
                       const component_description& what) {
    file.attribute(at, "label", what.label);
    file.attribute(at, "description", what.description);
    file.attribute(at, "unit", what.unit);
    file.attribute(at, "unit_value", what.unit_value);
    file.attribute(at, "quantity", quantities.name(what.kind));
    file.attribute(at, "number", numbers.name(what.type));
    file.attribute(at, "over_laps", rules.name(what.over_laps));
    file.attribute(at, "over_threads", rules.name(what.over_threads));
    file.attribute(at, "over_ranks", rules.name(what.over_ranks));
    file.attribute(at, "enumeration", what.enum_value);
    file.attribute(at, "per_thread", static_cast<std::uint8_t>(what.per_thread));
    file.attribute(at, "ratio", static_cast<std::uint8_t>(what.ratio));
    file.attribute(at, "has_sum", static_cast<std::uint8_t>(what.has_sum));
    file.texts(at + "/aliases", what.aliases);
    if (what.elements.empty()) return;
    file.group(at + "/elements");
    const auto texts = [&](const char* name, auto get) {
        std::vector<std::string> values;
        values.reserve(what.elements.size());
        for (const component_element& e : what.elements) values.push_back(get(e));
        file.texts(at + "/elements/" + name, values);
    };
    texts("label", [](const component_element& e) { return e.label; });
    texts("description", [](const component_element& e) { return e.description; });
    texts("unit", [](const component_element& e) { return e.unit; });
    texts("quantity", [](const component_element& e) { return quantities.name(e.kind); });
    std::vector<double> unit_values;
    unit_values.reserve(what.elements.size());
    for (const component_element& e : what.elements) unit_values.push_back(e.unit_value);
    file.column<double>(at + "/elements/unit_value", unit_values);
}

/// One component: its rows in all profiles, one after the other.
class component_writer {
public:
    /// `apart`: the statistics over ranks say more than the totals.
    component_writer(output_file& file, const std::vector<profile>& profiles,
                     const path_union& paths, const component_description& what, bool apart)
        : file_(file), paths_(paths), what_(what), at_("/components/" + what.id), apart_(apart) {
        for (std::uint32_t i = 0; i < profiles.size(); ++i)
            if (const component_columns* c = profiles[i].find(what.id)) parts_.push_back({i, c});
    }

    void write() {
        file_.group(at_);
        write_description(file_, at_, what_);
        rows<std::uint32_t>("/profile", [](const part& p, std::size_t) { return p.profile; });
        rows<std::uint32_t>("/path", [this](const part& p, std::size_t row) {
            return paths_.at(p.profile, p.columns->path[row]);
        });
        rows<std::uint64_t>("/laps",
                            [](const part& p, std::size_t row) { return p.columns->laps[row]; });
        wide("/value", [](const field_columns& f, std::size_t row) { return f.value[row]; });
        write_statistics("", [](const field_columns& f, std::size_t row) -> const statistics& {
            return f.laps[row];
        });
        if (!apart_) return;  // each row's total is the one value of its rank
        file_.group(at_ + "/ranks");
        const auto member = [this]<class T>(const char* name, T rank_statistics::*m) {
            values<T>(name,
                      [m](const field_columns& f, std::size_t row) { return f.ranks[row].*m; });
        };
        member("/ranks/count", &rank_statistics::ranks);
        member("/ranks/min_rank", &rank_statistics::min_rank);
        member("/ranks/max_rank", &rank_statistics::max_rank);
        write_statistics("/ranks",
                         [](const field_columns& f, std::size_t row) -> const statistics& {
                             return f.ranks[row].values;
                         });
    }

private:
    struct part {
        std::uint32_t profile;
        const component_columns* columns;
    };

    template <class T, class Get>
    void rows(const char* name, Get get) {
        std::vector<T> all;
        for (const part& p : parts_)
            for (std::size_t row = 0; row < p.columns->path.size(); ++row)
                all.push_back(get(p, row));
        file_.column<T>(at_ + name, all);
    }

    template <class Get>
    void each(Get get) {
        for (const part& p : parts_)
            for (std::size_t row = 0; row < p.columns->path.size(); ++row)
                for (const field_columns& f : p.columns->fields) get(f, row);
    }

    template <class T, class Get>
    void values(const std::string& name, Get get) {
        std::vector<T> all;
        each([&](const field_columns& f, std::size_t row) { all.push_back(get(f, row)); });
        file_.column<T>(at_ + name, all, what_.fields());
    }

    /// Numbers of 128 bits: the low half as a number of 64, and `<name>_high` where that does not
    /// hold them all. Reals are doubles.
    template <class Get>
    void wide(const std::string& name, Get get) {
        using value_type = std::decay_t<decltype(get(parts_[0].columns->fields[0], 0))>;
        using low_type =
            std::conditional_t<std::is_same_v<value_type, int128>, std::int64_t, std::uint64_t>;
        if (what_.type == number::real) {
            values<double>(name, [&](const field_columns& f, std::size_t row) {
                return real_of(static_cast<int128>(get(f, row)));
            });
            return;
        }
        bool narrow = true;
        each([&](const field_columns& f, std::size_t row) { narrow &= is_narrow(get(f, row)); });
        values<low_type>(name, [&](const field_columns& f, std::size_t row) {
            return static_cast<low_type>(get(f, row));
        });
        if (narrow) return;
        values<low_type>(name + "_high", [&](const field_columns& f, std::size_t row) {
            return static_cast<low_type>(get(f, row) >> 64);
        });
    }

    template <class Get>
    void write_statistics(const std::string& at, Get get) {
        wide(at + "/sum", [&](const field_columns& f, std::size_t row) { return get(f, row).sum; });
        wide(at + "/squares",
             [&](const field_columns& f, std::size_t row) { return get(f, row).squares; });
        const auto extreme = [&](const char* name, std::int64_t statistics::*m) {
            if (what_.type == number::real)
                values<double>(at + name, [&](const field_columns& f, std::size_t row) {
                    return std::bit_cast<double>(get(f, row).*m);
                });
            else
                values<std::int64_t>(at + name, [&](const field_columns& f, std::size_t row) {
                    return get(f, row).*m;
                });
        };
        extreme("/min", &statistics::min);
        extreme("/max", &statistics::max);
    }

    output_file& file_;
    const path_union& paths_;
    const component_description& what_;
    std::string at_;
    bool apart_;
    std::vector<part> parts_;
};

/// Tables of one name: the rows in all profiles, one after the other.
class table_writer {
public:
    table_writer(output_file& file, const std::vector<profile>& profiles, const path_union& paths,
                 std::string_view name)
        : file_(file), paths_(paths), at_("/tables/" + std::string{name}) {
        for (std::uint32_t i = 0; i < profiles.size(); ++i) {
            const keyed_table* t = profiles[i].find_table(name);
            if (t == nullptr) continue;
            parts_.push_back({.profile = i, .rows = t, .texts = {}});
            for (const std::string& text : t->texts) texts_.emplace(text, 0);
        }
        std::int64_t next = 0;
        for (auto& [text, index] : texts_) index = next++;
        for (part& p : parts_)
            for (const std::string& text : p.rows->texts) p.texts.push_back(texts_.at(text));
    }

    void write() {
        const keyed_table& what = *parts_[0].rows;
        file_.group(at_);
        file_.attribute(at_, "description", what.description);
        file_.attribute(at_, "quantity", quantities.name(what.kind));
        std::vector<std::string> texts;
        for (const auto& [text, index] : texts_) texts.emplace_back(text);
        file_.texts(at_ + "/texts", texts);
        std::vector<std::string> names;
        std::vector<std::uint8_t> kinds;
        for (const table_key& key : what.keys) {
            names.push_back(key.name);
            kinds.push_back(static_cast<std::uint8_t>(key.kind));
        }
        file_.texts(at_ + "/key_names", names);
        file_.column<std::uint8_t>(at_ + "/key_kinds", kinds);
        file_.group(at_ + "/keys");
        for (std::size_t k = 0; k < names.size(); ++k)
            column<std::int64_t>("/keys/" + names[k],
                                 [&](const part& p, std::size_t row) { return key_of(p, row, k); });
        column<std::uint32_t>("/profile", [](const part& p, std::size_t) { return p.profile; });
        column<std::uint64_t>("/count",
                              [](const part& p, std::size_t row) { return p.rows->count[row]; });
        wide<std::int64_t>("/sum", [](const statistics& s) { return s.sum; });
        wide<std::uint64_t>("/squares", [](const statistics& s) { return s.squares; });
        column<std::int64_t>(
            "/min", [](const part& p, std::size_t row) { return p.rows->values[row].min; });
        column<std::int64_t>(
            "/max", [](const part& p, std::size_t row) { return p.rows->values[row].max; });
    }

private:
    struct part {
        std::uint32_t profile;
        const keyed_table* rows;
        std::vector<std::int64_t> texts;  ///< where each of its texts is in the file
    };

    [[nodiscard]] std::int64_t key_of(const part& p, std::size_t row, std::size_t k) const {
        const std::int64_t key = p.rows->keys_of(row)[k];
        switch (p.rows->keys[k].kind) {
            case key_kind::path:
                return paths_.at(p.profile, static_cast<std::uint32_t>(key));
            case key_kind::text:
                return p.texts[static_cast<std::size_t>(key)];
            case key_kind::number:
            case key_kind::rank:
                break;
        }
        return key;
    }

    template <class T, class Get>
    void column(const std::string& name, Get get) {
        std::vector<T> all;
        for (const part& p : parts_)
            for (std::size_t row = 0; row < p.rows->rows(); ++row) all.push_back(get(p, row));
        file_.column<T>(at_ + name, all);
    }

    /// As in component_writer.
    template <class Low, class Get>
    void wide(const std::string& name, Get get) {
        bool narrow = true;
        for (const part& p : parts_)
            for (const statistics& s : p.rows->values) narrow &= is_narrow(get(s));
        column<Low>(name, [&](const part& p, std::size_t row) {
            return static_cast<Low>(get(p.rows->values[row]));
        });
        if (narrow) return;
        column<Low>(name + "_high", [&](const part& p, std::size_t row) {
            return static_cast<Low>(get(p.rows->values[row]) >> 64);
        });
    }

    output_file& file_;
    const path_union& paths_;
    std::string at_;
    std::vector<part> parts_;
    std::map<std::string_view, std::int64_t> texts_;
};

void write_settings(output_file& file, const std::vector<setting_value>& settings) {
    file.group("/settings");
    const auto texts = [&](const char* name, std::string setting_value::*member) {
        std::vector<std::string> values;
        values.reserve(settings.size());
        for (const setting_value& s : settings) values.push_back(s.*member);
        file.texts(std::string{"/settings/"} + name, values);
    };
    texts("name", &setting_value::name);
    texts("value", &setting_value::value);
    texts("origin", &setting_value::origin);
}

}  // namespace

void write(output_file& file, const record& r) {
    const std::vector<profile>& profiles = r.measured.profiles;
    file.attribute("/", "format", std::string{format_name});
    file.attribute("/", "format_version", schema_version);
    file.attribute("/", "timemory_version", std::string{TIMEMORY_VERSION});
    file.attribute("/", "mpi", static_cast<std::uint8_t>(r.measured.mpi));
    file.attribute("/", "collapsed_processes",
                   static_cast<std::uint8_t>(r.measured.collapsed_ranks));
    file.attribute("/", "collapsed_threads",
                   static_cast<std::uint8_t>(r.measured.collapsed_threads));
    file.texts("/metadata", {r.run.metadata});
    write_settings(file, r.run.settings);
    const path_union paths{profiles};
    paths.write(file);
    std::vector<std::uint8_t> one_rank;
    one_rank.reserve(profiles.size());
    for (const profile& p : profiles) one_rank.push_back(is_of_one_rank(p));
    const bool apart = std::count(one_rank.begin(), one_rank.end(), 0) > 0;
    write_profiles(file, profiles, paths, one_rank);
    file.group("/components");
    std::map<std::string_view, const component_description*> components;
    for (const profile& p : profiles)
        for (const component_columns& c : p.components) components.emplace(c.what.id, &c.what);
    for (const auto& [id, what] : components)
        component_writer{file, profiles, paths, *what, apart}.write();
    std::set<std::string_view> tables;
    for (const profile& p : profiles)
        for (const keyed_table& t : p.tables) tables.insert(t.name);
    if (!tables.empty()) file.group("/tables");
    for (const std::string_view name : tables) table_writer{file, profiles, paths, name}.write();
}

}  // namespace tim::hdf5
