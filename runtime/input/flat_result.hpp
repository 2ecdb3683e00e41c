// A `<label>.json` as a result again: ours or timemory 3's.

#pragma once

#include "input/flat_document.hpp"
#include "profile/profile.hpp"

namespace tim {

/// The result that a document was made of, as far as it says it: counts and integer totals are
/// exact up to 2^53, statistics as exact as they were written. A component that is not known here
/// keeps the names and units that it has in the document; its values are added up.
result result_of(const flat_document& document);

}  // namespace tim
