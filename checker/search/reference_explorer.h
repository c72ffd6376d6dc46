// The reference explorer: breadth first with an ordered map and a queue over the reference interpreter. The simplest
// code that can be right; slow (some thousand states per second), not for large systems. It is the yardstick for every
// other engine, in tests and with `--engine reference`, which gives it the system before any pass, so that it shares no
// mistake of a reduction. Uses nothing of checker/ but result/. It also finds initial states by itself, up to 200,000
// combinations of their values; beyond, it shares the enumerator of model/interpret with all engines.
#pragma once

#include "checker/result/exploration.h"

namespace quiesce::checker {

/// Explores all states that `system` can reach, within the limits of `options`.
///
/// States are canonical (Interpreter::canonical); so are those of the runs, which are shortest: every state is judged
/// when it is first reached, and a step when it is generated, so findings come in the order of their length.
/// A state that breaks a core rule has no successors. At the depth limit states are judged, not expanded, and the limit
/// is reported when there was such a state. The memory limit compares with an estimate, not with what the process uses.
Exploration explore_reference(const model::TransitionSystem& system, const SearchOptions& options);

}  // namespace quiesce::checker
