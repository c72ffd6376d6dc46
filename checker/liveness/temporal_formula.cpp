#include "checker/liveness/temporal_formula.h"

#include <algorithm>

namespace quiesce::checker {
namespace {

using model::TemporalNode;
using model::TemporalOperator;

std::uint32_t number_of(std::vector<model::ExprId>& atoms, model::ExprId atom) {
  const auto known = std::find(atoms.begin(), atoms.end(), atom);
  if (known == atoms.end()) {
    atoms.push_back(atom);
    return static_cast<std::uint32_t>(atoms.size() - 1);
  }
  return static_cast<std::uint32_t>(known - atoms.begin());
}

}  // namespace

FormulaWithAtoms formula_of(const model::TemporalProperty& property, FormulaTable& table) {
  FormulaWithAtoms result;
  std::vector<FormulaId> made;
  for (const TemporalNode& node : property.formula) {
    const auto left = [&] { return made[node.left]; };
    const auto right = [&] { return made[node.right]; };
    const auto formula = [&] {
      switch (node.op) {
        case TemporalOperator::Atom:
          return table.atom(number_of(result.atoms, node.atom));
        case TemporalOperator::Not:
          return table.negation(right());
        case TemporalOperator::And:
          return table.conjunction({left(), right()});
        case TemporalOperator::Or:
          return table.disjunction({left(), right()});
        case TemporalOperator::Implies:
          return table.disjunction({table.negation(left()), right()});
        case TemporalOperator::Next:
          return table.next(right());
        case TemporalOperator::Eventually:
          return table.eventually(right());
        case TemporalOperator::Always:
          return table.always(right());
        case TemporalOperator::Until:
          return table.until(left(), right());
        case TemporalOperator::WeakUntil:
          return table.weak_until(left(), right());
        case TemporalOperator::Release:
          return table.release(left(), right());
        case TemporalOperator::LeadsTo:
          return table.always(table.disjunction({table.negation(left()), table.eventually(right())}));
        case TemporalOperator::Previously:
          return table.yesterday(right());
        case TemporalOperator::Once:
          return table.once(right());
        case TemporalOperator::Historically:
          return table.historically(right());
        case TemporalOperator::Since:
          return table.since(left(), right());
      }
      return FormulaId();
    };
    made.push_back(formula());
  }
  result.formula = made.back();
  result.quiet = result.atoms;
  for (const TemporalNode& node : property.formula) {
    if (node.quiet.valid()) result.quiet[number_of(result.atoms, node.atom)] = node.quiet;
  }
  return result;
}

}  // namespace quiesce::checker
