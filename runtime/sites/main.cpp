// timemory-sites: function, file and line of places in programs and libraries, read from their
// debug information. A process by itself, because libdw shall not come into measured programs; what
// is damaged in a file ends only this one.
//
//     <path> TAB <build-id> TAB 0x<offset>    a line of standard input
//     <function> <file>:<line>                its line on standard output; empty if nothing is
//     known

#include <cxxabi.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

using freed = std::unique_ptr<void, decltype(&std::free)>;

std::string build_id_of(Dwfl_Module* module) {
    const unsigned char* bits = nullptr;
    GElf_Addr place = 0;
    const int length = dwfl_module_build_id(module, &bits, &place);
    std::string text;
    for (int i = 0; i < length; ++i) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", bits[i]);
        text += digits;
    }
    return text;
}

/// The compilation unit of an address. Not all compilers write the index of them.
Dwarf_Die* unit_of(Dwfl_Module* module, Dwarf_Addr address, Dwarf_Addr& bias) {
    if (Dwarf_Die* unit = dwfl_module_addrdie(module, address, &bias)) return unit;
    Dwarf_Die* unit = nullptr;
    while ((unit = dwfl_module_nextcu(module, unit, &bias)) != nullptr)
        if (dwarf_haspc(unit, address - bias) == 1) return unit;
    return nullptr;
}

/// The functions of a compilation unit by their addresses. The tree of the unit is walked once, and
/// not for each place again.
class function_index {
public:
    explicit function_index(Dwarf_Die* unit) {
        add_below(unit, 0);
        std::sort(ranges_.begin(), ranges_.end(),
                  [](const range& a, const range& b) { return a.low < b.low; });
        for (range& r : ranges_) r.reach = highest_ = std::max(highest_, r.high);
    }

    /// The innermost function, also if it is inlined; empty if there is none.
    [[nodiscard]] std::string name_at(Dwarf_Addr address) const {
        auto r = std::upper_bound(ranges_.begin(), ranges_.end(), address,
                                  [](Dwarf_Addr a, const range& b) { return a < b.low; });
        const range* innermost = nullptr;
        while (r != ranges_.begin() && (--r)->reach > address)
            if (address < r->high && (innermost == nullptr || r->depth > innermost->depth))
                innermost = &*r;
        return innermost != nullptr ? innermost->name : "";
    }

private:
    struct range {
        Dwarf_Addr low;
        Dwarf_Addr high;   ///< the first address behind it
        Dwarf_Addr reach;  ///< the greatest `high` of the ranges up to this one
        int depth;
        const char* name;  ///< libdw's
    };

    /// Wherever `parent` is itself: functions of a module of Fortran, or behind `contains`, are not
    /// among the addresses of what they are part of.
    void add_below(Dwarf_Die* parent, int depth) {
        Dwarf_Die child;
        for (int end = dwarf_child(parent, &child); end == 0;
             end = dwarf_siblingof(&child, &child)) {
            const int tag = dwarf_tag(&child);
            const bool is_function = tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
            if (!is_function && !has_functions(tag)) continue;
            if (const char* const name = is_function ? dwarf_diename(&child) : nullptr) {
                Dwarf_Addr base = 0;
                Dwarf_Addr low = 0;
                Dwarf_Addr high = 0;
                for (ptrdiff_t at = 0; (at = dwarf_ranges(&child, at, &base, &low, &high)) > 0;)
                    ranges_.push_back({low, high, 0, depth, name});
            }
            add_below(&child, depth + 1);
        }
    }
    static bool has_functions(int tag) {
        for (const int known :
             {DW_TAG_module, DW_TAG_lexical_block, DW_TAG_namespace, DW_TAG_class_type,
              DW_TAG_structure_type, DW_TAG_union_type, DW_TAG_try_block, DW_TAG_catch_block})
            if (tag == known) return true;
        return false;
    }

    std::vector<range> ranges_;
    Dwarf_Addr highest_ = 0;
};

std::string symbol_at(Dwfl_Module* module, Dwarf_Addr address) {
    const char* const name = dwfl_module_addrname(module, address);
    if (name == nullptr) return {};
    int status = 0;
    const freed plain{abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free};
    return plain ? static_cast<const char*>(plain.get()) : name;
}

/// A program or library, and what is known of places in it.
class module_file {
public:
    module_file(const std::string& path, const std::string& build_id)
        : session_{dwfl_begin(&callbacks), &dwfl_end} {
        if (!session_) return;
        dwfl_report_begin(session_.get());
        module_ = dwfl_report_elf(session_.get(), path.c_str(), path.c_str(), -1, 0, true);
        dwfl_report_end(session_.get(), nullptr, nullptr);
        GElf_Addr bias = 0;
        if (module_ != nullptr &&
            (dwfl_module_getelf(module_, &bias) == nullptr || build_id_of(module_) != build_id))
            module_ = nullptr;  // it was changed since
    }

    std::string name_of(Dwarf_Addr offset) {
        if (module_ == nullptr) return {};
        Dwarf_Addr bias = 0;
        std::string function;
        std::string line;
        if (Dwarf_Die* const unit = unit_of(module_, offset, bias)) {
            function = functions_in(unit).name_at(offset - bias);
            Dwarf_Line* const found = dwarf_getsrc_die(unit, offset - bias);
            const char* const file =
                found != nullptr ? dwarf_linesrc(found, nullptr, nullptr) : nullptr;
            int number = 0;
            if (file != nullptr && dwarf_lineno(found, &number) == 0)
                line =
                    std::filesystem::path{file}.filename().string() + ":" + std::to_string(number);
        }
        if (function.empty()) function = symbol_at(module_, offset);
        return function.empty() || line.empty() ? function + line : function + " " + line;
    }

private:
    const function_index& functions_in(Dwarf_Die* unit) {
        const auto [known, is_new] = functions_.try_emplace(dwarf_dieoffset(unit), nullptr);
        if (is_new) known->second = std::make_unique<function_index>(unit);
        return *known->second;
    }

    static constexpr Dwfl_Callbacks callbacks{.find_elf = dwfl_build_id_find_elf,
                                              .find_debuginfo = dwfl_standard_find_debuginfo,
                                              .section_address = dwfl_offline_section_address,
                                              .debuginfo_path = nullptr};

    std::unique_ptr<Dwfl, decltype(&dwfl_end)> session_;
    Dwfl_Module* module_ = nullptr;
    std::map<Dwarf_Off, std::unique_ptr<function_index>> functions_;  // by compilation unit
};

}  // namespace

int main() {
    unsetenv("DEBUGINFOD_URLS");  // nothing is fetched from elsewhere
    std::map<std::pair<std::string, std::string>, std::unique_ptr<module_file>> modules;
    std::string path;
    std::string build_id;
    std::string offset;
    while (std::getline(std::cin, path, '\t') && std::getline(std::cin, build_id, '\t') &&
           std::getline(std::cin, offset)) {
        std::unique_ptr<module_file>& file = modules[{path, build_id}];
        if (!file) file = std::make_unique<module_file>(path, build_id);
        std::cout << file->name_of(std::strtoull(offset.c_str(), nullptr, 16)) << '\n';
    }
}
