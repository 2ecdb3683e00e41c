// Names that profiles have in common.

#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace tim {

/// A text that does not change. Copies share it: 8 bytes each, and a profile that is merged from
/// others has no copy of their names. Copies may be made and dropped on several threads at once.
class shared_name {
public:
    shared_name() noexcept = default;  // empty

    template <class Text>
    requires std::convertible_to<const Text&, std::string_view> &&
        (!std::same_as<Text, shared_name>)shared_name(const Text& like_a_string) {
        const std::string_view text = like_a_string;
        if (text.empty()) return;
        void* memory = ::operator new(sizeof(block) + text.size());
        block_ = new (memory) block{.size = static_cast<std::uint32_t>(text.size())};
        std::memcpy(reinterpret_cast<char*>(block_ + 1), text.data(), text.size());
    }

    shared_name(const shared_name& other) noexcept : block_(other.block_) {
        if (block_ != nullptr) block_->owners.fetch_add(1, std::memory_order_relaxed);
    }
    shared_name(shared_name&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    shared_name& operator=(shared_name other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~shared_name() {
        if (block_ == nullptr) return;
        if (block_->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        block_->~block();
        ::operator delete(block_);
    }

    operator std::string_view() const noexcept {
        if (block_ == nullptr) return {};
        return {reinterpret_cast<const char*>(block_ + 1), block_->size};
    }
    [[nodiscard]] std::size_t size() const noexcept { return std::string_view(*this).size(); }
    friend bool operator==(const shared_name& a, const shared_name& b) noexcept {
        return a.block_ == b.block_ || std::string_view(a) == std::string_view(b);
    }
    friend bool operator==(const shared_name& a, std::string_view b) noexcept {
        return std::string_view(a) == b;
    }

private:
    struct block {  // the text stands behind it
        std::atomic<std::uint32_t> owners{1};
        std::uint32_t size;
    };

    block* block_ = nullptr;
};

}  // namespace tim
