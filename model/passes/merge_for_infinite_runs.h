// The system on which it is proved that no infinite run breaks a formula: steps that no formula can observe are
// merged with the step before them. docs/reductions.md, Infinite runs, says why that changes no verdict.
#pragma once

#include <optional>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// `system` with its silent steps merged (merge_steps.h); none when a formula of a rule that is checked could count
/// steps: it says `next` or `previously`, or asks for an event. There is no way back for runs: what is violated here is
/// to be looked for in `system`. Requires: `system` was made by reduce_for_infinite_runs.
std::optional<TransitionSystem> merge_for_infinite_runs(const TransitionSystem& system);

}  // namespace quiesce::model
