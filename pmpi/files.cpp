#include "files.hpp"

#include "handle_table.hpp"
#include "timemory/tools.h"

namespace tim::mpip::files {
namespace {

struct open_file {
    std::int64_t label = 0;
};
handle_table<open_file> open_files;

}  // namespace

void opened(MPI_File file, const char* name) noexcept {
    const std::int64_t label = timemory_text(name);
    open_files.insert(bits_of(file), [label](open_file& f) { f.label = label; });
}

void closing(MPI_File file) noexcept {
    open_files.remove(bits_of(file), [](open_file&) {});
}

std::int64_t label(MPI_File file) noexcept {
    const open_file* known = open_files.find(bits_of(file));
    return known != nullptr ? known->label : timemory_text("unknown");
}

}  // namespace tim::mpip::files
