// timemory-hdf5: between HDF5 files and the records that timemory's other parts exchange.
//
//     timemory-hdf5 write FILE < record      makes or replaces FILE, whole or not at all
//     timemory-hdf5 read FILE > record
//
// A program of its own, because HDF5 is not safe beside a measured program: its library costs 10
// MiB and may be another one than the program's, it may be in use in another thread, it cannot let
// go of a file that can't be written, and it crashes on some files that were made to do that.
// Exits with 0, or 1 after one line on stderr.

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "hdf5/schema.hpp"

namespace {

std::vector<std::byte> read_all(int from) {
    std::vector<std::byte> bytes;
    constexpr std::size_t piece = 1 << 20;
    for (std::size_t size = 0;;) {
        bytes.resize(size + piece);
        const ssize_t count = ::read(from, bytes.data() + size, piece);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw std::runtime_error(std::strerror(errno));
        size += static_cast<std::size_t>(count);
        if (count > 0) continue;
        bytes.resize(size);
        return bytes;
    }
}

void write_all(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw std::runtime_error(std::strerror(errno));
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

void write(const std::string& path) {
    const tim::record r = tim::deserialise_record(read_all(STDIN_FILENO));
    const std::size_t slash = path.rfind('/');
    const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
    const std::string temporary =
        path.substr(0, name) + "." + path.substr(name) + "." + std::to_string(getpid()) + ".tmp";
    unlink(temporary.c_str());
    try {
        tim::hdf5::output_file file{temporary};
        tim::hdf5::write(file, r);
        file.close();
        if (std::rename(temporary.c_str(), path.c_str()) != 0)
            throw std::runtime_error(std::strerror(errno));
    } catch (...) {
        unlink(temporary.c_str());
        throw;
    }
}

void read(const std::string& path) {
    const tim::record r = tim::hdf5::read(tim::hdf5::input_file{path});
    tim::serialise_record(r.measured, r.run, write_all);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc == 3 ? argv[1] : "";
    if (what != "read" && what != "write") {
        std::fputs("timemory: usage: timemory-hdf5 read|write FILE\n", stderr);
        return 2;
    }
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    int status = 0;
    try {
        what == "read" ? read(argv[2]) : write(argv[2]);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "timemory: %s\n", e.what());
        status = 1;
    }
    // Not by exit(): HDF5 would try again to write what it could not.
    std::fflush(stdout);
    _exit(status);
}
