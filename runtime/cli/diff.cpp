// `timemory diff`: one result less another.

#include "output/diff.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <string>

#include "cli/commands.hpp"
#include "input/result_file.hpp"
#include "measure/component_table.hpp"
#include "settings/say.hpp"
#include "settings/settings.hpp"

namespace tim::cli {
namespace {

struct described_document {
    component_description what;
    flat_document flat;
};

/// What a result has of each component, by its id, in the order of output.
std::vector<described_document> documents_of(const std::string& input, const selection& wanted) {
    std::vector<described_document> documents;
    if (input.ends_with(".json")) {  // its numbers as they are, in its own units
        for (flat_document& flat : read_flats_file(input)) {
            described_document d{.what = {}, .flat = std::move(flat)};
            d.what.id = d.flat.id;
            d.what.description = d.flat.description;
            if (const auto known = find_component(d.flat.id)) d.what = known->what;
            documents.push_back(std::move(d));
        }
        return documents;
    }
    record r = read_result(input);
    if (std::string wrong = select(r.measured, wanted); !wrong.empty())
        throw std::runtime_error(wrong);
    const settings s = current_settings();
    for (const std::string& id : components_of(r.measured)) {
        std::string json;
        write_json(r.measured, id, s, true, [&](std::string_view piece) { json += piece; });
        for (const profile& p : r.measured.profiles)
            if (const component_columns* c = p.find(id)) {
                documents.push_back({.what = c->what, .flat = read_flat(json)});
                break;
            }
    }
    return documents;
}

std::vector<described_document> read(const std::string& input, const selection& wanted) {
    try {
        return documents_of(input, wanted);
    } catch (const std::exception& e) {
        throw std::runtime_error(fmt::format("'{}': {}", shown(input), e.what()));
    }
}

}  // namespace

exit_code diff(const diff_request& request) {
    std::vector<described_document> before = read(request.before, request.shown);
    std::vector<described_document> now = read(request.now, request.shown);
    const settings s = current_settings();
    bool any = false;
    for (described_document& b : now)
        for (const described_document& a : before) {
            if (a.flat.id != b.flat.id) continue;
            const comparison c =
                compare(a.flat, std::move(b.flat), b.what.over_laps != combine::maximum);
            if (request.format == "json")
                write_diff_json(c, print);
            else
                write_diff_text(c, b.what, s, request.before, print);
            print("\n");
            any = true;
            break;
        }
    if (any) return ok;
    say(fmt::format("'{}' and '{}' have no component in common", shown(request.before),
                    shown(request.now)));
    return failed;
}

}  // namespace tim::cli
