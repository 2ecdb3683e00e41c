#include "output/hdf5_file.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>

#include "settings/say.hpp"

namespace tim {
namespace {

namespace fs = std::filesystem;
using clock = child_process::clock;

/// Longer than any write that is not stuck: what is written is in memory.
constexpr std::chrono::seconds limit{60};

/// Folder of the library or the program that this code is in.
fs::path own_folder() {
    Dl_info self{};
    void* extra = nullptr;
    if (dladdr1(reinterpret_cast<void*>(&has_hdf5), &self, &extra, RTLD_DL_LINKMAP) == 0) return {};
    const std::string_view name = static_cast<const link_map*>(extra)->l_name;
    std::error_code error;
    // The program itself has no name there.
    const fs::path file = name.empty() ? fs::read_symlink("/proc/self/exe", error) : fs::path{name};
    return file.parent_path();
}

/// The program; empty if it is not installed.
std::string converter() {
    const fs::path folder = own_folder();
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

void write_all(int to, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = write(to, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw std::runtime_error(std::strerror(errno));
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
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

/// Throws where it did not end well.
void wait_for(child_process& child, pipe_ends& errors, clock::time_point deadline) {
    const std::optional<std::string> said = read_until(errors.read.get(), deadline);
    const std::optional<int> status = child.wait(said ? deadline : clock::time_point::min());
    if (!status) throw std::runtime_error(fmt::format("not ready within {} s", limit.count()));
    if (const std::string line = last_line(said.value_or("")); !line.empty())
        throw std::runtime_error(shown(line, 300));  // it may quote what is in the file
    if (WIFSIGNALED(*status))
        throw std::runtime_error(fmt::format("timemory-hdf5 was ended by signal {} ({})",
                                             WTERMSIG(*status), strsignal(WTERMSIG(*status))));
    if (*status != 0) throw std::runtime_error("timemory-hdf5 failed");
}

/// Calls `use` with all bytes of a file.
template <class Use>
auto with_bytes_of(int file, Use use) {
    struct stat about {};
    if (fstat(file, &about) != 0 || about.st_size == 0)
        throw std::runtime_error("there is nothing in it");
    const auto size = static_cast<std::size_t>(about.st_size);
    void* const bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED) throw std::runtime_error(std::strerror(errno));
    const auto unmap = [size](void* at) { munmap(at, size); };
    const std::unique_ptr<void, decltype(unmap)> mapped{bytes, unmap};
    return use(std::span{static_cast<const std::byte*>(bytes), size});
}

}  // namespace

bool has_hdf5() {
    return !converter().empty();
}

hdf5_making::hdf5_making(const result& measured)
    : output_{memory_file()}, deadline_{clock::now() + limit} {
    const descriptor input = memory_file();
    if (!input || !output_ || !errors_.write) throw std::runtime_error(std::strerror(errno));
    serialise_record(measured, describe_run(),
                     [&](std::span<const std::byte> bytes) { write_all(input.get(), bytes); });
    lseek(input.get(), 0, SEEK_SET);
    child_ = start("write", input.get(), output_.get(), errors_);
}

void hdf5_making::finish(const sink& out) {
    wait_for(child_, errors_, deadline_);
    with_bytes_of(output_.get(), [&](std::span<const std::byte> bytes) {
        out({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    });
}

record read_hdf5(const std::string& path) {
    const descriptor input{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    const descriptor output = memory_file();
    pipe_ends errors;
    if (!input || !output || !errors.write) throw std::runtime_error(std::strerror(errno));
    child_process child = start("read", input.get(), output.get(), errors);
    wait_for(child, errors, clock::now() + limit);
    return with_bytes_of(output.get(), deserialise_record);
}

}  // namespace tim
