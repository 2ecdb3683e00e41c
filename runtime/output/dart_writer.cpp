// Measurements for CTest: tags that it finds in what a test prints, and puts into Test.xml.

#include <algorithm>
#include <string>
#include <vector>

#include "output/json_parts.hpp"
#include "output/printable.hpp"
#include "output/stream.hpp"
#include "output/view.hpp"
#include "output/writers.hpp"

namespace tim {
namespace {

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool equal_but_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string upper_case(std::string_view text) {
    std::string upper{text};
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return upper;
}

/// The names from the root to the row, with / between them.
std::string path_of(const view& v, std::size_t row) {
    std::vector<std::size_t> from_leaf;
    for (auto at = static_cast<std::uint32_t>(row); at != no_row; at = v.rows()[at].parent)
        from_leaf.push_back(at);
    std::string path;
    for (std::size_t i = from_leaf.size(); i-- > 0;) {
        append_printable(v.name(from_leaf[i]), path);
        if (i > 0) path += '/';
    }
    return path;
}

/// Who measured it, where several do: CTest keeps the last of equal names.
std::string owner_of(const result& r, const view& v, std::size_t row) {
    std::string owner;
    if (r.mpi && !r.collapsed_ranks && !v.of().ranks.empty())
        owner += "rank " + std::to_string(v.of().ranks.front().first) + "//";
    if (v.has_threads()) owner += "thread " + std::to_string(v.rows()[row].thread) + "//";
    return owner;
}

}  // namespace

std::string xml_escaped(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        switch (c) {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '"':
                safe += "&quot;";
                break;
            default:
                safe += c;
        }
    }
    return safe;
}

void write_dart(const result& r, std::string_view component_id, const settings& s,
                const sink& sink_of_text) {
    stream out{sink_of_text};
    std::uint64_t left = s.dart_count > 0 ? static_cast<std::uint64_t>(s.dart_count) : UINT64_MAX;
    for (const profile* p : profiles_with(r, component_id)) {
        const view v{*p, component_id, s};
        const component_description& what = v.what();
        if (!s.dart_type.empty() && !equal_but_case(s.dart_type, what.label) &&
            !equal_but_case(s.dart_type, what.id))
            return;
        for (std::size_t row = 0; row < v.rows().size() && left > 0; ++row, --left)
            for (std::size_t i = 0; i < v.elements().size(); ++i) {
                const component_element& element = v.elements()[i];
                std::string name = s.dart_label ? what.label : upper_case(what.label);
                if (!what.elements.empty()) name += "//" + element.label;
                if (!s.dart_label) name += "//" + owner_of(r, v, row) + path_of(v, row);
                std::string unit = element.unit == "%" ? "" : element.unit;
                std::erase(unit, ' ');
                if (!unit.empty()) name += "//" + unit;
                out.write(R"(<DartMeasurement type="numeric/double" name=")");
                out.write(xml_escaped(name));
                out.write("\">");
                out.json(v.total(row, i));
                out.write("</DartMeasurement>\n");
            }
    }
    out.finish();
}

}  // namespace tim
