// The pass of the reduction (reduce.h) that forgets: a cell that is written before it is read on every way gets its
// rest value, so that states which differ in nothing that matters are one.
#pragma once

#include "model/passes/back_map.h"
#include "model/passes/reduction_statistics.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// `system` in which each context forgets what it does not need any more. The map says which cells that are.
Passed forget_dead(TransitionSystem system, ReductionStatistics& statistics);

}  // namespace quiesce::model
