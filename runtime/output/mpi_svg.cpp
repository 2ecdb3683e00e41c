#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "output/mpi_writers.hpp"
#include "output/quantities.hpp"
#include "output/stream.hpp"

namespace tim {
namespace {

/// Squares in a row: more are too small to see.
constexpr std::int64_t most_tiles = 128;
constexpr double side = 640;   // of the matrix, in pixels
constexpr double left = 70;    // room for the numbers of the ranks
constexpr double above = 60;   // and for the title
constexpr double right = 130;  // and for the scale

/// From pale to dark, as the eye orders them (ColorBrewer's YlGnBu, for colour-blind readers too).
constexpr std::array colours{"#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4",
                             "#1d91c0", "#225ea8", "#253494", "#081d58"};

/// By factors: sizes of messages differ by orders of magnitude.
std::size_t shade(double bytes, double least, double most) {
    if (most <= least) return colours.size() - 1;
    const double part = std::log(bytes / least) / std::log(most / least);
    return static_cast<std::size_t>(std::clamp(part * static_cast<double>(colours.size()), 0.0,
                                               static_cast<double>(colours.size() - 1)));
}

void text(stream& out, double x, double y, const char* anchor, std::string_view what) {
    out.write(fmt::format(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>)"
                          "\n",
                          x, y, anchor, what));
}

}  // namespace

void write_mpi_svg(const mpi_summary& s, const sink& sink_of_text) {
    const matrix_tiles m = tiles_of(s, most_tiles);
    stream out{sink_of_text};
    const double width = left + side + right;
    const double height = above + side + 40;
    out.write(fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}" font-family="sans-serif" font-size="12">)"
        "\n"
        R"(<rect width="100%" height="100%" fill="white"/>)"
        "\n",
        width, height));
    text(out, left + side / 2, 20, "middle", "Bytes from one rank (down) to another (across)");
    const auto name = [&m](std::int64_t tile) {
        const std::int64_t first = tile * m.ranks_per_tile;
        return m.ranks_per_tile == 1 ? std::to_string(first)
                                     : fmt::format("{}-{}", first, first + m.ranks_per_tile - 1);
    };
    const double square = m.tiles > 0 ? side / static_cast<double>(m.tiles) : side;
    double least = static_cast<double>(m.most_bytes);
    for (const auto& t : m.filled)
        if (t.bytes > 0) least = std::min(least, static_cast<double>(t.bytes));
    const auto most = static_cast<double>(m.most_bytes);
    for (const auto& t : m.filled) {
        const auto bytes = static_cast<double>(t.bytes);
        out.write(fmt::format(
            R"(<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="{}"><title>{} to {}: {} messages, {}</title></rect>)"
            "\n",
            left + static_cast<double>(t.to) * square, above + static_cast<double>(t.from) * square,
            square, square, t.bytes > 0 ? colours[shade(bytes, least, most)] : "#eeeeee",
            name(t.from), name(t.to), t.messages, shown_bytes(t.bytes)));
    }
    out.write(
        fmt::format(R"(<rect x="{}" y="{}" width="{}" height="{}" fill="none" stroke="black"/>)"
                    "\n",
                    left, above, side, side));
    // Some sixteen numbers at each side.
    const std::int64_t step = (m.tiles + 15) / 16;
    for (std::int64_t tile = 0; tile < m.tiles; tile += step) {
        const double middle = (static_cast<double>(tile) + 0.5) * square;
        const std::string first = std::to_string(tile * m.ranks_per_tile);
        text(out, left + middle, above - 8, "middle", first);
        text(out, left - 8, above + middle + 4, "end", first);
    }
    for (std::size_t c = 0; c < colours.size() && most > 0; ++c) {
        const double part = static_cast<double>(c) / static_cast<double>(colours.size());
        const double y = above + static_cast<double>(colours.size() - 1 - c) * 24;
        if (most <= least && c + 1 < colours.size()) continue;
        out.write(fmt::format(R"(<rect x="{:.0f}" y="{:.0f}" width="18" height="24" fill="{}"/>)"
                              "\n",
                              left + side + 16, y, colours[c]));
        text(out, left + side + 40, y + 16, "start",
             fmt::format("{}{}", most > least ? "from " : "",
                         shown_bytes(least * std::pow(most / least, part))));
    }
    out.write("</svg>\n");
    out.finish();
}

}  // namespace tim
