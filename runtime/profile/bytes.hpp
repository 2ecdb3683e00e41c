// Numbers as bytes, in little-endian order, and what takes them one after the other.

#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tim {

static_assert(std::endian::native == std::endian::little ||
              std::endian::native == std::endian::big);

template <class T>
void store(std::byte* to, T value) noexcept {
    std::memcpy(to, &value, sizeof value);
    if constexpr (std::endian::native == std::endian::big) std::reverse(to, to + sizeof value);
}

template <class T>
T load(const std::byte* from) noexcept {
    std::byte bytes[sizeof(T)];
    std::memcpy(bytes, from, sizeof bytes);
    if constexpr (std::endian::native == std::endian::big) {
        std::reverse(bytes, bytes + sizeof bytes);
    }
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

/// Counts the bytes that a writer would write, so that the buffer is allocated once.
class byte_counter {
public:
    template <class T>
    void put(T) {
        size_ += sizeof(T);
    }
    void bytes(std::string_view text) { size_ += text.size(); }
    template <class T, class Get>
    void column(std::size_t rows, Get) {
        size_ += rows * sizeof(T);
    }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    std::size_t size_ = 0;
};

class byte_writer {
public:
    explicit byte_writer(std::byte* at) : at_(at) {}
    template <class T>
    void put(T value) {
        store(at_, value);
        at_ += sizeof(T);
    }
    void bytes(std::string_view text) {
        if (!text.empty()) std::memcpy(at_, text.data(), text.size());
        at_ += text.size();
    }
    template <class T, class Get>
    void column(std::size_t rows, Get get) {
        for (std::size_t i = 0; i < rows; ++i) put<T>(get(i));
    }

private:
    std::byte* at_;
};

/// Hands the bytes on in pieces, so that they are never whole in memory.
class piece_writer {
public:
    explicit piece_writer(std::function<void(std::span<const std::byte>)> put)
        : put_(std::move(put)), piece_(capacity) {}
    template <class T>
    void put(T value) {
        if (capacity - used_ < sizeof(T)) flush();
        store(piece_.data() + used_, value);
        used_ += sizeof(T);
    }
    void bytes(std::string_view text) {
        if (capacity - used_ < text.size()) flush();
        if (text.size() > capacity) return put_(std::as_bytes(std::span{text}));
        if (!text.empty()) std::memcpy(piece_.data() + used_, text.data(), text.size());
        used_ += text.size();
    }
    template <class T, class Get>
    void column(std::size_t rows, Get get) {
        for (std::size_t i = 0; i < rows;) {
            if (capacity - used_ < sizeof(T)) flush();
            const std::size_t end = std::min(rows, i + (capacity - used_) / sizeof(T));
            std::byte* at = piece_.data() + used_;
            used_ += (end - i) * sizeof(T);
            for (; i < end; ++i, at += sizeof(T)) store<T>(at, get(i));
        }
    }
    void flush() {
        if (used_ > 0) put_(std::span{piece_}.first(used_));
        used_ = 0;
    }

private:
    static constexpr std::size_t capacity = 64 * 1024;
    std::function<void(std::span<const std::byte>)> put_;
    std::vector<std::byte> piece_;
    std::size_t used_ = 0;
};

}  // namespace tim
