// Two systems as one, side by side on the same CPUs: they share nothing but the scheduler, so that partial order has
// something to find.
#pragma once

#include "model/system/transition_system.h"

namespace quiesce {

/// Both systems at once. Requires: as many CPUs and the same pin level in both; rules of the same names are one rule.
/// Values of cells that name a slot are 0 or come from assignments (as those of random_system.h do).
model::TransitionSystem side_by_side(const model::TransitionSystem& left, const model::TransitionSystem& right);

}  // namespace quiesce
