// Which cells matter inside a step only: every step that gives such a cell another number gives it its rest value back
// before it ends, so it rests in every state and a stored state need not hold it. Merging of steps and forgetting of
// what is dead (model/passes/reduce.h) make many of them.
#pragma once

#include "model/system/cell_set.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// The cells that hold their rest value in every state between two steps, proven on the text of all programs, reachable
/// or not: initially at rest, and on every way through every program the last assignment, if any, is of the rest value.
/// Never a location, level, CPU or affinity cell, which the scheduler writes. Of cells that a renaming of CPUs or
/// activations exchanges all or none. O(operations x cells / 64).
CellSet step_local_cells(const TransitionSystem& system);

}  // namespace quiesce::model
