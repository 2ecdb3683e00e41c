// What the files of the C ABI share: nothing but calls into the library, with exceptions kept
// inside.

#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>

#include "library/lifecycle.hpp"
#include "record/regions.hpp"
#include "settings/say.hpp"
#include "timemory/timemory.h"

namespace tim::abi {

inline activity now() noexcept {
    return state.active.load(std::memory_order_relaxed);
}

inline bool is_off() noexcept {
    return now() == activity::off;
}

inline bool is_recording() noexcept {
    return now() == activity::on || now() == activity::scoped;
}

inline int complain(std::string_view what) noexcept {
    say(what);
    return -1;
}

/// Runs `work` at the boundary: an exception becomes one line and -1.
template <class Work>
int guarded(const char* call, Work work) noexcept {
    try {
        return work();
    } catch (const std::exception& e) {
        say(call);
        return complain(e.what());
    }
}

/// A copy that lives as long as the process, the same one for equal strings.
inline const char* kept(const std::string& text) {
    return intern(text).text.data();
}

template <class Info>
bool too_small(const Info* info) {
    return info == nullptr || info->size < sizeof(Info);
}

/// A copy that the caller frees with timemory_free().
inline int give(const std::string& text, char** to) {
    *to = static_cast<char*>(std::malloc(text.size() + 1));
    if (*to == nullptr) return complain("out of memory for a text");
    std::memcpy(*to, text.c_str(), text.size() + 1);
    return 0;
}

/// As much of `text` as there is room for, with a terminating zero.
inline void copy_text(const std::string& text, char* to, size_t size) {
    const std::size_t length = std::min(text.size(), size - 1);
    std::memcpy(to, text.data(), length);
    to[length] = 0;
}

/// What is wrong with the assignment; empty if it is done.
std::string assign_setting(const char* name, const char* value,
                           setting_origin from = setting_origin::code);

}  // namespace tim::abi
