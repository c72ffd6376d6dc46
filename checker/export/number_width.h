// Whether the numbers of exported steps fit the other checkers, which calculate in 32 bits.
#pragma once

#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// Whether some formula that is written out may yield, also on the way to its value, a number beyond 32 bits. May say
/// yes without need: it knows the domains of cells only. O(size of the table and of what is written out).
bool needs_wide_numbers(const model::GuardedSystem& system);

}  // namespace quiesce::checker
