// File descriptors.

#pragma once

#include <unistd.h>

#include <cstddef>
#include <span>
#include <utility>

namespace tim {

/// A descriptor that is closed with its scope.
class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int number) noexcept : number_(number) {}
    ~descriptor() { reset(); }
    descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    void reset() noexcept {
        if (number_ >= 0) close(number_);
        number_ = -1;
    }
    [[nodiscard]] int get() const noexcept { return number_; }
    explicit operator bool() const noexcept { return number_ >= 0; }

private:
    int number_ = -1;
};

/// Throws std::runtime_error with the reason if not all can be written.
void write_all(int to, std::span<const std::byte> bytes);

/// The bytes of a file, in memory while this lives. Not of a pipe. Throws std::runtime_error.
class mapped_file {
public:
    explicit mapped_file(int file);
    ~mapped_file();
    mapped_file(const mapped_file&) = delete;
    mapped_file& operator=(const mapped_file&) = delete;
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

private:
    std::span<const std::byte> bytes_;
};

}  // namespace tim
