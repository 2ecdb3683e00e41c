#include "call_sites.hpp"

#include <elf.h>
#include <limits.h>
#include <link.h>
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "timemory/tools.h"

namespace tim::mpip {
namespace {

constexpr std::size_t most_frames = 64;
constexpr std::size_t most_sites = 65536;  // of a thread

// ---- The stack

struct stack {
    std::uintptr_t from;  ///< frames above this one are ours
    std::size_t wanted;
    std::size_t count = 0;
    std::array<std::uintptr_t, most_frames> addresses;
};

_Unwind_Reason_Code visit_frame(_Unwind_Context* frame, void* data) {
    auto& s = *static_cast<stack*>(data);
    const std::uintptr_t address = _Unwind_GetIP(frame);
    if (address == 0) return _URC_END_OF_STACK;
    if (s.count == 0 && address != s.from) return _URC_NO_REASON;
    s.addresses[s.count++] = address;
    return s.count < s.wanted ? _URC_NO_REASON : _URC_END_OF_STACK;
}

// ---- Modules

std::string build_id_in(const char* at, const char* end) {
    while (static_cast<std::size_t>(end - at) >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        std::memcpy(&note, at, sizeof note);
        const char* const name = at + sizeof note;
        const char* const bytes = name + (note.n_namesz + 3) / 4 * 4;
        at = bytes + (note.n_descsz + 3) / 4 * 4;
        if (at > end) break;
        if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 ||
            std::memcmp(name, ELF_NOTE_GNU, 4) != 0)
            continue;
        std::string text;
        for (std::size_t i = 0; i < note.n_descsz; ++i) {
            char digits[3];
            std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(bytes[i]));
            text += digits;
        }
        return text;
    }
    return {};
}

/// The program itself has no name in the loader's list.
std::string path_of(const char* name) {
    std::array<char, PATH_MAX> path;
    if (*name != 0) return realpath(name, path.data()) != nullptr ? path.data() : name;
    const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
    return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : "program";
}

std::string build_id_of(const dl_phdr_info& info) {
    for (const ElfW(Phdr) & s : std::span(info.dlpi_phdr, info.dlpi_phnum)) {
        if (s.p_type != PT_NOTE || s.p_align > 4) continue;
        const char* const notes = reinterpret_cast<const char*>(info.dlpi_addr + s.p_vaddr);
        if (std::string id = build_id_in(notes, notes + s.p_memsz); !id.empty()) return id;
    }
    return {};
}

std::int64_t other_sites() noexcept {
    static const std::int64_t text = timemory_text("(other places)");
    return text;
}

}  // namespace

void call_sites::forget_unloaded() {
    const auto count_them = [](dl_phdr_info* info, std::size_t, void* count) {
        *static_cast<unsigned long long*>(count) = info->dlpi_subs;
        return 1;  // the same for all modules
    };
    unsigned long long unloaded = 0;
    dl_iterate_phdr(count_them, &unloaded);
    if (unloaded == unloaded_) return;
    unloaded_ = unloaded;
    modules_.clear();
    labels_.clear();
}

const call_sites::module* call_sites::module_of(std::uintptr_t address) {
    const auto known = std::find_if(modules_.begin(), modules_.end(),
                                    [=](const module& m) { return m.has(address); });
    if (known != modules_.end()) return &*known;
    module found{.address = address, .segments = {}, .path = {}, .build_id = {}};
    if (dl_iterate_phdr(visit_module, &found) == 0) return nullptr;
    return &modules_.emplace_back(std::move(found));
}

/// Stops at the module that has the address of `data`, and describes it there.
int call_sites::visit_module(dl_phdr_info* info, std::size_t, void* data) {
    module& m = *static_cast<module*>(data);
    m.segments.clear();
    for (const ElfW(Phdr) & s : std::span(info->dlpi_phdr, info->dlpi_phnum))
        if (s.p_type == PT_LOAD) m.segments.push_back({info->dlpi_addr + s.p_vaddr, s.p_memsz});
    if (!m.has(m.address)) return 0;
    m.base = info->dlpi_addr;
    m.path = path_of(info->dlpi_name);
    m.build_id = build_id_of(*info);
    return 1;
}

/// The call is before the address that it returns to.
std::string call_sites::text_of_frame(std::uintptr_t address) {
    const module* const m = module_of(address - 1);
    if (m == nullptr) return "(generated code)";
    char offset[32];
    std::snprintf(offset, sizeof offset, "+0x%lx@",
                  static_cast<unsigned long>(address - 1 - m->base));
    return m->path + offset + m->build_id;
}

std::int64_t call_sites::label(std::uint64_t site) noexcept {
    static const std::int64_t none = timemory_text("");
    if (site == 0) return none;
    const auto known = labels_.find(site);
    if (known != labels_.end()) return known->second;
    // With more frames than one walk() has added it, unless there are too many.
    const std::uintptr_t address{site};
    return add(site, {&address, 1});
}

std::int64_t call_sites::add(std::uint64_t site,
                             std::span<const std::uintptr_t> addresses) noexcept {
    try {
        forget_unloaded();
        if (labels_.size() >= most_sites) return other_sites();
        std::string text;
        for (const std::uintptr_t address : addresses) {
            if (!text.empty()) text += " < ";
            text += text_of_frame(address);
        }
        return labels_.emplace(site, timemory_text(text.c_str())).first->second;
    } catch (const std::bad_alloc&) {
        return other_sites();
    }
}

std::uint64_t call_sites::walk(std::uintptr_t address, unsigned wanted) {
    stack s{.from = address, .wanted = std::min<std::size_t>(wanted, most_frames), .addresses = {}};
    _Unwind_Backtrace(visit_frame, &s);
    if (s.count == 0) s.addresses[s.count++] = address;  // there is no table to unwind by
    std::uint64_t site = 0;
    const auto addresses = std::span<const std::uintptr_t>(s.addresses).first(s.count);
    for (const std::uintptr_t a : addresses) site = (site ^ a) * 0x9E3779B97F4A7C15;
    site |= 1;  // 0 is none
    if (labels_.find(site) == labels_.end()) add(site, addresses);
    return site;
}

}  // namespace tim::mpip
