// The value of an expression (docs/semantics.md, 2.3): a tree walk over the cells of one state.
// Total: what could go wrong in the language was turned into checks by elaboration, see model/system/expression.h.
#pragma once

#include <cstdint>
#include <vector>

#include "model/interpret/state.h"

namespace quiesce::model {

/// What an expression may look at besides the cells.
struct Environment {
  const TransitionSystem& system;
  const State& state;
  std::uint32_t activation = 0;                      // SelfActivationExpr
  std::int64_t cpu = 0;                              // CurrentCpuExpr: 0 = none, c + 1
  const std::vector<std::int64_t>* temps = nullptr;  // TempExpr; null where no program is running
};

/// The value of `expr`. Numbers wrap at 64 bits, x / 0 and x % 0 are 0, truth values are 0 and 1.
std::int64_t evaluate(ExprId expr, const Environment& environment);

/// The cell that `place` means here: the first one when its index is out of bounds.
CellId resolve(const Place& place, const Environment& environment);

/// 1 when every location cell of `context` is 0.
bool is_idle(const TransitionSystem& system, ContextId context, const State& state);

}  // namespace quiesce::model
