#include "hdf5/reader.hpp"

#include <bit>
#include <map>
#include <string_view>

#include "hdf5/schema.hpp"
#include "profile/merge.hpp"

namespace tim::hdf5 {
namespace {

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

/// The rows of the tables of one name, of all profiles.
void read_table(const input_file& file, const std::string& name, std::vector<profile>& profiles,
                const std::vector<std::map<std::uint32_t, std::uint32_t>>& places) {
    const std::string at = "/tables/" + name;
    keyed_table what;
    what.name = name;
    what.description = file.text_attribute(at, "description");
    what.kind = quantities.value(file.text_attribute(at, "quantity"));
    what.texts = file.texts(at + "/texts");
    const auto names = file.texts(at + "/key_names");
    const auto kinds = column_of<std::uint8_t>(file, at + "/key_kinds", names.size());
    const auto of = file.column<std::uint32_t>(at + "/profile");
    std::vector<std::vector<std::int64_t>> keys;
    for (std::size_t k = 0; k < names.size(); ++k) {
        need(kinds[k] <= static_cast<std::uint8_t>(key_kind::rank), "a key of an unknown kind");
        what.keys.push_back({names[k], static_cast<key_kind>(kinds[k])});
        keys.push_back(column_of<std::int64_t>(file, at + "/keys/" + names[k], of.size()));
    }
    need(!names.empty(), "a table without keys");
    const auto count = column_of<std::uint64_t>(file, at + "/count", of.size());
    const auto number = [&]<class T>(const char* column, T) {
        return column_of<T>(file, at + column, of.size());
    };
    const auto high = [&]<class T>(const char* column, T zero) {
        return file.has(at + column) ? number(column, zero) : std::vector<T>{};
    };
    const auto sum = number("/sum", std::int64_t{});
    const auto sum_high = high("/sum_high", std::int64_t{});
    const auto squares = number("/squares", std::uint64_t{});
    const auto squares_high = high("/squares_high", std::uint64_t{});
    const auto min = number("/min", std::int64_t{});
    const auto max = number("/max", std::int64_t{});
    for (std::size_t row = 0; row < of.size(); ++row) {
        need(of[row] < profiles.size(), "a row of a table of a profile that is not there");
        profile& p = profiles[of[row]];
        if (p.tables.empty() || p.tables.back().name != name) p.tables.push_back(what);
        std::vector<std::int64_t> its;
        for (std::size_t k = 0; k < names.size(); ++k) {
            std::int64_t key = keys[k][row];
            if (what.keys[k].kind == key_kind::text)
                need(static_cast<std::uint64_t>(key) < what.texts.size(),
                     "a text of a table that is not there");
            if (what.keys[k].kind == key_kind::path) {
                const auto place = places[of[row]].find(static_cast<std::uint32_t>(key));
                need(place != places[of[row]].end(), "a row of a table without its path");
                key = place->second;
            }
            its.push_back(key);
        }
        statistics values{
            .sum = sum[row], .squares = squares[row], .min = min[row], .max = max[row]};
        if (!sum_high.empty())
            values.sum = static_cast<int128>(static_cast<uint128>(sum_high[row]) << 64 |
                                             static_cast<std::uint64_t>(sum[row]));
        if (!squares_high.empty()) values.squares |= uint128{squares_high[row]} << 64;
        add_row(p.tables.back(), its, count[row], values);
    }
    for (profile& p : profiles)
        if (!p.tables.empty() && p.tables.back().name == name) put_in_order(p.tables.back());
}

}  // namespace

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
    if (file.has("/tables"))
        for (const std::string& table : file.groups("/tables"))
            read_table(file, table, profiles, places);
    const auto one_rank = column_of<std::uint8_t>(file, "/profiles/one_rank", profiles.size());
    for (std::size_t i = 0; i < profiles.size(); ++i)
        if (one_rank[i] != 0) {
            profile& p = profiles[i];
            need(p.ranks.size() == 1, "a profile of one rank has several");
            const std::uint32_t rank = p.ranks[0].first;
            const std::uint32_t world_size = p.world_size;
            p = seal(std::move(p), rank, world_size);
        }
    const auto checksums = column_of<std::uint64_t>(file, "/profiles/checksum", profiles.size());
    for (std::size_t i = 0; i < profiles.size(); ++i)
        need(checksum(profiles[i]) == checksums[i], "it is not what was written: it is damaged");
    return r;
}

}  // namespace tim::hdf5
