// timemory.h5: the complete record of a job as an HDF5 file, written and read by the program
// `timemory-hdf5`, so that no HDF5 comes into the measured program.

#pragma once

#include <chrono>
#include <string>

#include "output/child_process.hpp"
#include "output/record.hpp"

namespace tim {

/// Whether this installation has the program.
bool has_hdf5();

/// A file that is being written beside whatever else is done.
class hdf5_writing {
public:
    /// Begins to write `path`, which is replaced when the new file is whole.
    hdf5_writing(const result& measured, const std::string& path);

    /// Waits for the end. Empty if the file is there, or one line of why it is not. Once.
    std::string finish();

private:
    pipe_ends errors_;
    child_process child_;
    child_process::clock::time_point deadline_;
    std::string problem_;
};

/// Throws std::runtime_error with one line, whatever the file is.
record read_hdf5(const std::string& path);

}  // namespace tim
