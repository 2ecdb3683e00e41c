// timemory-hdf5: between the bytes of HDF5 files and the records that timemory's other parts have.
//
//     timemory-hdf5 write < record > timemory.h5
//     timemory-hdf5 read < timemory.h5 > record
//
// A program of its own, because HDF5 is not safe beside a measured program: its library costs 10
// MiB and may be another one than the program's, it may be in use in another thread, it cannot let
// go of a file that can't be written, and it crashes on some files that were made to do that.
// Exits with 0, or 1 after one line on stderr.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "hdf5/schema.hpp"

namespace {

std::vector<std::byte> read_all(int from) {
    struct stat about {};
    std::size_t piece = 1 << 20;  // of a pipe
    if (fstat(from, &about) == 0 && S_ISREG(about.st_mode))
        piece = static_cast<std::size_t>(about.st_size) + 1;
    std::vector<std::byte> bytes;
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

void write() {
    const tim::record r = tim::deserialise_record(read_all(STDIN_FILENO));
    tim::hdf5::output_file file;
    tim::hdf5::write(file, r);
    write_all(file.image());
}

void read() {
    const std::vector<std::byte> bytes = read_all(STDIN_FILENO);
    const tim::record r = tim::hdf5::read(tim::hdf5::input_file{bytes});
    tim::serialise_record(r.measured, r.run, write_all);
}

/// Where memory is short, it is taken from us and not from the measured program, whose other
/// outputs don't need us.
void offer_to_die() {
    if (std::FILE* file = std::fopen("/proc/self/oom_score_adj", "w")) {
        std::fputs("1000", file);
        std::fclose(file);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc == 2 ? argv[1] : "";
    if (what != "read" && what != "write") {
        std::fputs("timemory: usage: timemory-hdf5 read|write\n", stderr);
        return 2;
    }
    offer_to_die();
    std::signal(SIGXFSZ, SIG_IGN);  // an error of write(2), with its line
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    int status = 0;
    try {
        what == "read" ? read() : write();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "timemory: %s\n", e.what());
        status = 1;
    }
    return status;
}
