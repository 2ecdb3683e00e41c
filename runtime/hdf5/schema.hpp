// What a result looks like as HDF5: docs/outputs/hdf5.md describes it.

#pragma once

#include "hdf5/file.hpp"
#include "output/record.hpp"

namespace tim::hdf5 {

inline constexpr std::uint32_t schema_version = 1;

/// Throws error.
void write(output_file& file, const record& r);

/// The record that was written: deserialise() must still see whether its profiles make sense.
/// Throws error.
record read(const input_file& file);

}  // namespace tim::hdf5
