// Expressions as text: part of print.h, for everything that prints them.
#pragma once

#include <string>

#include "model/system/transition_system.h"

namespace quiesce::model {

/// Binding strength as in docs/grammar.ebnf, loosest first.
enum Strength { kConditional = 1, kOr, kAnd, kComparison, kSum, kProduct, kUnary, kPrimary };

class ExprPrinter {
 public:
  explicit ExprPrinter(const TransitionSystem& system) : system_(system) {}

  /// `id` where something of strength `outer` or tighter is expected; constants as values of the type `hint`.
  std::string print(ExprId id, int outer, const ValueTypePtr& hint = nullptr) const;

  std::string place(const Place& place) const;

  /// The type of what `id` loads, when it is a load of typed cells.
  ValueTypePtr type_of(ExprId id) const;

 private:
  std::string binary(const BinaryExpr& e, int outer) const;

  const TransitionSystem& system_;
};

}  // namespace quiesce::model
