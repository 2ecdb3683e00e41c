// The buffers that CUPTI writes records to.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace tim::gpu {

/// At most `most_buffers` of them, made when they are first needed and then used again: where the
/// program launches faster than records are read, CUPTI gets none and drops records, which it
/// counts. CUPTI's callbacks take and give buffers on any thread, under a lock that is held for
/// some nanoseconds.
class buffer_pool {
public:
    static constexpr std::size_t buffer_size = std::size_t{1} << 20;
    static constexpr std::size_t most_buffers = 64;

    struct filled {
        std::uint8_t* buffer;
        std::size_t size;  ///< bytes with records
    };

    /// Null where all are in use, or where there is no memory.
    std::uint8_t* take() noexcept;

    /// CUPTI has filled a buffer of the pool. One that another tool gave it is left alone.
    void give(std::uint8_t* buffer, std::size_t size) noexcept;

    /// The oldest that is filled; waits for one as long as that, or until wake().
    std::optional<filled> next(std::int64_t most_ns);
    void wake() noexcept;

    /// Its records were read.
    void free(std::uint8_t* buffer) noexcept;

    /// How often take() had none.
    [[nodiscard]] std::uint64_t refused() const noexcept;

private:
    struct unmap {
        void operator()(std::uint8_t* buffer) const noexcept;
    };
    mutable std::mutex lock_;
    std::condition_variable filled_some_;
    std::vector<std::unique_ptr<std::uint8_t, unmap>> all_;
    std::vector<std::uint8_t*> free_;
    std::vector<filled> filled_;  ///< oldest first
    std::uint64_t refused_ = 0;
    bool woken_ = false;
};

}  // namespace tim::gpu
