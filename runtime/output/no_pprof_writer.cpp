// In place of pprof_writer.cpp where protobuf or zlib were not found.

#include <stdexcept>

#include "output/writers.hpp"

namespace tim {

void write_pprof(const result&, const std::vector<std::string>&, const settings&, const sink&) {
    throw std::runtime_error(
        "this timemory was built without the format pprof, which takes protobuf and zlib "
        "(Debian's libprotobuf-dev, protobuf-compiler and zlib1g-dev)");
}

}  // namespace tim
