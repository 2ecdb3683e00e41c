#pragma once

#include "hdf5/file.hpp"
#include "output/record.hpp"

namespace tim::hdf5 {

/// The record that was written: deserialise() must still see whether its profiles make sense.
/// Throws error.
record read(const input_file& file);

}  // namespace tim::hdf5
