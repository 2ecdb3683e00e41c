// The MPI summary as a user reads it, as programs read it, and as a picture.

#pragma once

#include "output/mpi_summary.hpp"
#include "output/stream.hpp"
#include "output/writers.hpp"

namespace tim {

/// What to know first, a sentence each: what costs most, most first, or that nothing does; and
/// whether the ranks had cores.
std::vector<std::string> mpi_sentences(const mpi_summary& s);

/// For a terminal: what is wrong in one sentence, then tables. Stays within some 150 lines however
/// many ranks and call paths there are.
void write_mpi_text(const mpi_summary& s, const sink& out);

/// Everything in the summary (`mpi.json`).
void write_mpi_json(const mpi_summary& s, const sink& out);

/// What the HTML report shows of it, as JSON, however many ranks there are.
void write_mpi_page(const mpi_summary& s, const sink& out);

/// The communication matrix as SVG: a square for each pair of ranks that talked, or of groups of
/// ranks where there are many.
void write_mpi_svg(const mpi_summary& s, const sink& out);

/// The communication matrix in squares: at most `most` in a row.
struct matrix_tiles {
    std::int64_t first_rank = 0;
    std::int64_t ranks_per_tile = 1;
    std::int64_t tiles = 0;  ///< in a row
    struct tile {
        std::int64_t from = 0;  ///< number of the tile
        std::int64_t to = 0;
        std::uint64_t messages = 0;
        std::int64_t bytes = 0;
    };
    std::vector<tile> filled;  ///< ascending by (from, to)
    std::int64_t most_bytes = 0;
};
matrix_tiles tiles_of(const mpi_summary& s, std::int64_t most);

/// The matrix as letters, 32 in a row.
void write_mpi_matrix(const mpi_summary& s, stream& out);

}  // namespace tim
