// The pass of the reduction (reduce.h) that forgets: a cell that is written before it is read on every way gets its
// rest value, so that states which differ in nothing that matters are one. Internal to this folder.
#pragma once

#include "model/system/reduce.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// Forgets in each context of `system` what it does not need any more, and counts that in `statistics`.
void forget_dead(TransitionSystem& system, ReductionStatistics& statistics);

}  // namespace quiesce::model
