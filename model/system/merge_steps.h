// The pass of the reduction (reduce.h) that merges steps: a step to a silent location runs its program in the
// same step. Internal to this folder.
#pragma once

#include "model/system/reduce.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// Merges steps in `system` and counts them in `statistics`. Locations that no step leads to any more stay
/// (drop_unreachable.h).
void merge_steps(TransitionSystem& system, ReductionStatistics& statistics);

}  // namespace quiesce::model
