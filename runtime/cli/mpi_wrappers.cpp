#include "cli/mpi_wrappers.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include "system/installation.hpp"

namespace tim::cli {
namespace {

namespace fs = std::filesystem;

/// A file as execvp() finds it.
std::string in_path(const std::string& command) {
    if (command.find('/') != std::string::npos) return command;
    const char* path = std::getenv("PATH");
    std::istringstream folders{path != nullptr ? path : ""};
    for (std::string folder; std::getline(folders, folder, ':');) {
        std::string file = (folder.empty() ? "." : folder) + "/" + command;
        if (access(file.c_str(), X_OK) == 0) return file;
    }
    return {};
}

/// Bytes of a file, of which nothing is trusted.
class elf_file {
public:
    explicit elf_file(const std::string& path) {
        std::ifstream in{path, std::ios::binary};
        bytes_.assign(std::istreambuf_iterator<char>(in), {});
    }
    /// Whether there is a T at `offset`; then `value` is it.
    template <class T>
    [[nodiscard]] bool read(std::uint64_t offset, T& value) const {
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return false;
        std::memcpy(&value, bytes_.data() + offset, sizeof(T));
        return true;
    }
    [[nodiscard]] std::string text(std::uint64_t offset) const {
        if (offset >= bytes_.size()) return {};
        const char* begin = bytes_.data() + offset;
        return {begin, strnlen(begin, bytes_.size() - offset)};
    }

private:
    std::vector<char> bytes_;
};

bool is_open_mpi(std::string_view library) {
    return library.starts_with("libmpi.so.40") || library.starts_with("libmpi_") ||
           library.starts_with("libopen-rte.so");
}
bool is_mpich(std::string_view library) {
    return library.starts_with("libmpich") || library.starts_with("libmpi.so.12") ||
           library.starts_with("libmpifort.so.12") || library.starts_with("libmpicxx.so.12");
}

}  // namespace

std::string mpi_needed_by(const std::string& file) {
    const elf_file elf{file};
    Elf64_Ehdr header{};
    if (!elf.read(0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64)
        return {};
    std::vector<Elf64_Phdr> loaded;
    Elf64_Phdr dynamic{};
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr part{};
        if (!elf.read(header.e_phoff + std::uint64_t{i} * header.e_phentsize, part)) return {};
        if (part.p_type == PT_LOAD) loaded.push_back(part);
        if (part.p_type == PT_DYNAMIC) dynamic = part;
    }
    std::vector<std::uint64_t> names;
    std::uint64_t texts = 0;
    for (std::uint64_t at = 0; at < dynamic.p_filesz; at += sizeof(Elf64_Dyn)) {
        Elf64_Dyn entry{};
        if (!elf.read(dynamic.p_offset + at, entry) || entry.d_tag == DT_NULL) break;
        if (entry.d_tag == DT_NEEDED) names.push_back(entry.d_un.d_val);
        if (entry.d_tag != DT_STRTAB) continue;
        for (const Elf64_Phdr& part : loaded)
            if (entry.d_un.d_ptr - part.p_vaddr < part.p_filesz)
                texts = entry.d_un.d_ptr - part.p_vaddr + part.p_offset;
    }
    for (const std::uint64_t name : names) {
        const std::string library = elf.text(texts + name);
        if (is_mpich(library)) return "mpich";
        if (is_open_mpi(library)) return "openmpi";
    }
    return {};
}

std::string mpi_wrappers_for(const std::string& command, std::string& why) {
    const fs::path base = fs::path{installation_folder()} / TIMEMORY_MPIP_FROM_COMMAND;
    const auto library = [&](const std::string& mpi) {
        return (base / mpi / "libtimemory-mpip.so").lexically_normal().string();
    };
    std::vector<std::string> installed;
    for (const char* mpi : {"openmpi", "mpich"})
        if (access(library(mpi).c_str(), R_OK) == 0) installed.emplace_back(mpi);
    std::string mpi = mpi_needed_by(in_path(command));
    if (mpi.empty() && std::getenv("OMPI_COMM_WORLD_RANK") != nullptr) mpi = "openmpi";
    if (mpi.empty() && std::getenv("PMI_RANK") != nullptr) mpi = "mpich";
    if (mpi.empty() && installed.size() == 1) mpi = installed.front();
    if (mpi.empty())
        why = installed.empty()
                  ? "this timemory was built without MPI"
                  : fmt::format("'{}' does not say which MPI it has: preload one of {} yourself",
                                command, library("{openmpi,mpich}"));
    else if (access(library(mpi).c_str(), R_OK) != 0)
        why = fmt::format("there is no {}: build timemory with that MPI, too", library(mpi));
    else
        return library(mpi);
    return {};
}

}  // namespace tim::cli
