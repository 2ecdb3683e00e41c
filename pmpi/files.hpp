// The files that are open, by the names that they were opened with.

#pragma once

#include <cstdint>

#include "mpi_header.hpp"

namespace tim::mpip::files {

void opened(MPI_File file, const char* name) noexcept;
void closing(MPI_File file) noexcept;

/// timemory_text() of the name.
std::int64_t label(MPI_File file) noexcept;

}  // namespace tim::mpip::files
