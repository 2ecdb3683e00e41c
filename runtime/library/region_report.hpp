// What destructor_report asks for: a line for each region that ends.

#pragma once

#include "record/regions.hpp"

namespace tim {

/// Prints on stdout what the region has come to in this process, over all paths of its name: as
/// Python's markers with `report_at_exit` do. Takes a snapshot: costs as much as the profile is
/// large.
void print_region(region_id region);

}  // namespace tim
