// The C ABI: life, results, signals and metadata.

#include <cstring>

#include "library/abi.hpp"
#include "library/results.hpp"
#include "library/signals.hpp"
#include "output/files.hpp"
#include "output/metadata.hpp"
#include "output/place.hpp"

using namespace tim::abi;

extern "C" {

void timemory_init(int argc, char** argv) {
    const bool given = argc > 0 && argv != nullptr && argv[0] != nullptr;
    if (given)
        guarded("timemory_init", [&] {
            tim::note_command_line({argv, argv + argc});
            return 0;
        });
    timemory_named_init_library(given ? argv[0] : "");
}

void timemory_init_library(int argc, char** argv) {
    timemory_init(argc, argv);
}

void timemory_named_init_library(const char* name) {
    guarded("timemory_init", [&] {
        tim::initialise(name != nullptr ? name : "");
        return 0;
    });
}

void timemory_finalize(void) {
    tim::finalize();
}

void timemory_finalize_library(void) {
    tim::finalize();
}

int timemory_library_is_initialized(void) {
    return tim::is_initialised() ? 1 : 0;
}

void timemory_mark_child(void) {
    tim::mark_child();
}

int timemory_report(const char* path) {
    return guarded("timemory_report", [&] {
        const std::string problem = tim::report(path != nullptr ? path : "");
        return problem.empty() ? 0 : complain("timemory_report: " + problem);
    });
}

void timemory_pause(void) {
    tim::pause();
}

void timemory_resume(void) {
    tim::resume();
}

int timemory_enable_signal_detection(const int* signals, size_t count) {
    return guarded("timemory_enable_signal_detection", [&] {
        tim::ensure_settings();
        if (!tim::current_settings().allow_signal_handler)
            return complain("signals are not handled: the setting 'allow_signal_handler' is off");
        if (signals == nullptr) count = 0;
        return tim::add_signals({signals, count}) ? 0 : -1;
    });
}

void timemory_disable_signal_detection(void) {
    guarded("timemory_disable_signal_detection", [] {
        tim::release_signals();
        return 0;
    });
}

int timemory_add_metadata(const char* label, const char* value) {
    if (label == nullptr || value == nullptr)
        return complain("timemory_add_metadata: a label and a value are needed");
    return guarded("timemory_add_metadata", [&] {
        tim::add_metadata(label, value);
        return 0;
    });
}

int timemory_get_metadata(char** text) {
    if (text == nullptr) return complain("timemory_get_metadata: nowhere to put the text");
    return guarded("timemory_get_metadata", [&] {
        *text = strdup(tim::metadata_document(tim::last_written()).c_str());
        return *text != nullptr ? 0 : complain("timemory_get_metadata: out of memory");
    });
}

int timemory_write_metadata(int mode) {
    if (mode < -1 || mode > 1)
        return complain(
            "timemory_write_metadata: accepted are -1 (never), 0 (beside other files) "
            "and 1 (always)");
    tim::set_write_metadata(mode);
    return 0;
}

int timemory_get(int format, const char* components, char** text) {
    return guarded("timemory_get", [&] {
        if (text == nullptr || format < TIMEMORY_TEXT || format > TIMEMORY_CSV)
            return complain(
                "timemory_get: the format is TIMEMORY_TEXT, _JSON, _TREE or _CSV, and text can't "
                "be NULL");
        const std::string out = tim::local_text(format, components != nullptr ? components : "");
        return give(out, text);
    });
}

void timemory_free(void* memory) {
    std::free(memory);
}

int timemory_clear(const char* components) {
    return guarded("timemory_clear", [&] {
        tim::clear(components != nullptr ? components : "");
        return 0;
    });
}

void timemory_notice_mpi(void) {
    tim::notice_mpi();
}

const char* timemory_version(void) {
    return TIMEMORY_VERSION;
}

}  // extern "C"
