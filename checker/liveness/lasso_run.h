// A lasso of the graph as a run of the system.
#pragma once

#include "checker/liveness/fair_loop.h"
#include "checker/result/result.h"

namespace quiesce::checker {

/// The run along `lasso`, with one numbering of CPUs and activations. Where the numbering is another one after a round
/// of the loop, the rounds are repeated until it closes: at most as often as there are renamings.
Run run_of(StateSpace& space, const StateGraph& graph, const Units& units, const GraphLasso& lasso);

}  // namespace quiesce::checker
