#include "system/descriptor.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace tim {

void write_all(int to, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = write(to, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw std::runtime_error(std::strerror(errno));
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

mapped_file::mapped_file(int file) {
    struct stat about {};
    if (fstat(file, &about) != 0) throw std::runtime_error(std::strerror(errno));
    if (about.st_size == 0) throw std::runtime_error("there is nothing in it");
    const auto size = static_cast<std::size_t>(about.st_size);
    void* const at = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (at == MAP_FAILED) throw std::runtime_error(std::strerror(errno));
    bytes_ = {static_cast<const std::byte*>(at), size};
}

mapped_file::~mapped_file() {
    munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace tim
