// The pass of the reduction (reduce.h) that drops locations which merging has left without a way to them.
#pragma once

#include <vector>

#include "model/passes/back_map.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// Per location: no way leads to it and its program checks a rule. The text of such a check is still there, and a rule
/// that is checked somewhere differs from one that is checked nowhere.
std::vector<bool> find_dead_checks(const TransitionSystem& system);

/// `system` without the locations that no way leads to, but for those with `dead_checks`; the others are renumbered.
Passed drop_unreachable(TransitionSystem system, const std::vector<bool>& dead_checks);

}  // namespace quiesce::model
