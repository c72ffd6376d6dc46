// Formulas over the state before a step, for whoever builds a GuardedSystem: they stand in the table of its system, and
// cells that never change are folded away.
#pragma once

#include <cstdint>
#include <string>

#include "checker/export/guarded_steps.h"

namespace quiesce::checker {

/// Thrown in this folder when a limit is reached; caught by guarded_steps().
struct TooLarge {
  std::string why;
};

/// A reference with abbreviations: the classes that build parts of a GuardedSystem inherit it, each its own.
class Formulas {
 public:
  /// Requires: result.system and result.constant are there; `result` outlives this.
  explicit Formulas(GuardedSystem& result) : result_(result) {}

  GuardedSystem& result() { return result_; }
  const model::TransitionSystem& system() const { return result_.system; }
  model::ExprTable& table() { return result_.system.expressions; }

  model::ExprId constant(std::int64_t value) { return table().constant(value); }
  model::ExprId yes() { return constant(1); }
  model::ExprId no() { return constant(0); }
  bool is_false(model::ExprId id) const {
    std::int64_t value = 1;
    return system().expressions.is_constant(id, &value) && value == 0;
  }
  bool is_true(model::ExprId id) const {
    std::int64_t value = 0;
    return system().expressions.is_constant(id, &value) && value != 0;
  }

  model::ExprId conj(model::ExprId a, model::ExprId b) { return table().conjunction(a, b); }
  model::ExprId disj(model::ExprId a, model::ExprId b) { return table().disjunction(a, b); }
  model::ExprId negation(model::ExprId a) { return table().negation(a); }

  /// What a cell holds.
  model::ExprId cell(model::CellId id) {
    const auto& fixed = result_.constant[id.value];
    return fixed ? constant(*fixed) : table().load(id);
  }
  model::ExprId equals(model::CellId id, std::int64_t value) { return table().equal(cell(id), constant(value)); }

  /// Gives a formula a name; what it is used by from now on. A constant needs none.
  model::ExprId named(std::string name, std::string comment, model::ExprId formula);

 private:
  GuardedSystem& result_;
};

}  // namespace quiesce::checker
