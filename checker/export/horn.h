// A transition system as constrained Horn clauses in SMT-LIB 2: which states are reached, and that none of them breaks
// a rule. What the clauses mean, and why clauses: docs/export.md.
#pragma once

#include <string>

#include "checker/export/export.h"
#include "model/base/expected.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// The script: one predicate over the numbers of the state, one clause for each initial state, for each command, and
/// for each way to break a rule that was asked for; then `check-sat`. Its answer is `sat` exactly when there is an
/// inductive invariant, that is, when no run breaks any of these rules. Truth values are Bool, all other numbers Int:
/// within their domains these calculate as the interpreter does. Not: renamings, rules that no formula stands for (a
/// comment names them). Requires: no numbers without bounds. Cost: (commands) x (cells), and the size of the formulas.
std::string horn_text(const model::GuardedSystem& guarded, const ExportOptions& options);

}  // namespace quiesce::checker
