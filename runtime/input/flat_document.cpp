#include "input/flat_document.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "settings/say.hpp"

namespace tim {
namespace {

using json = nlohmann::ordered_json;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

const json* member(const json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found == object.end() ? nullptr : &*found;
}

std::vector<double> numbers(const json* value) {
    if (value == nullptr || value->is_null()) return {};
    if (value->is_number()) return {value->get<double>()};
    std::vector<double> list;
    if (value->is_array() || value->is_object())  // {"first": …, "second": …} is a pair
        for (const auto& item : *value)
            list.push_back(item.is_number() ? item.get<double>() : none);
    return list;
}

std::vector<std::string> texts(const json* value) {
    if (value == nullptr) return {};
    if (value->is_string()) return {value->get<std::string>()};
    std::vector<std::string> list;
    if (value->is_array())
        for (const auto& item : *value)
            list.push_back(item.is_string() ? item.get<std::string>() : "");
    return list;
}

std::uint64_t whole(const json* value) {
    if (value == nullptr || !value->is_number_integer()) return 0;
    return value->is_number_unsigned() ? value->get<std::uint64_t>()
                                       : static_cast<std::uint64_t>(value->get<std::int64_t>());
}

/// `|00:03|1` without the zeros that pad its numbers: their count depends on the number of ranks.
std::string without_padding(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit_before = i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9';
        const bool digit_behind = i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9';
        const bool padding = text[i] == '0' && digit_behind &&
                             (!digit_before || (!plain.empty() && plain.back() == '|'));
        if (!padding) plain += text[i];
    }
    return plain;
}

flat_row read_row(const json& node) {
    const json* prefix = member(node, "prefix");
    const json* entry = member(node, "entry");
    const json* laps = entry != nullptr ? member(*entry, "laps") : nullptr;
    if (prefix == nullptr || !prefix->is_string())
        throw malformed_document("a row of 'graph' has no 'prefix'");
    if (laps == nullptr || !laps->is_number())
        throw malformed_document(
            fmt::format("the row '{}' has no 'entry.laps'", shown(prefix->get<std::string>())));

    flat_row row;
    row.label = prefix->get<std::string>();
    row.depth = static_cast<std::uint32_t>(std::min<std::uint64_t>(
        whole(member(node, "depth")), std::numeric_limits<std::uint32_t>::max()));
    row.hash = whole(member(node, "hash"));
    row.path = whole(member(node, "rolling_hash"));
    std::string_view name = row.label;
    if (const std::size_t arrow = name.find(">>>"); arrow != std::string_view::npos) {
        row.holder = without_padding(name.substr(0, arrow));
        name.remove_prefix(std::min(arrow + 4, name.size()));
        const std::size_t indent = row.depth == 0 ? 0 : 2 * (std::size_t{row.depth} - 1);
        if (row.depth > 0 && name.size() >= indent + 2 && name.substr(indent, 2) == "|_")
            name.remove_prefix(indent + 2);
    }
    row.name = name;

    static const json nothing;
    const json* stats = member(node, "stats");
    if (stats == nullptr) stats = &nothing;
    flat_values& v = row.values;
    const double count = laps->get<double>();
    if (!(std::abs(count) < 4e18))  // so that a difference fits too
        throw malformed_document(
            fmt::format("the row '{}' has no possible 'entry.laps'", shown(row.label)));
    v.laps = static_cast<std::int64_t>(count);
    v.total = numbers(member(*stats, "sum"));
    if (v.total.empty()) v.total = numbers(member(*entry, "repr_data"));
    v.mean = numbers(member(*stats, "mean"));
    v.min = numbers(member(*stats, "min"));
    v.max = numbers(member(*stats, "max"));
    v.stddev = numbers(member(*stats, "stddev"));
    v.squares = numbers(member(*stats, "sqr"));
    v.own = numbers(member(*entry, "accum"));
    if (const json* ranks = member(node, "ranks"); ranks != nullptr && ranks->is_object())
        row.over_ranks = {.count = whole(member(*ranks, "count")),
                          .sum = numbers(member(*ranks, "sum")),
                          .mean = numbers(member(*ranks, "mean")),
                          .min = numbers(member(*ranks, "min")),
                          .max = numbers(member(*ranks, "max")),
                          .stddev = numbers(member(*ranks, "stddev")),
                          .min_rank = numbers(member(*ranks, "min_rank")),
                          .max_rank = numbers(member(*ranks, "max_rank"))};
    return row;
}

/// Gives every list as many numbers as the component has values.
void complete(flat_row& row, std::size_t count) {
    flat_values& v = row.values;
    for (auto* list : {&v.total, &v.mean, &v.min, &v.max, &v.stddev, &v.squares})
        list->resize(count, none);
    if (v.own.size() < count) v.own = v.total;
    if (!row.over_ranks) return;
    flat_rank_values& r = *row.over_ranks;
    for (auto* list : {&r.sum, &r.mean, &r.min, &r.max, &r.stddev, &r.min_rank, &r.max_rank})
        list->resize(count, none);
}

/// What stands in a component beside its rows.
flat_document read_header(const std::string& id, const json& about) {
    flat_document document;
    document.id = id;
    json header = about;
    header.erase("ranks");
    document.header = header.dump(-1, ' ', false, json::error_handler_t::replace);
    document.types = texts(member(about, "type"));
    if (document.types.empty()) throw malformed_document("the component has no 'type'");
    document.units = texts(member(about, "unit_repr"));
    document.unit_values = numbers(member(about, "unit_value"));
    document.units.resize(document.types.size());
    document.unit_values.resize(document.types.size(), 1.0);
    if (const auto description = texts(member(about, "description")); !description.empty())
        document.description = description.front();
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    const auto at_least_one = [&](const char* name) {
        return static_cast<std::uint32_t>(
            std::clamp<std::uint64_t>(whole(member(about, name)), 1, most));
    };
    document.world_size = at_least_one("mpi_size");
    document.threads = at_least_one("thread_count");
    const json* properties = member(about, "properties");
    document.of_version_3 =
        properties != nullptr && member(*properties, "cereal_class_version") != nullptr;
    if (const json* losses = member(about, "losses"); losses != nullptr && losses->is_object())
        for (const auto& [cause, count] : losses->items()) document.losses[cause] = whole(&count);
    return document;
}

/// The rows are taken out of the document while it is parsed, so that it is never whole in memory.
template <class Input>
std::vector<flat_document> read(Input&& input) {
    std::vector<std::vector<flat_row>> of_components(1);  // in their order; the last has not ended
    std::vector<flat_row> rows;                           // of the rank that is being read
    std::string wrong;
    constexpr int deepest = 100;
    const auto take = [&](int depth, json::parse_event_t event, json& parsed) {
        if (depth > deepest && wrong.empty()) wrong = "its lists and objects are nested too deeply";
        if (!wrong.empty()) return false;
        if (event != json::parse_event_t::object_end) return true;
        if (member(parsed, "prefix") != nullptr && member(parsed, "entry") != nullptr) {
            try {
                rows.push_back(read_row(parsed));
            } catch (const malformed_document& e) {
                wrong = e.what();
            }
            return false;
        }
        if (member(parsed, "graph") != nullptr) {
            for (flat_row& row : rows) {
                row.rank = whole(member(parsed, "rank"));
                of_components.back().push_back(std::move(row));
            }
            rows.clear();
        } else if (depth == 2 && member(parsed, "ranks") != nullptr) {
            of_components.emplace_back();
        }
        return true;
    };
    json top;
    try {
        top = json::parse(std::forward<Input>(input), take);
    } catch (const json::exception& e) {
        throw malformed_document(fmt::format("not JSON ({})", shown(e.what(), 400)));
    }
    if (!wrong.empty()) throw malformed_document(wrong);
    const json* components = member(top, "timemory");
    if (components == nullptr || !components->is_object())
        throw malformed_document("no object 'timemory'");
    std::vector<flat_document> documents;
    for (const auto& [id, about] : components->items()) {
        if (member(about, "ranks") == nullptr) continue;
        documents.push_back(read_header(id, about));
    }
    if (documents.empty()) throw malformed_document("no component with 'ranks' under 'timemory'");
    // An object beside 'timemory', or one member twice, would make them differ.
    if (of_components.size() != documents.size() + 1)
        throw malformed_document("rows that are of no component under 'timemory'");
    for (std::size_t i = 0; i < documents.size(); ++i) {
        documents[i].rows = std::move(of_components[i]);
        for (flat_row& row : documents[i].rows) complete(row, documents[i].types.size());
    }
    return documents;
}

flat_document only(std::vector<flat_document> documents) {
    if (documents.size() > 1) throw malformed_document("it has several components");
    return std::move(documents.front());
}

struct closer {
    void operator()(std::FILE* f) const noexcept { std::fclose(f); }
};

}  // namespace

double flat_document::unit_of(std::size_t value) const {
    if (types.size() == 1)
        for (const flat_row& row : rows) {
            const double total = row.values.total[0];
            const double own = row.values.own[0];
            if (std::abs(total) > 0 && std::abs(own) > 0 && own / total > 0) {
                // Shown totals are rounded; a unit is not.
                const double unit = own / total;
                const double said = unit_values[0];
                return std::abs(unit - said) < 0.01 * said ? said : unit;
            }
        }
    return unit_values[value];
}

std::vector<flat_document> read_flats(std::string_view text) {
    return read(text);
}

std::vector<flat_document> read_flats_file(const std::string& path) {
    struct stat about;
    // Opening a pipe would wait for its other end.
    if (stat(path.c_str(), &about) != 0) throw malformed_document(std::strerror(errno));
    if (!S_ISREG(about.st_mode)) throw malformed_document("not a file");
    const std::unique_ptr<std::FILE, closer> file{std::fopen(path.c_str(), "rbe")};
    if (file == nullptr) throw malformed_document(std::strerror(errno));
    return read(file.get());
}

flat_document read_flat(std::string_view text) {
    return only(read_flats(text));
}

flat_document read_flat_file(const std::string& path) {
    return only(read_flats_file(path));
}

}  // namespace tim
