// Joint steps (docs/semantics.md, 4.11): a hand-over is one step of two contexts, and the system knows only steps of one.
// So the step is the giver's, whose program does what the taker's does, too: behind its own way to the `give` stands, for
// each context that may take, a test of where that stands, the taker's program, and an assignment to the taker's location
// cell in the place of its Goto. The taker's own program never comes past its `take`; it stays for the control flow, and
// for what goes wrong before. Which other side it is, where several may be, is a choice.
#pragma once

#include <vector>

#include "model/base/diagnostic.h"
#include "model/elaborate/program_writer.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// Puts the joint steps into the programs of `system`, and what the two sides wait for into the guards of their locations.
/// Requires: locations have their numbers, and nothing renumbers them afterwards. False after a diagnostic (E0647).
/// Cost: for each `give` the programs of all `take`s of the same hand-over, once for each activation.
bool join_steps(TransitionSystem& system, const std::vector<HandOverSite>& sites, Diagnostics& diagnostics);

}  // namespace quiesce::model
