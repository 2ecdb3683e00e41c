// Collapsed stacks, as flamegraph.pl, inferno and speedscope read them: `main;solve;reduce 1234`.
//
// The format knows no escapes: what would end a frame or a line in a name becomes a character that
// looks like it.

#include <string>

#include "output/json_parts.hpp"
#include "output/printable.hpp"
#include "output/stacks.hpp"
#include "output/stream.hpp"
#include "output/writers.hpp"

namespace tim {

void write_collapsed(const result& r, std::string_view component_id, const settings&,
                     const sink& sink_of_text) {
    stream out{sink_of_text};
    std::string name;
    const auto frame = [&](std::string_view text) {
        name.clear();
        append_printable(text, name);
        for (char& c : name)
            if (c == ';') c = ':';
        out.write(name);
    };
    for (const profile* p : profiles_with(r, component_id)) {
        const view v{*p, component_id};
        stack_walk walk{v};
        for (std::uint32_t row = 0; row < v.rows().size(); ++row) {
            const auto& stack = walk.to(row);
            const std::uint64_t own = own_part(v, row);
            if (own == 0) continue;
            if (const std::string owner = owner_of(r, v, row); !owner.empty()) {
                out.write(owner);
                out.write(';');
            }
            for (const std::uint32_t above : stack) {
                frame(v.name(above));
                out.write(above == row ? ' ' : ';');
            }
            out.json(own);
            out.write('\n');
        }
    }
    out.finish();
}

}  // namespace tim
