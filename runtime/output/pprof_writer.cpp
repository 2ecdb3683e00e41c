// The format of pprof (pprof.proto), compressed by gzip: one sample for each call path, and for
// each rank and thread that was kept apart.

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "output/json_parts.hpp"
#include "output/stacks.hpp"
#include "output/writers.hpp"
#include "pprof.pb.h"
#include "settings/utf8.hpp"

namespace tim {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

void add(std::int64_t& to, std::uint64_t more) {
    to = more > static_cast<std::uint64_t>(most - to) ? most : to + static_cast<std::int64_t>(more);
}

/// Raw values are in these: see component.hpp.
std::string_view unit_of(quantity kind) {
    return kind == quantity::time ? "nanoseconds" : kind == quantity::memory ? "bytes" : "count";
}

/// Protobuf's texts are UTF-8: other bytes become U+FFFD.
std::string as_utf8(std::string_view text) {
    std::string clean;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        clean += length > 0 ? text.substr(0, length) : "\xEF\xBF\xBD";
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return clean;
}

/// A profile of pprof's, and what of it exists already.
class document {
public:
    document() { text(""); }

    pprof::Profile& operator*() { return message_; }
    pprof::Profile* operator->() { return &message_; }

    std::int64_t text(std::string_view t) {
        const auto [found, is_new] =
            texts_.try_emplace(as_utf8(t), static_cast<std::int64_t>(texts_.size()));
        if (is_new) message_.add_string_table(found->first);
        return found->second;
    }

    /// A place in the program is a function by its name; of addresses we know nothing.
    std::uint64_t location(std::string_view name) {
        const std::int64_t number = text(name);
        const auto [found, is_new] = locations_.try_emplace(number, locations_.size() + 1);
        if (is_new) {
            pprof::Function* f = message_.add_function();
            f->set_id(found->second);
            f->set_name(number);
            pprof::Location* l = message_.add_location();
            l->set_id(found->second);
            l->add_line()->set_function_id(found->second);
        }
        return found->second;
    }

    void add_type(std::string_view name, std::string_view unit) {
        pprof::ValueType* type = message_.add_sample_type();
        type->set_type(text(name));
        type->set_unit(text(unit));
    }

private:
    pprof::Profile message_;
    std::map<std::string, std::int64_t, std::less<>> texts_;
    std::map<std::int64_t, std::uint64_t> locations_;
};

/// A call path as pprof tells them apart: by names. Laps that are rows of their own are one.
struct call_path {
    std::uint32_t above = no_row;
    std::optional<std::uint32_t> thread{};  ///< where threads were kept apart
    std::uint64_t location = 0;
    std::vector<std::int64_t> values{};  ///< one for each type of samples
};

/// The call paths of one profile, over its components.
class call_paths {
public:
    call_paths(const profile& p, const std::vector<std::string>& component_ids, document& to) {
        for (std::size_t i = 0; i < component_ids.size(); ++i) {
            const view v{p, component_ids[i]};
            if (v) take(v, i + 1, component_ids.size() + 1, to);
        }
    }

    [[nodiscard]] const std::vector<call_path>& all() const { return all_; }

private:
    /// The values of one component, which are the type number `type` of all `types`.
    void take(const view& v, std::size_t type, std::size_t types, document& to) {
        std::vector<std::uint32_t> path_of_row;
        std::map<std::uint32_t, std::int64_t> laps;
        for (std::uint32_t row = 0; row < v.rows().size(); ++row) {
            const view_row& r = v.rows()[row];
            const std::uint32_t above = r.parent == no_row ? no_row : path_of_row[r.parent];
            const auto thread = v.has_threads() ? std::optional{r.thread} : std::nullopt;
            const std::uint32_t path = find(above, thread, to.location(v.name(row)), types);
            path_of_row.push_back(path);
            add(all_[path].values[type], own_part(v, row));
            add(laps[path], v.laps(row));
        }
        // Components that were measured together have the same laps, which count once.
        for (const auto& [path, count] : laps)
            all_[path].values[0] = std::max(all_[path].values[0], count);
    }

    std::uint32_t find(std::uint32_t above, std::optional<std::uint32_t> thread,
                       std::uint64_t location, std::size_t types) {
        const auto [found, is_new] = numbers_.try_emplace(std::tuple{above, thread, location},
                                                          static_cast<std::uint32_t>(all_.size()));
        if (is_new)
            all_.push_back({.above = above,
                            .thread = thread,
                            .location = location,
                            .values = std::vector<std::int64_t>(types)});
        return found->second;
    }

    std::vector<call_path> all_;
    std::map<std::tuple<std::uint32_t, std::optional<std::uint32_t>, std::uint64_t>, std::uint32_t>
        numbers_;
};

pprof::Label* add_label(pprof::Sample& sample, std::string_view key, document& to) {
    pprof::Label* label = sample.add_label();
    label->set_key(to.text(key));
    return label;
}

/// Without a unit pprof takes the number 0 for no label.
void add_number(pprof::Sample& sample, std::string_view key, std::uint32_t number, document& to) {
    pprof::Label* label = add_label(sample, key, to);
    label->set_num(number);
    label->set_num_unit(to.text(key));
}

void add_samples(const result& r, const profile& p, const std::vector<std::string>& component_ids,
                 document& to) {
    const call_paths paths{p, component_ids, to};
    const std::optional<rank_range> ranks = ranks_of(r, p);
    for (const call_path& path : paths.all()) {
        pprof::Sample& sample = *to->add_sample();
        for (const call_path* c = &path;; c = &paths.all()[c->above]) {
            sample.add_location_id(c->location);
            if (c->above == no_row) break;
        }
        for (const std::int64_t value : path.values) sample.add_value(value);
        if (ranks && ranks->first == ranks->last) add_number(sample, "rank", ranks->first, to);
        if (ranks && ranks->first < ranks->last)
            add_label(sample, "rank", to)
                ->set_str(to.text(fmt::format("{}-{}", ranks->first, ranks->last)));
        if (path.thread) add_number(sample, "thread", *path.thread, to);
    }
}

/// When the first of the processes began; 0 if that is not known of any.
std::uint64_t began(const result& r) {
    std::uint64_t first = 0;
    for (const profile& p : r.profiles)
        if (p.started > 0 && (first == 0 || p.started < first)) first = p.started;
    return first;
}

void write_gzip(std::string& bytes, const sink& out) {
    constexpr int as_gzip = 16;
    z_stream z{};
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + as_gzip, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("not enough memory to compress it");
    z.next_in = reinterpret_cast<Bytef*>(bytes.data());
    z.avail_in = static_cast<uInt>(bytes.size());
    std::vector<char> piece(64 * 1024);
    for (int status = Z_OK; status == Z_OK;) {
        z.next_out = reinterpret_cast<Bytef*>(piece.data());
        z.avail_out = static_cast<uInt>(piece.size());
        status = deflate(&z, Z_FINISH);
        out({piece.data(), piece.size() - z.avail_out});
    }
    deflateEnd(&z);
}

}  // namespace

void write_pprof(const result& r, const std::vector<std::string>& component_ids, const settings&,
                 const sink& out) {
    document d;
    // pprof wants the number of events in front.
    d.add_type("count", "count");
    for (const std::string& id : component_ids) {
        const view v{*profiles_with(r, id).front(), id};
        d.add_type(id, unit_of(v.what().kind));
    }
    const bool has_wall = std::count(component_ids.begin(), component_ids.end(), "wall_clock") > 0;
    d->set_default_sample_type(d.text(has_wall ? "wall_clock" : component_ids.front()));
    d->set_time_nanos(static_cast<std::int64_t>(began(r)));
    for (const profile& p : r.profiles) add_samples(r, p, component_ids, d);
    std::string bytes;
    if (!d->SerializeToString(&bytes))
        throw std::runtime_error("it is too large for the format, which ends at 2 GiB");
    write_gzip(bytes, out);
}

}  // namespace tim
