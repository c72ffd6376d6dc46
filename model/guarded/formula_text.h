// Formulas of guarded systems as one line of text, and back: how an invariant names them outside of a system's table.
//
//     (< c12 (+ c13 5))      the number in cell 12 is less than that in cell 13 and 5
//
// Operators are those of model/system/expression.h: ! - (one operand), && || == != < <= > >= + - * / % (two), ?
// (three).
#pragma once

#include <string>

#include "model/base/expected.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::model {

/// Requires: a formula (guarded_system.h) that mentions no named condition.
std::string formula_text(const ExprTable& table, ExprId formula);

/// Adds the formula to the table of `guarded`. An error when the text is none, or names a cell that is not there.
Expected<ExprId> read_formula(GuardedSystem& guarded, const std::string& text);

}  // namespace quiesce::model
