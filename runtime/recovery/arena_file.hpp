// The arenas that processes left in a folder, or are still recording into.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "record/layout.hpp"

namespace tim {

/// The bytes of an arena's file.
class arena_file {
public:
    /// How the bytes are had.
    enum class access : std::uint8_t {
        copied,  ///< as they are now: of a process that has ended
        mapped,  ///< as they will be: of a process that goes on
    };

    /// Throws std::runtime_error, saying why, where it is no arena that this version can read.
    /// Follows no symbolic link, and takes no file of another user (but as root).
    arena_file(std::string path, access how);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
    [[nodiscard]] const arena_record& header() const noexcept {
        return *reinterpret_cast<const arena_record*>(memory_.get());
    }
    /// Of a copied file: to be completed by what is known from elsewhere.
    [[nodiscard]] arena_record& header() noexcept {
        return *reinterpret_cast<arena_record*>(memory_.get());
    }

private:
    struct unmap {
        std::size_t size;
        void operator()(std::byte* p) const noexcept;
    };

    std::string path_;
    std::unique_ptr<std::byte, unmap> memory_;  ///< begins at a page
    std::span<const std::byte> bytes_;
};

/// The files in a folder that have the name of an arena, in the order of their names; none if the
/// folder can't be read.
std::vector<std::string> arenas_in(const std::string& folder);

/// Whether the process that an arena belongs to is on this machine and has not ended.
bool is_running(const arena_record& header);

/// Removes the arenas of this user in a folder that nobody needs: of processes that have ended,
/// whose results were delivered, or that have not changed for a day.
void remove_old_arenas(const std::string& folder) noexcept;

}  // namespace tim
