#include "scale/memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace tim::scale {

std::size_t in_use = 0;
std::size_t most_in_use = 0;

namespace {

constexpr std::size_t header = alignof(std::max_align_t);  // holds the size, before the block

void* allocate(std::size_t size) noexcept {
    auto* memory = static_cast<char*>(std::malloc(header + size));
    if (memory == nullptr) return nullptr;
    *reinterpret_cast<std::size_t*>(memory) = size;
    in_use += size;
    most_in_use = std::max(most_in_use, in_use);
    return memory + header;
}

void release(void* block) noexcept {
    if (block == nullptr) return;
    char* memory = static_cast<char*>(block) - header;
    in_use -= *reinterpret_cast<std::size_t*>(memory);
    std::free(memory);
}

}  // namespace
}  // namespace tim::scale

void* operator new(std::size_t size) {
    void* block = tim::scale::allocate(size);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}
// Of std::stable_sort. A sanitizer would bring its own where only the other is replaced.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return tim::scale::allocate(size);
}
void operator delete(void* block) noexcept {
    tim::scale::release(block);
}
void operator delete(void* block, std::size_t) noexcept {
    tim::scale::release(block);
}
void operator delete(void* block, const std::nothrow_t&) noexcept {
    tim::scale::release(block);
}
