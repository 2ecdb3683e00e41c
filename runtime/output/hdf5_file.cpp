#include "output/hdf5_file.hpp"

#include <dlfcn.h>
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
        const std::string file = folder / place;
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

/// Empty if it ended well, or why not.
std::string outcome(child_process& child, pipe_ends& errors, clock::time_point deadline) {
    const std::optional<std::string> said = read_until(errors.read.get(), deadline);
    const std::optional<int> status = child.wait(said ? deadline : clock::time_point::min());
    if (!status) return fmt::format("not ready within {} s", limit.count());
    std::string line = last_line(said.value_or(""));
    if (!line.empty()) return line;
    if (WIFSIGNALED(*status))
        return fmt::format("timemory-hdf5 was ended by signal {} ({})", WTERMSIG(*status),
                           strsignal(WTERMSIG(*status)));
    return *status == 0 ? "" : "timemory-hdf5 failed";
}

}  // namespace

bool has_hdf5() {
    return !converter().empty();
}

hdf5_writing::hdf5_writing(const result& measured, const std::string& path)
    : deadline_{clock::now() + limit} {
    const descriptor input = memory_file();
    if (!input || !errors_.write) {
        problem_ = std::strerror(errno);
        return;
    }
    try {
        serialise_record(measured, describe_run(),
                         [&](std::span<const std::byte> bytes) { write_all(input.get(), bytes); });
    } catch (const std::exception& e) {
        problem_ = e.what();
        return;
    }
    lseek(input.get(), 0, SEEK_SET);
    const std::string program = converter();
    child_ = child_process{
        {program, "write", path},
        {.input = input.get(), .output = errors_.write.get(), .errors = errors_.write.get()}};
    errors_.write.reset();
    if (child_.error() != 0)
        problem_ = fmt::format("cannot run '{}': {}", program, std::strerror(child_.error()));
}

std::string hdf5_writing::finish() {
    return problem_.empty() ? outcome(child_, errors_, deadline_) : problem_;
}

record read_hdf5(const std::string& path) {
    const std::string program = converter();
    if (program.empty())
        throw std::runtime_error("this timemory was built without HDF5, and can't read it");
    const descriptor output = memory_file();
    pipe_ends errors;
    if (!output || !errors.write) throw std::runtime_error(std::strerror(errno));
    child_process child{{program, "read", path},
                        {.output = output.get(), .errors = errors.write.get()}};
    errors.write.reset();
    if (child.error() != 0)
        throw std::runtime_error(
            fmt::format("cannot run '{}': {}", program, std::strerror(child.error())));
    if (const std::string problem = outcome(child, errors, clock::now() + limit); !problem.empty())
        throw std::runtime_error(problem);
    struct stat about {};
    fstat(output.get(), &about);
    const auto size = static_cast<std::size_t>(about.st_size);
    if (size == 0) throw std::runtime_error("timemory-hdf5 found nothing in it");
    void* const bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, output.get(), 0);
    if (bytes == MAP_FAILED) throw std::runtime_error(std::strerror(errno));
    const auto unmap = [size](void* at) { munmap(at, size); };
    const std::unique_ptr<void, decltype(unmap)> mapped{bytes, unmap};
    return deserialise_record({static_cast<const std::byte*>(bytes), size});
}

}  // namespace tim
