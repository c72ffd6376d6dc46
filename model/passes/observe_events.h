// The pass that lets formulas over infinite runs see events: the cells that they ask (TransitionSystem::observers) are
// set by the steps that do what is observed, and reset by every other step of anything.
#pragma once

#include "model/passes/back_map.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// `system` with its observers at work, and formulas that know what they see where nothing happens any more
/// (TemporalNode::quiet). Nothing else changes: the runs are those of `system`, with these cells added. A system
/// without observers comes back as it is. Requires: no step was merged, and every program marks what it enters and
/// leaves.
/// O(operations x observers).
Passed observe_events(TransitionSystem system);

}  // namespace quiesce::model
