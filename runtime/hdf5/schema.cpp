#include "hdf5/schema.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <string_view>

#include "profile/index_table.hpp"
#include "profile/merge.hpp"

namespace tim::hdf5 {
namespace {

constexpr const char* format_name = "timemory result";

// ---- The parts of a wide integer ----

/// Whether the low 64 bits of a number, read with their sign, are the number.
bool is_narrow(int128 value) {
    return value == static_cast<std::int64_t>(value);
}
bool is_narrow(uint128 value) {
    return value == static_cast<std::uint64_t>(value);
}

// ---- Enumerations as texts ----

template <class Enum, std::size_t size>
struct names_of {
    std::array<const char*, size> names;
    [[nodiscard]] std::string name(Enum value) const {
        return names.at(static_cast<std::size_t>(value));
    }
    [[nodiscard]] Enum value(std::string_view name) const {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) throw error("'" + std::string{name} + "' is not known");
        return static_cast<Enum>(found - names.begin());
    }
};

constexpr names_of<quantity, 6> quantities{{"time", "memory", "percent", "count", "other", "rate"}};
constexpr names_of<number, 2> numbers{{"integer", "real"}};
constexpr names_of<combine, 2> rules{{"sum", "maximum"}};

// ---- Paths ----

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

// ---- Writing ----

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

// ---- Reading ----

void need(bool holds, const char* what) {
    if (!holds) throw error(what);
}

template <class T>
std::vector<T> column_of(const input_file& file, const std::string& path, std::size_t rows,
                         std::size_t width = 1) {
    std::vector<T> values = file.column<T>(path, width);
    if (values.size() != rows * width) throw error(path + " has not as many rows as its group");
    return values;
}

std::vector<profile> read_profiles(const input_file& file) {
    const auto world_size = file.column<std::uint32_t>("/profiles/world_size");
    const std::size_t count = world_size.size();
    const auto per_profile = [&]<class T>(const char* name, T) {
        return column_of<T>(file, std::string{"/profiles/"} + name, count);
    };
    constexpr std::uint64_t u64 = 0;
    const auto threads = per_profile("threads", std::uint32_t{0});
    const auto job = per_profile("job", u64);
    const auto first_pid = per_profile("first_pid", u64);
    const auto started = per_profile("started", u64);
    const auto regions = per_profile("recorded_regions", u64);
    const auto nanoseconds = per_profile("recording_nanoseconds", u64);
    const auto bytes = per_profile("recording_bytes", u64);
    std::vector<profile> profiles(count);
    for (std::size_t i = 0; i < count; ++i) {
        profile& p = profiles[i];
        p.world_size = world_size[i];
        p.threads = threads[i];
        p.job = job[i];
        p.first_pid = first_pid[i];
        p.started = started[i];
        p.measuring = {regions[i], nanoseconds[i], bytes[i]};
    }
    const auto of_ranges = file.column<std::uint32_t>("/profiles/ranks/profile");
    const auto first = column_of<std::uint32_t>(file, "/profiles/ranks/first", of_ranges.size());
    const auto last = column_of<std::uint32_t>(file, "/profiles/ranks/last", of_ranges.size());
    for (std::size_t i = 0; i < of_ranges.size(); ++i) {
        need(of_ranges[i] < count, "ranks of a profile that is not there");
        profiles[of_ranges[i]].ranks.push_back({first[i], last[i]});
    }
    const auto of_losses = file.column<std::uint32_t>("/profiles/losses/profile");
    const auto cause = file.texts("/profiles/losses/cause");
    const auto events = column_of<std::uint64_t>(file, "/profiles/losses/events", of_losses.size());
    need(cause.size() == of_losses.size(), "losses without a cause");
    for (std::size_t i = 0; i < of_losses.size(); ++i) {
        need(of_losses[i] < count, "losses of a profile that is not there");
        profiles[of_losses[i]].losses[cause[i]] = events[i];
    }
    return profiles;
}

/// Fills the paths and names of the profiles. Returns where each profile has each path.
std::vector<std::map<std::uint32_t, std::uint32_t>> read_paths(const input_file& file,
                                                               std::vector<profile>& profiles) {
    const auto parent = file.column<std::uint32_t>("/paths/parent");
    const auto name = file.texts("/paths/name");
    const auto kind = column_of<std::uint8_t>(file, "/paths/kind", parent.size());
    const auto hash = column_of<std::uint64_t>(file, "/paths/hash", parent.size());
    need(name.size() == parent.size(), "paths without a name");
    const auto of = file.column<std::uint32_t>("/profiles/paths/profile");
    const auto index = column_of<std::uint32_t>(file, "/profiles/paths/path", of.size());
    const auto first_rank = column_of<std::uint32_t>(file, "/profiles/paths/first_rank", of.size());
    const auto order = column_of<std::uint32_t>(file, "/profiles/paths/order", of.size());

    std::vector<std::map<std::uint32_t, std::uint32_t>> places(profiles.size());
    std::vector<std::map<std::string_view, std::uint32_t>> names(profiles.size());
    for (std::size_t i = 0; i < of.size(); ++i) {
        need(of[i] < profiles.size(), "paths of a profile that is not there");
        need(index[i] < parent.size(), "a profile has a path that is not there");
        profile& p = profiles[of[i]];
        auto& place = places[of[i]];
        const auto here = static_cast<std::uint32_t>(p.paths.size());
        const auto above = place.find(parent[index[i]]);
        need(here == 0 || above != place.end(), "a path stands before its parent");
        const auto known =
            names[of[i]].try_emplace(name[index[i]], static_cast<std::uint32_t>(p.names.size()));
        if (known.second) p.names.push_back(name[index[i]]);
        p.paths.push_back({.parent = here == 0 ? 0 : above->second,
                           .name = known.first->second,
                           .kind = static_cast<path_kind>(kind[index[i]]),
                           .hash = hash[index[i]],
                           .first_rank = first_rank[i],
                           .order = order[i]});
        place[index[i]] = here;
    }
    return places;
}

component_description read_description(const input_file& file, const std::string& at,
                                       const std::string& id) {
    component_description what;
    what.id = id;
    what.label = file.text_attribute(at, "label");
    what.description = file.text_attribute(at, "description");
    what.unit = file.text_attribute(at, "unit");
    what.unit_value = file.attribute<double>(at, "unit_value");
    what.kind = quantities.value(file.text_attribute(at, "quantity"));
    what.type = numbers.value(file.text_attribute(at, "number"));
    what.over_laps = rules.value(file.text_attribute(at, "over_laps"));
    what.over_threads = rules.value(file.text_attribute(at, "over_threads"));
    what.over_ranks = rules.value(file.text_attribute(at, "over_ranks"));
    what.enum_value = file.attribute<std::int32_t>(at, "enumeration");
    what.per_thread = file.attribute<std::uint8_t>(at, "per_thread") != 0;
    what.ratio = file.attribute<std::uint8_t>(at, "ratio") != 0;
    what.has_sum = file.attribute<std::uint8_t>(at, "has_sum") != 0;
    what.aliases = file.texts(at + "/aliases");
    if (!file.has(at + "/elements")) return what;
    const auto label = file.texts(at + "/elements/label");
    const auto description = file.texts(at + "/elements/description");
    const auto unit = file.texts(at + "/elements/unit");
    const auto kind = file.texts(at + "/elements/quantity");
    const auto unit_value = column_of<double>(file, at + "/elements/unit_value", label.size());
    need(description.size() == label.size() && unit.size() == label.size() &&
             kind.size() == label.size(),
         "a component's elements are not whole");
    for (std::size_t i = 0; i < label.size(); ++i)
        what.elements.push_back(
            {label[i], description[i], quantities.value(kind[i]), unit[i], unit_value[i]});
    return what;
}

/// The columns of one component, of all profiles.
class component_reader {
public:
    component_reader(const input_file& file, const std::string& id)
        : file_(file),
          at_("/components/" + id),
          what_(read_description(file, at_, id)),
          profile_(file.column<std::uint32_t>(at_ + "/profile")),
          width_(what_.fields()) {}

    void add_to(std::vector<profile>& profiles,
                const std::vector<std::map<std::uint32_t, std::uint32_t>>& places) const {
        const std::size_t rows = profile_.size();
        const auto path = column_of<std::uint32_t>(file_, at_ + "/path", rows);
        const auto laps = column_of<std::uint64_t>(file_, at_ + "/laps", rows);
        std::vector<component_columns*> columns;
        for (std::size_t row = 0; row < rows; ++row) {
            need(profile_[row] < profiles.size(), "a row of a profile that is not there");
            profile& p = profiles[profile_[row]];
            if (p.components.empty() || p.components.back().what.id != what_.id) {
                p.components.push_back({.what = what_, .path = {}, .laps = {}, .fields = {}});
                p.components.back().fields.resize(width_);
            }
            component_columns& c = p.components.back();
            const auto place = places[profile_[row]].find(path[row]);
            need(place != places[profile_[row]].end(), "a row of a path that is not there");
            c.path.push_back(place->second);
            c.laps.push_back(laps[row]);
            for (field_columns& f : c.fields) {
                f.value.emplace_back();
                f.laps.emplace_back();
                f.ranks.emplace_back();
            }
        }
        fill(profiles);
    }

private:
    /// Calls `set(field columns, row in them, number here)` for each value.
    template <class Set>
    void each(std::vector<profile>& profiles, Set set) const {
        std::vector<std::size_t> next(profiles.size(), 0);
        for (std::size_t row = 0; row < profile_.size(); ++row) {
            component_columns& c = profiles[profile_[row]].components.back();
            const std::size_t there = next[profile_[row]]++;
            for (std::size_t f = 0; f < width_; ++f) set(c.fields[f], there, row * width_ + f);
        }
    }

    void fill(std::vector<profile>& profiles) const {
        wide<int128>(profiles, "/value",
                     [](field_columns& f, std::size_t row) -> int128& { return f.value[row]; });
        fill_statistics(profiles, "", [](field_columns& f, std::size_t row) -> statistics& {
            return f.laps[row];
        });
        if (!file_.has(at_ + "/ranks")) return;
        const auto member = [&]<class T>(const char* name, T rank_statistics::*m) {
            const auto values = column_of<T>(file_, at_ + name, profile_.size(), width_);
            each(profiles, [&](field_columns& f, std::size_t row, std::size_t i) {
                f.ranks[row].*m = values[i];
            });
        };
        member("/ranks/count", &rank_statistics::ranks);
        member("/ranks/min_rank", &rank_statistics::min_rank);
        member("/ranks/max_rank", &rank_statistics::max_rank);
        fill_statistics(profiles, "/ranks", [](field_columns& f, std::size_t row) -> statistics& {
            return f.ranks[row].values;
        });
    }

    template <class T, class Get>
    void wide(std::vector<profile>& profiles, const std::string& name, Get get) const {
        using low_type = std::conditional_t<std::is_same_v<T, int128>, std::int64_t, std::uint64_t>;
        const std::size_t rows = profile_.size();
        if (what_.type == number::real) {
            const auto values = column_of<double>(file_, at_ + name, rows, width_);
            each(profiles, [&](field_columns& f, std::size_t row, std::size_t i) {
                get(f, row) = static_cast<T>(raw_of(values[i]));
            });
            return;
        }
        const auto low = column_of<low_type>(file_, at_ + name, rows, width_);
        std::vector<low_type> high;
        if (file_.has(at_ + name + "_high"))
            high = column_of<low_type>(file_, at_ + name + "_high", rows, width_);
        each(profiles, [&](field_columns& f, std::size_t row, std::size_t i) {
            get(f, row) = high.empty() ? static_cast<T>(low[i])
                                       : static_cast<T>(static_cast<uint128>(high[i]) << 64 |
                                                        static_cast<std::uint64_t>(low[i]));
        });
    }

    template <class Get>
    void fill_statistics(std::vector<profile>& profiles, const std::string& at, Get get) const {
        wide<int128>(profiles, at + "/sum",
                     [&](field_columns& f, std::size_t row) -> int128& { return get(f, row).sum; });
        wide<uint128>(
            profiles, at + "/squares",
            [&](field_columns& f, std::size_t row) -> uint128& { return get(f, row).squares; });
        const auto extreme = [&]<class T>(const char* name, T, std::int64_t statistics::*m) {
            const auto values = column_of<T>(file_, at_ + at + name, profile_.size(), width_);
            each(profiles, [&](field_columns& f, std::size_t row, std::size_t i) {
                get(f, row).*m = std::bit_cast<std::int64_t>(values[i]);
            });
        };
        for (const auto& [name, m] :
             {std::pair{"/min", &statistics::min}, std::pair{"/max", &statistics::max}})
            if (what_.type == number::real)
                extreme(name, double{}, m);
            else
                extreme(name, std::int64_t{}, m);
    }

    const input_file& file_;
    std::string at_;
    component_description what_;
    std::vector<std::uint32_t> profile_;
    std::size_t width_;
};

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
}

record read(const input_file& file) {
    need(file.text_attribute("/", "format") == format_name, "it is no result of timemory");
    if (const auto version = file.attribute<std::uint32_t>("/", "format_version");
        version != schema_version)
        throw error("it is of version " + std::to_string(version) + ", and only " +
                    std::to_string(schema_version) + " is known");
    record r;
    r.measured.mpi = file.attribute<std::uint8_t>("/", "mpi") != 0;
    r.measured.collapsed_ranks = file.attribute<std::uint8_t>("/", "collapsed_processes") != 0;
    r.measured.collapsed_threads = file.attribute<std::uint8_t>("/", "collapsed_threads") != 0;
    const auto metadata = file.texts("/metadata");
    need(metadata.size() == 1, "there is no metadata");
    r.run.metadata = metadata[0];
    const auto name = file.texts("/settings/name");
    const auto value = file.texts("/settings/value");
    const auto origin = file.texts("/settings/origin");
    need(value.size() == name.size() && origin.size() == name.size(), "the settings are not whole");
    for (std::size_t i = 0; i < name.size(); ++i)
        r.run.settings.push_back({name[i], value[i], origin[i]});

    std::vector<profile>& profiles = r.measured.profiles;
    profiles = read_profiles(file);
    const auto places = read_paths(file, profiles);
    for (const std::string& id : file.groups("/components"))
        component_reader{file, id}.add_to(profiles, places);
    const auto one_rank = column_of<std::uint8_t>(file, "/profiles/one_rank", profiles.size());
    for (std::size_t i = 0; i < profiles.size(); ++i)
        if (one_rank[i] != 0) {
            need(profiles[i].ranks.size() == 1, "a profile of one rank has several");
            profiles[i] =
                seal(std::move(profiles[i]), profiles[i].ranks[0].first, profiles[i].world_size);
        }
    return r;
}

}  // namespace tim::hdf5
