// What a number without bounds is compared with: the comparisons of a system, in the one form in which they are predicates
// (predicates.h).
#pragma once

#include <set>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::checker {

/// Which expressions of a table, which may grow, have a number without bounds as their value.
class OpenNumbers {
 public:
  /// `system` outlives this.
  explicit OpenNumbers(const model::TransitionSystem& system) : system_(system) {}

  bool is_open(model::ExprId id);

  /// The comparison that `id` is, if it reads a number without bounds.
  const model::BinaryExpr* comparison(model::ExprId id);

 private:
  bool known(model::ExprId id) const { return known_[id.value]; }
  bool look(const model::Expr& expr) const;

  const model::TransitionSystem& system_;
  std::vector<bool> known_;
};

/// A comparison in the one form in which it is a predicate, and whether it is its negation.
struct Atom {
  model::ExprId formula;
  bool is_negated = false;
};
Atom atom_of(model::ExprTable& table, model::BinaryExpr comparison);

/// The comparison as a formula in which no side of a comparison is chosen by a condition, as an element of an array is by its
/// index: the choice is made between comparisons. The comparison itself where nothing is chosen.
model::ExprId without_choices(model::ExprTable& table, const model::BinaryExpr& comparison);

/// Adds the predicates that tell the truth of all comparisons of a formula with numbers without bounds.
void add_atoms(model::ExprTable& table, OpenNumbers& numbers, model::ExprId formula, std::set<model::ExprId>& atoms);

/// The cells that a formula reads, arrays by their first one.
std::set<model::CellId> cells_of(const model::ExprTable& table, model::ExprId formula);

}  // namespace quiesce::checker
