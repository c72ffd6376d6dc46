// Events for random systems: functions that steps enter and leave, and observers of them.
#pragma once

#include <vector>

#include "model/system/transition_system.h"
#include "tests/differential/random.h"

namespace quiesce {

/// Puts entries and returns of new functions into programs of `system`, where no step was merged, and adds observers of
/// them and of starts of handlers. The conditions that formulas ask: one for each observer.
std::vector<model::ExprId> add_events(model::TransitionSystem& system, Random& random);

}  // namespace quiesce
