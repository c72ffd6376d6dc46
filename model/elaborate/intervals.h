// Least and greatest numbers that expressions can yield, from the domains of the cells that they read, and whether the
// exact result of an operation on numbers may lie beyond 64 bits.
#pragma once

#include <optional>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// What an operation on numbers of two intervals can yield.
struct Arithmetic {
  Domain domain;           // within 64 bits
  bool may_leave = false;  // the exact result may lie beyond
};
Arithmetic arithmetic(BinaryOp op, Domain left, Domain right);
Arithmetic arithmetic(UnaryOp op, Domain operand);

/// The intervals of the expressions of a growing system, each computed once. Requires: the domain of a cell does not
/// change once an expression that reads it was asked for.
class Intervals {
 public:
  explicit Intervals(const TransitionSystem& system) : system_(&system) {}

  /// Amortised O(size of the expression) over all calls. Right for every value that the language evaluates: an
  /// operation whose exact result would lie beyond 64 bits has a check of core.range before it.
  Domain of(ExprId expr);

 private:
  template <typename Part>
  Domain compute(const Expr& node, const Part& part) const;

  const TransitionSystem* system_;
  std::vector<std::optional<Domain>> known_;  // by expression
};

}  // namespace quiesce::model
