// What one step executed, operation by operation: the raw material of stories. The meaning is that of
// execute.h; this walks the one way through a program that a known step took, and only listens. Used after a search, on
// single runs, so speed does not matter.
#pragma once

#include <vector>

#include "model/interpret/state.h"

namespace quiesce::model {

/// An operation that a step executed and that stories speak about (statements, assignments, calls, returns, choices,
/// checks).
struct TraceEvent {
  const Op* op = nullptr;                         // in the system that was traced
  std::vector<std::vector<std::int32_t>> values;  // Enter: cells of each argument; Leave: of the result;
                                                  // Choose: {{value}}; Assign: {{number of the cell, new value}}
  bool failed = false;                            // Check: its condition was false
  State state;                                    // of a failed Check: the state at that moment, within the step
};

/// The operations that `step` executes when it is taken in `state`, in order. A step that breaks a core rule ends with
/// the failed check. Empty when `step` cannot be taken in `state`.
std::vector<TraceEvent> trace(const TransitionSystem& system, const State& state, const Step& step);

}  // namespace quiesce::model
