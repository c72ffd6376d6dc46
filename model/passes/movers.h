// The pass of the reduction (reduce.h) that merges movers (Lipton, "Reduction", CACM 1975): the taking of a lock with
// the step after it, its release, the lowering of the level, the end of a handler and what a lock protects with the
// step before it. docs/reductions.md, Movers, has the conditions and the proof.
#pragma once

#include "model/passes/back_map.h"
#include "model/passes/reduction_statistics.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// `system` with its movers merged. Locations that no step leads to any more stay (drop_unreachable.h). Nothing is
/// merged where deadlocks are asked for, or where one waits at a pinned level for anything but a safe lock
/// (lock_use.h).
/// Cost: about linear in operations times cells / 64.
Passed merge_movers(TransitionSystem system, ReductionStatistics& statistics);

}  // namespace quiesce::model
