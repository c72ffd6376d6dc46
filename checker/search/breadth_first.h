// Breadth-first explicit search: the default engine. Compiled successors (successor/), packed states in an exact hash
// set (store/), one thread.
#pragma once

#include "checker/result/exploration.h"

namespace quiesce::checker {

/// Explores all states that `system` can reach, within the limits of `options`; the same facts as explore_reference
/// (which says what they are), found faster. Deterministic.
///
/// States of runs are representatives (see Canonicalizer), not of one numbering of CPUs; evidence/replay.h makes a run
/// with one numbering. A run is found again after the search by searching backwards, layer by layer; that takes at
/// most as long as the search did.
///
/// Requires: a valid system (model/system/validate.h). Memory: 8 bytes per slot of the hash table plus the packed
/// state, about 20 bytes per state of up to 64 bits; the memory limit counts all that the search holds.
Exploration explore_breadth_first(const model::TransitionSystem& system, const SearchOptions& options);

}  // namespace quiesce::checker
