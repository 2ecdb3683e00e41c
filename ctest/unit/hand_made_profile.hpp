// Small profiles by hand, and what is in a profile by the texts of its paths.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "profile/merge.hpp"
#include "profile/profile.hpp"
#include "random_profile.hpp"

namespace tim::test {

struct entry {
    std::string name;                ///< "a/b"
    std::vector<std::int64_t> laps;  ///< of wall_clock; none: no row
};

/// A sealed profile of wall_clock (or `what`) on `rank`. A path comes after its parent.
inline profile hand_made(std::uint32_t rank, const std::vector<entry>& entries,
                         component_description what = describe("wall_clock")) {
    profile p;
    p.names = {""};
    p.paths = {{}};
    p.first_pid = 100 + rank;
    component_columns c;
    c.what = std::move(what);
    c.fields.resize(1);
    std::map<std::string, std::uint32_t> known = {{"", 0}};
    for (const entry& e : entries) {
        const std::size_t slash = e.name.rfind('/');
        const bool top = slash == std::string::npos;
        const auto i = static_cast<std::uint32_t>(p.paths.size());
        known[e.name] = i;
        p.names.push_back(top ? e.name : e.name.substr(slash + 1));
        p.paths.push_back({.parent = top ? 0 : known.at(e.name.substr(0, slash)),
                           .name = i,
                           .kind = path_kind::region,
                           .order = i});
        if (e.laps.empty()) continue;
        statistics s{.min = e.laps[0], .max = e.laps[0]};
        for (const std::int64_t v : e.laps) {
            s.sum += v;
            s.squares += static_cast<uint128>(int128{v} * v);
            s.min = std::min(s.min, v);
            s.max = std::max(s.max, v);
        }
        c.path.push_back(i);
        c.laps.push_back(e.laps.size());
        c.fields[0].value.push_back(c.what.over_laps == combine::sum ? s.sum : s.max);
        c.fields[0].laps.push_back(s);
        c.fields[0].ranks.push_back({});
    }
    p.components = {c};
    return seal(canonical(std::move(p), dimension::laps), rank, 8);
}

inline std::vector<std::string> texts(const profile& p) {
    std::vector<std::string> all;
    for (std::uint32_t i = 0; i < p.paths.size(); ++i) all.push_back(path_text(p, i));
    return all;
}

/// The row of a path, by its text; fails the test and gives 0 if there is none.
inline std::size_t row_of(const profile& p, const std::string& text, std::size_t component = 0) {
    const component_columns& c = p.components.at(component);
    for (std::size_t row = 0; row < c.path.size(); ++row) {
        if (path_text(p, c.path[row]) == text) return row;
    }
    ADD_FAILURE() << "no row of " << text;
    return 0;
}

inline std::int64_t value_of(const profile& p, const std::string& text) {
    return static_cast<std::int64_t>(p.components.at(0).fields[0].value[row_of(p, text)]);
}

using list = std::vector<std::string>;

}  // namespace tim::test
