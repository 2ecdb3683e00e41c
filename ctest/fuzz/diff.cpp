// Earlier results, which diff_output, `timemory report` and timemory.load read: the JSON documents
// of this version and of timemory 3.

#include "output/diff.hpp"

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "input/flat_result.hpp"
#include "settings/utf8.hpp"

namespace {

constexpr std::string_view other =
    R"({"timemory":{"wall_clock":{"type":"wall","unit_value":1000000000,
"unit_repr":"sec","ranks":[{"rank":0,"graph":[{"hash":1,"prefix":">>> main","depth":0,
"entry":{"laps":1,"value":2,"accum":2,"repr_data":2},"stats":{"sum":2,"mean":2,"min":2,"max":2,"stddev":0},
"rolling_hash":1},{"hash":2,"prefix":">>> |_a","depth":1,"entry":{"laps":1,"accum":1}}]}]}}})";

void expect_readable(std::string_view line) {
    for (std::size_t i = 0; i < line.size();) {
        const std::size_t length = tim::utf8_length(line.substr(i));
        if (length == 0 || (line[i] >= 0 && line[i] < ' ')) std::abort();
        i += length;
    }
}

/// What is read can be compared both ways, and what is written then is JSON again.
void expect_comparable(const tim::flat_document& before, const tim::flat_document& now) {
    const tim::comparison c = tim::compare(before, now, true);
    std::string text;
    tim::write_diff_json(c, [&](std::string_view piece) { text += piece; });
    if (!nlohmann::json::accept(text)) std::abort();
    if (tim::read_flat(text).rows.size() != c.rows.size()) std::abort();
    std::string table;
    tim::component_description what;
    what.id = what.label = what.description = "wall";
    tim::write_diff_text(c, what, {}, "input", [&](std::string_view piece) { table += piece; });
    if (table.empty()) std::abort();
}

/// What is made of it is a result as any other: it can be sent and read again.
void expect_whole(const tim::flat_document& read) {
    const tim::result made = tim::result_of(read);
    for (const tim::profile& rank : made.profiles)
        if (tim::serialise(tim::deserialise(tim::serialise(rank))) != tim::serialise(rank))
            std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const tim::flat_document base = tim::read_flat(other);
    try {
        const std::string_view text{reinterpret_cast<const char*>(bytes), size};
        const tim::flat_document read = tim::read_flat(text);
        expect_comparable(read, read);
        expect_comparable(base, read);
        expect_comparable(read, base);
        expect_whole(read);
    } catch (const tim::malformed_document& e) {
        expect_readable(e.what());
    }
    return 0;
}
