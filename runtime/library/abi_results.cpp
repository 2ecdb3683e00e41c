// The C ABI: results that were written.

#include <memory>
#include <string>
#include <vector>

#include "input/result_file.hpp"
#include "library/abi.hpp"
#include "library/results.hpp"
#include "output/tables_writer.hpp"
#include "timemory/tools.h"

struct timemory_result {
    tim::record read;
};

namespace tim::abi {
namespace {

std::vector<std::string> listed(const result& r, std::string_view list) {
    std::vector<std::string> ids = components_of(r);
    std::erase_if(ids, [&](const std::string& id) {
        for (const profile& p : r.profiles)
            if (const component_columns* c = p.find(id))
                return !list.empty() && !is_listed(c->what, list);
        return true;
    });
    return ids;
}

}  // namespace
}  // namespace tim::abi

using namespace tim::abi;

extern "C" {

timemory_result* timemory_read_result(const char* path, char** why) {
    std::string reason;
    try {
        if (path == nullptr) throw std::runtime_error("no path is given");
        auto result = std::make_unique<timemory_result>();
        result->read = tim::read_result(path);
        return result.release();
    } catch (const std::exception& e) {
        reason = e.what();
    }
    if (why != nullptr && give(reason, why) != 0) *why = nullptr;
    return nullptr;
}

int timemory_get_from(const timemory_result* result, int format, const char* components,
                      char** text) {
    return guarded("timemory_get_from", [&] {
        if (result == nullptr || text == nullptr || format < TIMEMORY_TEXT ||
            format > TIMEMORY_TABLES)
            return complain(
                "timemory_get_from: the format is TIMEMORY_TEXT, _JSON, _TREE, _CSV, _METADATA or "
                "_TABLES, and neither the result nor text can be NULL");
        if (format == TIMEMORY_METADATA) return give(result->read.run.metadata, text);
        const tim::result& r = result->read.measured;
        if (format == TIMEMORY_TABLES) {
            std::string tables;
            tim::write_tables(r, [&tables](std::string_view piece) { tables += piece; });
            return give(tables, text);
        }
        return give(tim::text_of(r, listed(r, components != nullptr ? components : ""), format),
                    text);
    });
}

void timemory_free_result(timemory_result* result) {
    delete result;
}

}  // extern "C"
