// The formula of a property of infinite runs, as the translation to automata wants it.
#pragma once

#include <vector>

#include "checker/automata/formula.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

struct FormulaWithAtoms {
  FormulaId formula;
  std::vector<model::ExprId> atoms;  // by number
  std::vector<model::ExprId> quiet;  // the same where nothing happens any more
};

/// Requires: the property has a formula.
FormulaWithAtoms formula_of(const model::TemporalProperty& property, FormulaTable& table);

}  // namespace quiesce::checker
