// How many bits the numbers of a guarded system need, so that bit-vectors of that width calculate as 64 bits would.
#pragma once

#include <vector>

#include "model/guarded/guarded_system.h"

namespace quiesce::model {

/// The least number of bits, at most 64, in which each part of each formula of `guarded` has its value as a signed
/// number, wherever all cells hold numbers of their domains. Also enough for the numbers of all cells, and for the
/// difference of two numbers of one domain where it is read without sign. O(size of the table).
unsigned number_width(const GuardedSystem& guarded);

/// The same for `formulas` alone, and the cells of `guarded` that are not constant.
unsigned number_width(const GuardedSystem& guarded, const std::vector<ExprId>& formulas);

}  // namespace quiesce::model
