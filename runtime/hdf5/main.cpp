// timemory-hdf5: between the bytes of HDF5 files and the records that timemory's other parts have.
//
//     timemory-hdf5 write < record > timemory.h5
//     timemory-hdf5 read < timemory.h5 > record
//
// A program of its own, because HDF5 is not safe beside a measured program: its library costs 10
// MiB and may be another one than the program's, it may be in use in another thread, it cannot let
// go of a file that can't be written, and it crashes on some files that were made to do that.
// Both are files, not pipes. Exits with 0, or 1 after one line on stderr.

#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <span>
#include <string_view>

#include "hdf5/reader.hpp"
#include "hdf5/writer.hpp"
#include "system/descriptor.hpp"

namespace {

void write() {
    const tim::record r = tim::deserialise_record(tim::mapped_file{STDIN_FILENO}.bytes());
    tim::hdf5::output_file file;
    tim::hdf5::write(file, r);
    tim::write_all(STDOUT_FILENO, file.image());
}

void read() {
    const tim::mapped_file bytes{STDIN_FILENO};
    const tim::record r = tim::hdf5::read(tim::hdf5::input_file{bytes.bytes()});
    tim::serialise_record(r.measured, r.run, [](std::span<const std::byte> piece) {
        tim::write_all(STDOUT_FILENO, piece);
    });
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
    // Nothing is given back before the end: fresh pages cost more than all else here.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 16 << 20);
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
