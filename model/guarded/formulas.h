// Formulas over the state before a step, from which a GuardedSystem is built: they stand in the table of its system,
// and cells that never change are folded away.
#pragma once

#include <cstdint>
#include <string>

#include "model/guarded/guarded_system.h"

namespace quiesce::model {

/// Thrown in this folder when a limit is reached; caught by guarded_system().
struct TooLarge {
  std::string why;
};

/// A reference with abbreviations: the classes that build parts of a GuardedSystem inherit it, each its own.
class Formulas {
 public:
  /// Requires: result.system and result.constant are there; `result` outlives this.
  explicit Formulas(GuardedSystem& result) : result_(result) {}

  GuardedSystem& result() { return result_; }
  const TransitionSystem& system() const { return result_.system; }
  ExprTable& table() { return result_.system.expressions; }

  ExprId constant(std::int64_t value) { return table().constant(value); }
  ExprId yes() { return constant(1); }
  ExprId no() { return constant(0); }
  bool is_false(ExprId id) const {
    std::int64_t value = 1;
    return system().expressions.is_constant(id, &value) && value == 0;
  }
  bool is_true(ExprId id) const {
    std::int64_t value = 0;
    return system().expressions.is_constant(id, &value) && value != 0;
  }

  ExprId conj(ExprId a, ExprId b) { return table().conjunction(a, b); }
  ExprId disj(ExprId a, ExprId b) { return table().disjunction(a, b); }
  ExprId negation(ExprId a) { return table().negation(a); }

  /// What a cell holds.
  ExprId cell(CellId id) {
    const auto& fixed = result_.constant[id.value];
    return fixed ? constant(*fixed) : table().load(id);
  }
  ExprId equals(CellId id, std::int64_t value) { return table().equal(cell(id), constant(value)); }

  /// Gives a formula a name; what it is used by from now on. A constant needs none.
  ExprId named(std::string name, std::string comment, ExprId formula);

 private:
  GuardedSystem& result_;
};

}  // namespace quiesce::model
