// Text on its way to a sink, in pieces of some tens of KiB.

#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "output/decimal.hpp"
#include "output/writers.hpp"
#include "profile/profile.hpp"
#include "settings/utf8.hpp"

namespace tim {

class stream {
public:
    explicit stream(const sink& out)
        : out_(out), buffer_(std::make_unique<std::array<char, capacity>>()) {}

    void write(std::string_view text) {
        if (text.size() > capacity - used_) return write_across(text);
        std::memcpy(buffer_->data() + used_, text.data(), text.size());
        used_ += text.size();
    }
    void write(char c) {
        *room(1) = c;
        ++used_;
    }
    void fill(char c, std::size_t count) {
        while (count > 0) {
            const std::size_t now = std::min<std::size_t>(count, 64);
            std::memset(room(now), c, now);
            used_ += now;
            count -= now;
        }
    }

    /// A JSON string: quoted and escaped. Bytes that are not UTF-8 become U+FFFD.
    void json_string(std::string_view text);
    void json(std::uint64_t value);
    void json(std::int64_t value);
    void json(int128 value);
    /// See write_shortest(). Equal numbers often follow each other, and cost one conversion.
    void json(double value) {
        if (std::bit_cast<std::uint64_t>(value) != std::bit_cast<std::uint64_t>(last_)) {
            last_ = value;
            last_size_ = static_cast<std::size_t>(write_shortest(value, last_text_.data()) -
                                                  last_text_.data());
        }
        write({last_text_.data(), last_size_});
    }

    /// Hands the rest to the sink. Nothing is written after it.
    void finish();

private:
    static constexpr std::size_t capacity = 64 * 1024;

    /// Space for `count` characters, at most 64.
    char* room(std::size_t count) {
        if (capacity - used_ < count) flush();
        return buffer_->data() + used_;
    }
    void flush();
    void write_across(std::string_view text);

    const sink& out_;
    std::unique_ptr<std::array<char, capacity>> buffer_;
    std::size_t used_ = 0;
    double last_ = 0;
    std::array<char, shortest_size> last_text_{'0', '.', '0'};
    std::size_t last_size_ = 3;
};

}  // namespace tim
