// The communication matrix: in squares for all that show it, and as letters.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "output/mpi_writers.hpp"
#include "output/quantities.hpp"
#include "output/stream.hpp"

namespace tim {

matrix_tiles tiles_of(const mpi_summary& s, std::int64_t most) {
    matrix_tiles m;
    if (s.matrix.empty()) return m;
    std::int64_t last = 0;
    for (const mpi_pair& p : s.matrix) last = std::max({last, p.from, p.to});
    if (!s.ranks.empty() && is_rank(s.ranks.back().rank))
        last = std::max(last, s.ranks.back().rank);
    m.ranks_per_tile = last / most + 1;
    m.tiles = last / m.ranks_per_tile + 1;
    std::map<std::pair<std::int64_t, std::int64_t>, matrix_tiles::tile> tiles;
    for (const mpi_pair& p : s.matrix) {
        const std::int64_t from = p.from / m.ranks_per_tile;
        const std::int64_t to = p.to / m.ranks_per_tile;
        matrix_tiles::tile& t = tiles[{from, to}];
        t.from = from;
        t.to = to;
        t.messages += p.messages;
        add(t.bytes, p.bytes);
        m.most_bytes = std::max(m.most_bytes, t.bytes);
    }
    for (const auto& [where, t] : tiles) m.filled.push_back(t);
    return m;
}

void write_mpi_matrix(const mpi_summary& s, stream& out) {
    constexpr std::int64_t most_tiles = 32;  // in a row
    constexpr std::string_view shades = ".:-=+*#%@";
    const matrix_tiles m = tiles_of(s, most_tiles);
    if (m.filled.empty()) return;
    out.write("COMMUNICATION MATRIX: bytes from the rank at the left to the rank above\n");
    out.write(
        fmt::format("@ is more than half of {}, and each shade of {} twice the one before it\n\n",
                    shown_bytes(m.most_bytes), shades));
    const auto label = [&m](std::int64_t tile) {
        return std::to_string(m.first_rank + tile * m.ranks_per_tile);
    };
    const std::size_t width = label(m.tiles - 1).size();
    // The numbers of the ranks, from top to bottom.
    for (std::size_t digit = 0; digit < width; ++digit) {
        out.fill(' ', width + 2);
        for (std::int64_t to = 0; to < m.tiles; ++to) {
            const std::string text = label(to);
            const std::size_t lead = width - text.size();
            out.write(digit < lead ? ' ' : text[digit - lead]);
            out.write(' ');
        }
        out.write('\n');
    }
    auto next = m.filled.begin();
    for (std::int64_t from = 0; from < m.tiles; ++from) {
        out.write(fmt::format("{:>{}} |", label(from), width));
        std::int64_t at = 0;
        for (; next != m.filled.end() && next->from == from; ++next) {
            out.fill(' ', static_cast<std::size_t>(2 * (next->to - at)));
            const double part =
                static_cast<double>(next->bytes) / static_cast<double>(m.most_bytes);
            const double below = part > 0 ? -std::log2(part) : 99;
            const auto shade = static_cast<std::size_t>(
                std::max(0.0, static_cast<double>(shades.size()) - 1 - std::floor(below)));
            out.write(m.most_bytes == 0 ? '.' : shades[shade]);
            out.write(' ');
            at = next->to + 1;
        }
        out.fill(' ', static_cast<std::size_t>(2 * (m.tiles - at)));
        out.write("|\n");
    }
    out.write('\n');
}

}  // namespace tim
