#include "output/hdf5_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "settings/say.hpp"
#include "system/installation.hpp"

namespace tim {
namespace {

using clock = child_process::clock;

/// For reading a file: HDF5 goes round in circles on some that are damaged. A whole one takes a
/// hundredth of this.
std::chrono::seconds time_to_read(int file) {
    struct stat about {};
    fstat(file, &about);
    constexpr std::int64_t bytes_a_second = 1 << 20;
    return std::chrono::seconds{10 + about.st_size / bytes_a_second};
}

/// The program; empty if it is not installed.
std::string converter() {
    const std::filesystem::path folder = installation_folder();
    for (const char* place : {TIMEMORY_HDF5_FROM_LIBRARY, TIMEMORY_HDF5_FROM_COMMAND}) {
        std::string file = folder / place;
        if (access(file.c_str(), X_OK) == 0) return file;
    }
    return {};
}

/// Memory that another process can have as its input or output.
descriptor memory_file() {
    return descriptor{memfd_create("timemory", MFD_CLOEXEC)};
}

/// Starts `timemory-hdf5 <what>`.
child_process start(const char* what, int input, int output, pipe_ends& errors) {
    const std::string program = converter();
    if (program.empty()) throw std::runtime_error("this timemory was built without HDF5");
    child_process child{{program, what},
                        {.input = input, .output = output, .errors = errors.write.get()}};
    errors.write.reset();
    if (child.error() != 0)
        throw std::runtime_error(
            fmt::format("cannot run '{}': {}", program, std::strerror(child.error())));
    return child;
}

/// Throws where it did not end well; with `late` where it did not end in time.
void wait_for(child_process& child, pipe_ends& errors, clock::time_point deadline,
              const std::string& late) {
    const std::optional<std::string> said = read_until(errors.read.get(), deadline);
    const std::optional<int> status = child.wait(said ? deadline : clock::time_point::min());
    if (!status) throw std::runtime_error(late);
    if (const std::string line = last_line(said.value_or("")); !line.empty())
        throw std::runtime_error(shown(line, 300));  // it may quote what is in the file
    if (WIFSIGNALED(*status))
        throw std::runtime_error(fmt::format("timemory-hdf5 was ended by signal {} ({})",
                                             WTERMSIG(*status), strsignal(WTERMSIG(*status))));
    if (*status != 0) throw std::runtime_error("timemory-hdf5 failed");
}

}  // namespace

bool has_hdf5() {
    return !converter().empty();
}

hdf5_making::hdf5_making(const result& measured, std::chrono::seconds limit)
    : output_{memory_file()}, deadline_{clock::now() + limit} {
    const descriptor input = memory_file();
    if (!input || !output_ || !errors_.write) throw std::runtime_error(std::strerror(errno));
    serialise_record(measured, describe_run(),
                     [&](std::span<const std::byte> bytes) { write_all(input.get(), bytes); });
    lseek(input.get(), 0, SEEK_SET);
    child_ = start("write", input.get(), output_.get(), errors_);
}

void hdf5_making::finish(const sink& out) {
    wait_for(child_, errors_, deadline_, "timemory-hdf5 was not ready in time");
    const mapped_file made{output_.get()};
    out({reinterpret_cast<const char*>(made.bytes().data()), made.bytes().size()});
}

record read_hdf5(const std::string& path) {
    const descriptor input{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    const descriptor output = memory_file();
    pipe_ends errors;
    if (!input || !output || !errors.write) throw std::runtime_error(std::strerror(errno));
    child_process child = start("read", input.get(), output.get(), errors);
    const std::chrono::seconds limit = time_to_read(input.get());
    wait_for(child, errors, clock::now() + limit,
             fmt::format("it is damaged: HDF5 was not through with it in {} s", limit.count()));
    return deserialise_record(mapped_file{output.get()}.bytes());
}

}  // namespace tim
