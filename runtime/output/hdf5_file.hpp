// timemory.h5: the complete record of a job as an HDF5 file, written and read by the program
// `timemory-hdf5`, so that no HDF5 comes into the measured program.

#pragma once

#include <chrono>
#include <string>

#include "output/record.hpp"
#include "output/writers.hpp"
#include "system/child_process.hpp"

namespace tim {

/// Whether this installation has the program.
bool has_hdf5();

/// The bytes of a timemory.h5 that are being made beside whatever else is done.
class hdf5_making {
public:
    /// Begins. `measured` may change afterwards. What is not ready within `limit` is given up.
    hdf5_making(const result& measured, std::chrono::seconds limit);

    /// Waits for the end and puts the bytes out. Throws std::runtime_error with one line, before
    /// the first byte, if they can't be made. Once.
    void finish(const sink& out);

private:
    descriptor output_;
    pipe_ends errors_;
    child_process child_;
    child_process::clock::time_point deadline_;
};

/// A file's record. Throws std::runtime_error with one line, whatever the file is.
record read_hdf5(const std::string& path);

}  // namespace tim
