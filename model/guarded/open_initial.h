// How numbers without bounds (model/system/unbounded.h) begin. GuardedSystem::initial says it of all other cells, and
// holds 0 for these: a state is initial when it agrees with one of `initial` but for them, and satisfies what is here.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/base/expected.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::model {

struct OpenInitial {
  std::vector<std::pair<CellId, ExprId>> values;  // the cell holds the value of the formula
  std::vector<CellId> resting;                    // the cell holds 0
  std::vector<ExprId> conditions;                 // true
};

/// What a system says of its numbers without bounds initially; its formulas stand in the table of `system`. Requires:
/// guarded_system() has accepted it.
OpenInitial open_initial(const TransitionSystem& system);

/// What is wrong with how they begin, in a sentence; empty: nothing. Numbers with bounds must not begin as those without
/// say, and these have to get their values in one place, from what does not change initially.
std::string problem_of_open_initial(const TransitionSystem& system);

}  // namespace quiesce::model
