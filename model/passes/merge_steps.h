// The pass of the reduction (reduce.h) that merges steps: a step to a silent location runs its program in the
// same step.
#pragma once

#include "model/passes/back_map.h"
#include "model/passes/reduction_statistics.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// `system` with its steps merged. Locations that no step leads to any more stay (drop_unreachable.h). The map says at
/// which locations a step may continue within itself: the silent ones.
Passed merge_steps(TransitionSystem system, ReductionStatistics& statistics);

}  // namespace quiesce::model
