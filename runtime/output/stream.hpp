// Text on its way to a sink, in pieces of some tens of KiB.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "output/writers.hpp"
#include "profile/profile.hpp"
#include "settings/utf8.hpp"

namespace tim {

/// A double as JSON has it: with the fewest digits that read back as the same double, always with a
/// point or an exponent; `null` for what JSON has no number for (infinite, not a number).
class json_real {
public:
    explicit json_real(double value) noexcept;
    operator std::string_view() const noexcept { return {text_.data(), size_}; }

private:
    std::array<char, 32> text_;
    std::size_t size_;
};

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
        for (; count > 0; --count) write(c);
    }

    /// A JSON string: quoted and escaped. Bytes that are not UTF-8 become U+FFFD.
    void json_string(std::string_view text);
    void json(std::uint64_t value);
    void json(std::int64_t value);
    void json(int128 value);
    void json(double value) { write(json_real{value}); }

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
};

}  // namespace tim
