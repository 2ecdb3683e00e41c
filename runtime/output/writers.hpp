// Writers: profile → text. Each is a pure function on a result; files.hpp puts the text where it
// belongs.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "profile/profile.hpp"
#include "settings/settings.hpp"

namespace tim {

struct run_description;

/// Takes the next piece of an output. Writers call it with pieces of some tens of KiB, so that no
/// output is ever whole in memory.
using sink = std::function<void(std::string_view)>;

/// The text table of one component (`<label>.txt`). `banner` is off for get_text().
void write_text(const result& r, std::string_view component_id, const settings& s, bool banner,
                const sink& out);

/// The flat JSON of one component (`<label>.json`): the whole document, or only the value of its
/// key under "timemory" when `document` is false.
void write_json(const result& r, std::string_view component_id, const settings& s, bool document,
                const sink& out);

/// The tree JSON of one component (`<label>.tree.json`).
void write_tree(const result& r, std::string_view component_id, const settings& s, bool document,
                const sink& out);

/// One JSON document with several components: what write_json() or write_tree() has of each.
void write_document(const result& r, const std::vector<std::string>& component_ids,
                    decltype(write_json)& write_one, const settings& s, const sink& out);

/// Whether a component has a flame graph: those that measure time and of which the parts add up.
bool has_flamegraph(const component_description& what);

/// The rows of such a component as a Chrome trace (`<label>.flamegraph.json`).
void write_flamegraph(const result& r, std::string_view component_id, const settings& s,
                      const sink& out);

/// The rows of a component of which has_stacks() holds as collapsed stacks, in raw units (ns,
/// bytes): `main;solve;reduce 1234`. Rows without a part of their own have no line.
void write_collapsed(const result& r, std::string_view component_id, const settings& s,
                     const sink& out);

/// All such components as a file of speedscope.
void write_speedscope(const result& r, const std::vector<std::string>& component_ids,
                      const settings& s, const sink& out);

/// All rows of the components as one page for a browser, with what is known of the run. Throws
/// std::runtime_error where this was built without the page.
void write_html(const result& r, const run_description& run,
                const std::vector<std::string>& component_ids, const settings& s, const sink& out);

/// The components, of which has_stacks() holds, in pprof's format, compressed. Throws where that is
/// not built in.
void write_pprof(const result& r, const std::vector<std::string>& component_ids, const settings& s,
                 const sink& out);

/// All rows of the components as one table with commas between its columns.
void write_csv(const result& r, const std::vector<std::string>& component_ids, const settings& s,
               const sink& out);

/// A parameter of a scaling experiment, such as the number of ranks.
struct parameter {
    std::string name;
    double value = 0;
};

/// The totals of every call path for Extra-P (JSON Lines), of one rank, and how often it was
/// called, as the metric `visits`.
void write_extrap(const result& r, const std::vector<std::string>& component_ids,
                  const std::vector<parameter>& parameters, const settings& s, const sink& out);

/// The text table of one component over the ranks of the job: of each row's total on them the
/// least, the greatest, where they are, and the imbalance (greatest / mean - 1, with the mean over
/// all ranks). Rows whose ranks can't be told any more show `-`.
void write_rank_table(const result& r, std::string_view component_id, const settings& s,
                      const sink& out);

/// A text table of where the processes of the job ran, with how many threads, and how they ended;
/// nothing where that is not known.
void write_process_table(const result& r, const sink& out);

/// The text table of one component as a table of Markdown.
void write_markdown(const result& r, std::string_view component_id, const settings& s,
                    const sink& out);

/// The totals of the first `dart_count` rows of one component as `<DartMeasurement>` tags, one a
/// line. Nothing if `dart_type` names another component.
void write_dart(const result& r, std::string_view component_id, const settings& s, const sink& out);

/// Text as the value of an attribute in XML.
std::string xml_escaped(std::string_view text);

/// `{"timemory":{"functions":{"<name>":[hash,…]}}}` (`functions.json`): the names of all regions,
/// with the hashes that they have in `<label>.json`.
void write_functions(const result& r, const sink& out);

/// Ids of the components that have rows in any profile of the result, in the order of output,
/// timemory 3's: cpu_clock, wall_clock, other times, then as in the component table, then the
/// user's.
std::vector<std::string> components_of(const result& r);

}  // namespace tim
