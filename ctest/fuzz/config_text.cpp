// Configuration files as text.

#include "config_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    return feed_config(bytes, size, tim::config_format::text);
}
