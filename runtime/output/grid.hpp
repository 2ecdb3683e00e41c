// A small text table, whole in memory.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "output/stream.hpp"

namespace tim {

class grid {
public:
    struct column {
        std::string_view header;
        bool is_text = false;  ///< to the left; numbers stand to the right
    };

    grid(std::string title, std::vector<column> columns)
        : title_(std::move(title)), columns_(std::move(columns)) {}

    /// As many cells as there are columns, empty at first.
    std::vector<std::string>& add_row() { return rows_.emplace_back(columns_.size()); }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    void write(stream& out) const;

private:
    std::string title_;
    std::vector<column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace tim
