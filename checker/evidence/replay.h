// No verdict without evidence: a run that an engine found is executed again by the reference interpreter before
// it is reported. Shares no code with the engines.
#pragma once

#include <string>

#include "checker/result/result.h"
#include "checker/result/search_control.h"
#include "model/base/expected.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

/// A run equivalent to `run`, with one numbering of CPUs and activations from beginning to end: states[0] is an initial
/// state, every states[i + 1] is a next state of states[i], and the states are renamings of those of `run`. The steps
/// are complete: actor, CPU, choices.
///
/// Nothing when `run` is none of the system; the sentence then says which step could not be repeated and what could be
/// done instead. Requires: run.states is not empty. Cost: the successors of every state of the run.
///
/// With a `control` it throws SearchStopped at a limit.
model::Expected<Run> replay(const model::Interpreter& interpreter, const Run& run,
                            const SearchControl* control = nullptr);

/// `finding` with its run replayed, and with the violation as the interpreter sees it. Empty when the run does not
/// replay or breaks no such rule at its end. A finding without a run (the absence of a witness) is returned as it is.
model::Expected<Finding> replay(const model::Interpreter& interpreter, const Finding& finding,
                                const SearchControl* control = nullptr);

}  // namespace quiesce::checker
