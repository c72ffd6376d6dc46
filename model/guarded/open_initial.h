// How numbers without bounds (model/system/unbounded.h) begin. GuardedSystem::initial says it of all other cells, and
// holds 0 for these: a state is initial when it agrees with one of `initial` but for them, and satisfies what is here.
#pragma once

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

/// That open_initial() can say how they begin; else what is in the way. Numbers with bounds must not begin as those
/// without say, and these have to get their values in one place, from what does not change initially.
Expected<void> may_begin(const TransitionSystem& system);

}  // namespace quiesce::model
