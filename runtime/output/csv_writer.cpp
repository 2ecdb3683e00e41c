// All rows of a result as one table (RFC 4180), with numbers in full.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "fold/join.hpp"
#include "output/json_parts.hpp"
#include "output/stacks.hpp"
#include "output/stream.hpp"
#include "output/writers.hpp"

namespace tim {
namespace {

constexpr std::string_view header =
    "component,metric,unit,ranks,thread,row,parent,depth,name,path,count,sum,mean,min,max,stddev,"
    "self_sum,self_percent,rank_count,rank_mean,rank_min,min_rank,rank_max,max_rank,rank_stddev,"
    "imbalance\n";

/// A line: fields with commas between them.
class line {
public:
    explicit line(stream& out) : out_(out) {}
    /// Bytes that are not UTF-8 become U+FFFD.
    line& text(std::string_view t) {
        next();
        const bool quoted = t.find_first_of(",\"\r\n") != std::string_view::npos;
        if (quoted) out_.write('"');
        while (!t.empty()) {
            const std::size_t length = utf8_length(t);
            if (t.front() == '"') out_.write('"');
            out_.write(length > 0 ? t.substr(0, length) : "\xEF\xBF\xBD");
            t.remove_prefix(std::max<std::size_t>(length, 1));
        }
        if (quoted) out_.write('"');
        return *this;
    }
    line& number(std::uint64_t n) {
        next();
        out_.json(n);
        return *this;
    }
    line& number(double n) {
        next();
        if (std::isfinite(n)) out_.json(n);
        return *this;
    }
    line& nothing() {
        next();
        return *this;
    }
    void end() { out_.write('\n'); }

private:
    void next() {
        if (!first_) out_.write(',');
        first_ = false;
    }
    stream& out_;
    bool first_ = true;
};

void write_row(stream& out, const view& v, std::uint32_t row, std::size_t element,
               std::string_view path, std::string_view ranks) {
    const view_row& here = v.rows()[row];
    const component_element& what = v.elements()[element];
    line l{out};
    l.text(v.what().id).text(what.label).text(what.unit).text(ranks);
    v.has_threads() ? l.number(std::uint64_t{here.thread}) : l.nothing();
    l.number(std::uint64_t{row});
    here.parent == no_row ? l.nothing() : l.number(std::uint64_t{here.parent});
    l.number(std::uint64_t{here.depth}).text(v.name(row)).text(path).number(v.laps(row));
    const row_values values = v.values(row, element);
    v.what().has_sum ? l.number(values.total) : l.nothing();
    if (v.laps(row) > 0)
        l.number(values.mean).number(values.min).number(values.max).number(values.stddev);
    else
        l.nothing().nothing().nothing().nothing();
    const auto share = v.self_share(row, element);
    if (share)
        l.number(v.exclusive_total(row, element)).number(*share);
    else
        l.nothing().nothing();
    if (const auto over = v.over_ranks(row, element)) {
        l.number(over->count).number(over->mean).number(over->min);
        l.number(std::uint64_t{over->min_rank}).number(over->max);
        l.number(std::uint64_t{over->max_rank}).number(over->stddev).number(over->imbalance);
    } else {
        for (int i = 0; i < 8; ++i) l.nothing();
    }
    l.end();
}

}  // namespace

void write_csv(const result& r, const std::vector<std::string>& component_ids, const settings& s,
               const sink& sink_of_text) {
    stream out{sink_of_text};
    out.write(header);
    for (const std::string& id : component_ids)
        for (const profile* p : profiles_with(r, id)) {
            const view v{*p, id, s};
            const std::string ranks = ranks_text(v.of().ranks);
            stack_walk walk{v};
            for (std::uint32_t row = 0; row < v.rows().size(); ++row) {
                const std::string path = walk.names_to(row, " > ");
                for (std::size_t element = 0; element < v.elements().size(); ++element)
                    write_row(out, v, row, element, path, ranks);
            }
        }
    out.finish();
}

}  // namespace tim
