// The tables beside the call tree as text.

#pragma once

#include "output/writers.hpp"

namespace tim {

/// By columns: `{"timemory":{"tables":{"<name>":{"description":…,"unit":"ns","keys":["rank",…],
/// "columns":{"rank":[…],…,"count":[…],"sum":[…],…}},…}}}`.
void write_tables(const result& r, const sink& out);

}  // namespace tim
