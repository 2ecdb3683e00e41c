// The LABEL column: who and how deep.

#pragma once

#include <cstddef>
#include <string>

#include "output/view.hpp"
#include "output/writers.hpp"

namespace tim {

/// What stands before the names in one profile of a result: `>>> `, `|0>>> ` (thread, or rank),
/// `|0|1>>> ` (rank and thread). Numbers are padded with zeros to the digits of their count.
class label_prefix {
public:
    label_prefix(const result& r, const view& v);

    /// Replaces `label` by the prefix and the indent of a row, without its name.
    void write(std::size_t row, std::string& label) const;

private:
    const view& view_;
    std::string rank_;
    bool threads_;
    std::size_t thread_digits_;
};

}  // namespace tim
