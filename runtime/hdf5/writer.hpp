#pragma once

#include "hdf5/file.hpp"
#include "output/record.hpp"

namespace tim::hdf5 {

/// Throws error.
void write(output_file& file, const record& r);

}  // namespace tim::hdf5
