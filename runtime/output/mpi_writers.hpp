// The MPI summary as a user reads it, as programs read it, and as a picture.

#pragma once

#include "output/mpi_summary.hpp"
#include "output/writers.hpp"

namespace tim {

/// For a terminal: what is wrong in one sentence, then tables. Stays within some 150 lines however
/// many ranks and call paths there are.
void write_mpi_text(const mpi_summary& s, const sink& out);

/// Everything in the summary (`mpi.json`).
void write_mpi_json(const mpi_summary& s, const sink& out);

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

}  // namespace tim
