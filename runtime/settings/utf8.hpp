// UTF-8, as far as the library looks into texts of others.

#pragma once

#include <cstddef>
#include <string_view>

namespace tim {

/// Length of the UTF-8 sequence that `text` begins with, 0 if it begins with none (a stray byte, an
/// overlong form, a surrogate, a code point past U+10FFFF, a sequence cut short). `text` is not
/// empty.
std::size_t utf8_length(std::string_view text) noexcept;

}  // namespace tim
