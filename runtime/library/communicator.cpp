#include "library/communicator.hpp"

#include "record/process_identity.hpp"
#include "system/installation.hpp"

#include <dlfcn.h>
#include <link.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>

namespace tim {
namespace {

/// The flavour of the MPI whose library has this file name; empty if it is not MPI's main library.
/// Open MPI 4 and 5 are libmpi.so.40; MPICH and those that keep its ABI are libmpi.so.12 and, from
/// Debian, libmpich.so.12.
std::string_view flavour_of(std::string_view file) {
    if (const auto slash = file.rfind('/'); slash != file.npos) file.remove_prefix(slash + 1);
    if (file.starts_with("libmpi.so.40")) return "openmpi";
    if (file.starts_with("libmpi.so.12") || file.starts_with("libmpich.so.12")) return "mpich";
    return {};
}

/// The soname that an object's dynamic section gives, or its file name.
std::string_view soname_of(const dl_phdr_info& object) {
    const ElfW(Dyn)* dynamic = nullptr;
    for (int i = 0; i < object.dlpi_phnum; ++i)
        if (object.dlpi_phdr[i].p_type == PT_DYNAMIC)
            dynamic =
                reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + object.dlpi_phdr[i].p_vaddr);
    const std::string_view file = object.dlpi_name ? object.dlpi_name : "";
    if (!dynamic) return file;
    ElfW(Addr) strings = 0;
    ElfW(Xword) soname = 0;
    for (; dynamic->d_tag != DT_NULL; ++dynamic) {
        if (dynamic->d_tag == DT_STRTAB) strings = dynamic->d_un.d_ptr;
        if (dynamic->d_tag == DT_SONAME) soname = dynamic->d_un.d_val;
    }
    // glibc has relocated the address of the strings, except in the vDSO's read-only section.
    if (!soname || strings < object.dlpi_addr) return file;
    return reinterpret_cast<const char*>(strings + soname);
}

struct mapped_objects {
    unsigned long long added = 0;  ///< how many objects were ever mapped
    bool only_count = false;
    std::string_view flavour;
};

int visit(dl_phdr_info* object, std::size_t, void* data) {
    auto& seen = *static_cast<mapped_objects*>(data);
    seen.added = object->dlpi_adds;
    if (seen.only_count) return 1;
    seen.flavour = flavour_of(object->dlpi_name ? object->dlpi_name : "");
    if (seen.flavour.empty()) seen.flavour = flavour_of(soname_of(*object));
    return seen.flavour.empty() ? 0 : 1;
}

/// Says why it can't, once in the job.
const communicator* open_communicator(std::string_view flavour) {
    const std::string name = "libtimemory-mpi-" + std::string(flavour) + ".so";
    const std::string beside = installation_folder() / name;
    std::string reason;
    for (const std::string& file : {beside, name}) {
        // RTLD_LOCAL: nothing in the program may find its symbols. Its need for libmpi is met by
        // the one that is mapped, even where mpi4py opened that with RTLD_LOCAL.
        if (void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
            const auto entry =
                reinterpret_cast<communicator_entry>(dlsym(library, communicator_symbol));
            const communicator* table = entry ? entry() : nullptr;
            if (table && table->version == communicator_version) return table;
            reason = file + " is of another version of timemory";
            break;
        }
        const char* error = dlerror();
        if (reason.empty() && error) reason = error;
    }
    if (launch_position_from_environment().value_or(launch_position{}).rank > 0) return nullptr;
    std::fprintf(stderr,
                 "timemory: cannot open %s (%s): the results of the ranks are not folded into one; "
                 "install it beside libtimemory.so\n",
                 name.c_str(), reason.c_str());
    return nullptr;
}

std::optional<std::uint32_t> number_from_environment(const char* name) {
    const char* text = std::getenv(name);
    if (!text) return {};
    std::uint32_t value = 0;
    const char* end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, value);
    if (error != std::errc() || stop != end) return {};
    return value;
}

std::atomic<const communicator*> found{nullptr};
std::atomic<bool> given_up{false};  // the library for the MPI here can't be opened
std::atomic<unsigned long long> looked_at{0};
std::mutex looking;

}  // namespace

const communicator* find_communicator() noexcept {
    if (const communicator* table = found.load(std::memory_order_acquire)) return table;
    if (given_up.load(std::memory_order_relaxed)) return nullptr;
    mapped_objects now;
    now.only_count = true;
    dl_iterate_phdr(visit, &now);
    if (now.added == looked_at.load(std::memory_order_relaxed)) return nullptr;

    // Not waiting for the lock: a thread in dlopen holds the loader's lock when a constructor of
    // the library begins a region, and the thread that looks here waits for the loader.
    const std::unique_lock lock(looking, std::try_to_lock);
    if (!lock) return nullptr;
    mapped_objects all;
    dl_iterate_phdr(visit, &all);
    try {
        if (!all.flavour.empty()) {
            const communicator* table = open_communicator(all.flavour);
            found.store(table, std::memory_order_release);
            if (!table) given_up = true;
            return table;
        }
    } catch (const std::exception&) {
        return nullptr;  // out of memory: looked at again next time
    }
    looked_at.store(all.added, std::memory_order_relaxed);
    return nullptr;
}

std::optional<launch_position> launch_position_from_environment() noexcept {
    struct names {
        const char* rank;
        const char* size;
        const char* also = nullptr;  // must be there too
    };
    static constexpr names launchers[] = {
        // torchrun may itself have been started by one of the others.
        {"RANK", "WORLD_SIZE", "TORCHELASTIC_RUN_ID"},
        {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
        {"PMI_RANK", "PMI_SIZE"},
        {"PMIX_RANK", "OMPI_COMM_WORLD_SIZE"},
        {"PMIX_RANK", "SLURM_STEP_NUM_TASKS"},
        {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS"},
        {"RANK", "WORLD_SIZE"},
    };
    for (const names& launcher : launchers) {
        if (launcher.also != nullptr && std::getenv(launcher.also) == nullptr) continue;
        const auto rank = number_from_environment(launcher.rank);
        const auto size = number_from_environment(launcher.size);
        if (rank && size && *rank < *size) return launch_position{*rank, *size};
    }
    return {};
}

std::string hydra_job() {
    if (std::getenv("PMI_RANK") == nullptr) return {};
    // A script may stand between the launcher and the program.
    constexpr int most_steps = 16;
    pid_t process = getppid();
    for (int i = 0; i < most_steps && process > 1; ++i) {
        const std::string folder = "/proc/" + std::to_string(process);
        std::ifstream arguments{folder + "/cmdline"};
        bool is_proxy = false;
        bool is_next = false;
        for (std::string word; std::getline(arguments, word, '\0');) {
            if (is_proxy && is_next) return word;
            is_proxy |= word.ends_with("hydra_pmi_proxy");
            is_next = word == "--control-port";
        }
        process = parent_of(process);
    }
    return {};
}

}  // namespace tim
