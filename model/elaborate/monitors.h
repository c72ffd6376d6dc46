// Monitors at work. The reactions of a monitor are lowered like actions (ContextCode::lower_reaction), and then woven
// into the programs in which what they watch happens, so that all that comes after elaboration - every engine, every
// pass - sees ordinary operations.
#pragma once

#include <vector>

#include "model/elaborate/program_writer.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// Weaves the reactions into every program of `system`; those of one monitor stand together. A reaction is executed in
/// the step in which its event happens: after that call, return or start, and before anything else that this step does,
/// but behind what may still block or forbid the step. Of the reactions of one monitor to one event, the first one
/// whose condition is true is executed; conditions see what the step has done so far. Observers that no formula asks
/// for are removed from the system; their cells stay, and are always 0. O(operations x observers + woven operations).
void weave_monitors(TransitionSystem& system, const std::vector<Reaction>& reactions);

}  // namespace quiesce::model
